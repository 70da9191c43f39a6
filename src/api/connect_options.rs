//! How an application connects and calls.

use std::time::Duration;

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::codec::{Format, to_bytes};
use super::error::Error;
use super::serialization::Serialization;
use super::value::bytes_to_json;
use crate::web::js::{object, set};

/// How to connect: [`Peer::connect`](crate::Peer::connect).
///
/// ```no_run
/// # use peerjs_wasm::{ConnectOptions, Error, Serialization};
/// # fn example() -> Result<(), Error> {
/// let chat = ConnectOptions::new().label("chat").metadata(&("Ada", 36))?;
/// let positions = ConnectOptions::new().ordered(false).max_retransmits(0);
/// # Ok(())
/// # }
/// ```
#[must_use]
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectOptions {
    pub(super) serialization: Serialization,
    label: Option<String>,
    /// In BinaryPack.
    metadata: Option<Vec<u8>>,
    priority: Option<Priority>,
    ordered: bool,
    max_retransmits: Option<u16>,
    max_packet_life_time: Option<Duration>,
    transform: SdpTransform,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            serialization: Serialization::default(),
            label: None,
            metadata: None,
            priority: None,
            ordered: true,
            max_retransmits: None,
            max_packet_life_time: None,
            transform: SdpTransform::default(),
        }
    }
}

impl ConnectOptions {
    /// Messages as BinaryPack, all of them, in order.
    pub fn new() -> Self {
        Self::default()
    }

    /// How messages become bytes.
    pub fn serialization(mut self, serialization: Serialization) -> Self {
        self.serialization = serialization;
        self
    }

    /// What the far side sees as the connection's label.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What the far side sees before the connection opens, any value of one's own.
    ///
    /// # Errors
    /// [`Error::Serialize`] when JavaScript has no such value.
    pub fn metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Result<Self, Error> {
        self.metadata = Some(to_bytes(Format::BinaryPack, metadata)?);
        Ok(self)
    }

    /// Whether messages arrive in the order in which they were sent. They do unless told otherwise, other than in PeerJS,
    /// where this is `reliable`. [MessagePack](Serialization::MsgPack) always needs it.
    pub fn ordered(mut self, ordered: bool) -> Self {
        self.ordered = ordered;
        self
    }

    /// How often a lost message is sent again; until it arrives unless told otherwise.
    pub fn max_retransmits(mut self, times: u16) -> Self {
        self.max_retransmits = Some(times);
        self
    }

    /// For how long a lost message is sent again; until it arrives unless told otherwise.
    pub fn max_packet_life_time(mut self, time: Duration) -> Self {
        self.max_packet_life_time = Some(time);
        self
    }

    /// Neither in order nor sent again: what is lost is lost. For what the next message replaces, a position say. The
    /// messages should be short, 16 KB or less: of a longer one every piece must arrive.
    /// [MessagePack](Serialization::MsgPack) cannot be sent so.
    pub fn unreliable(self) -> Self {
        self.ordered(false).max_retransmits(0)
    }

    /// How important the messages are beside those of other connections and calls. Firefox takes no notice of it.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Passes the offer's SDP through a function before it is set and sent: to prefer a codec or to limit a bandwidth, say.
    /// Two options are equal only if they have the same function, not just the same one written twice.
    pub fn sdp_transform(mut self, transform: impl Fn(String) -> String + 'static) -> Self {
        self.transform = SdpTransform::new(transform);
        self
    }

    /// The options as PeerJS has them.
    pub(super) fn to_js(&self) -> Result<Object, Error> {
        let ordered = self.ordered || self.serialization == Serialization::MsgPack;
        let options = object([("metadata", &json(self.metadata.as_deref())?), ("reliable", &ordered.into())]);
        self.transform.add_to(&options);
        if let Some(priority) = self.priority {
            set(&options, "priority", &priority.name().into());
        }
        if let Some(label) = &self.label {
            set(&options, "label", &label.into());
        }
        if let Some(times) = self.max_retransmits {
            set(&options, "maxRetransmits", &times.into());
        }
        if let Some(time) = self.max_packet_life_time {
            set(&options, "maxPacketLifeTime", &(time.as_millis() as f64).into());
        }
        Ok(options)
    }
}

/// The metadata that these bytes are.
fn json(metadata: Option<&[u8]>) -> Result<JsValue, Error> {
    metadata.map_or(Ok(JsValue::UNDEFINED), bytes_to_json)
}

/// How important the messages of a connection are: [`ConnectOptions::priority`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Behind all others.
    VeryLow,
    /// As everything is unless told otherwise.
    Low,
    /// Before most others.
    Medium,
    /// Before all others.
    High,
}

impl Priority {
    fn name(self) -> &'static str {
        match self {
            Self::VeryLow => "very-low",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How to call: [`Peer::call`](crate::Peer::call).
#[must_use]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallOptions {
    /// In BinaryPack.
    metadata: Option<Vec<u8>>,
    transform: SdpTransform,
}

impl CallOptions {
    /// Without metadata.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the far side sees before it answers, any value of one's own.
    ///
    /// # Errors
    /// [`Error::Serialize`] when JavaScript has no such value.
    pub fn metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Result<Self, Error> {
        self.metadata = Some(to_bytes(Format::BinaryPack, metadata)?);
        Ok(self)
    }

    /// Passes the offer's SDP through a function before it is set and sent: to prefer a codec or to limit a bandwidth, say.
    pub fn sdp_transform(mut self, transform: impl Fn(String) -> String + 'static) -> Self {
        self.transform = SdpTransform::new(transform);
        self
    }

    pub(super) fn to_js(&self) -> Result<Object, Error> {
        let options = object([("metadata", &json(self.metadata.as_deref())?)]);
        self.transform.add_to(&options);
        Ok(options)
    }
}

/// What an SDP is passed through: a function of JavaScript's, if any.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SdpTransform(Option<JsValue>);

impl SdpTransform {
    pub(super) fn new(transform: impl Fn(String) -> String + 'static) -> Self {
        if cfg!(not(target_arch = "wasm32")) {
            // There are no functions of JavaScript's, and no connection that would call it.
            return Self::default();
        }
        Self(Some(Closure::<dyn Fn(String) -> String>::new(transform).into_js_value()))
    }

    pub(super) fn into_js(self) -> JsValue {
        self.0.unwrap_or_default()
    }

    fn add_to(&self, options: &Object) {
        if let Some(function) = &self.0 {
            set(options, "sdpTransform", function);
        }
    }
}
