//! What an application may wish for.

use std::time::Duration;

use js_sys::{Array, Object};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::RtcConfiguration;

use super::error::Error;
use super::inbox::Limits;
use super::peer::Peer;
use super::value::to_json;
use crate::proto::chunk::frame::CLOSE;
use crate::proto::peer_server::options::DEFAULT_ICE_SERVER;
use crate::web::js::{get, object, set};

/// How messages become bytes. Both ends of a connection use the one that was named when it was made; each is what a page
/// with PeerJS knows by the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Serialization {
    /// BinaryPack, PeerJS's default: any value, of any size.
    #[default]
    Binary,
    /// JSON, up to 16 KB.
    Json,
    /// What is sent is a text or bytes (`serde_bytes`), and travels untouched.
    Raw,
    /// MessagePack. A page with PeerJS needs its `MsgPack` class for that.
    MsgPack,
}

impl Serialization {
    /// The name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Json => "json",
            Self::Raw => "raw",
            Self::MsgPack => "MsgPack",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "binary" | "binary-utf8" => Self::Binary,
            "json" => Self::Json,
            "raw" | "none" => Self::Raw,
            "MsgPack" => Self::MsgPack,
            _ => return None,
        })
    }

    /// What asks the far side to close once everything before it has come, if there is a word for that.
    pub(super) fn close_request(self) -> Option<&'static [u8]> {
        match self {
            Self::Binary => Some(CLOSE),
            Self::Json => Some(br#"{"__peerData":{"type":"close"}}"#),
            Self::MsgPack => Some(b"\x81\xaa__peerData\x81\xa4type\xa5close"),
            Self::Raw => None,
        }
    }
}

/// Where a [`Peer`] is to be, until [`open`](Self::open) goes there. What is not said is as in PeerJS: the public
/// PeerServer at `0.peerjs.com`, an id that the server makes up.
///
/// ```no_run
/// # async fn example() -> Result<(), peerjs_wasm::Error> {
/// let peer = peerjs_wasm::Peer::builder().id("alice").host("localhost").port(9000).open().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "it does nothing before `open`"]
#[derive(Debug, Default)]
pub struct PeerBuilder {
    pub(super) id: Option<String>,
    pub(super) debug: u8,
    pub(super) limits: Limits,
    /// The options of PeerJS.
    pub(super) options: Object,
}

impl PeerBuilder {
    fn with(self, name: &'static str, value: impl Into<JsValue>) -> Self {
        set(&self.options, name, &value.into());
        self
    }

    /// The id by which others connect to this peer: letters and digits, and between them spaces, dashes and underscores.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The PeerServer's host; `/` is the page's own.
    pub fn host(self, host: &str) -> Self {
        self.with("host", host)
    }

    /// The PeerServer's port, 443 unless told otherwise.
    pub fn port(self, port: u16) -> Self {
        self.with("port", port)
    }

    /// The path at which the PeerServer is mounted.
    pub fn path(self, path: &str) -> Self {
        self.with("path", path)
    }

    /// The API key.
    pub fn key(self, key: &str) -> Self {
        self.with("key", key)
    }

    /// What proves to the server that this is the same client again; made up unless told.
    pub fn token(self, token: &str) -> Self {
        self.with("token", token)
    }

    /// Whether https and wss are used; as the page itself was loaded, unless told otherwise.
    pub fn secure(self, secure: bool) -> Self {
        self.with("secure", secure)
    }

    /// How often the server is told that this peer is still here; every five seconds unless told otherwise.
    pub fn ping_interval(self, interval: Duration) -> Self {
        self.with("pingInterval", interval.as_secs_f64() * 1e3)
    }

    /// Whether it comes back by itself when it has lost the server, with growing waits. It does not unless told.
    pub fn reconnect(self, by_itself: bool) -> Self {
        self.with("reconnect", by_itself)
    }

    /// The servers that help to find a path to other peers. Unless told otherwise, a STUN server of Google's and TURN
    /// servers of PeerJS's; none is enough inside one network.
    pub fn ice_servers(self, servers: impl IntoIterator<Item = IceServer>) -> Self {
        let list: Array = servers.into_iter().map(|server| server.to_js()).collect();
        self.with("config", object([("iceServers", &list)]))
    }

    /// The whole configuration of the browser's connections, in place of [`ice_servers`](Self::ice_servers).
    pub fn config(self, config: &RtcConfiguration) -> Self {
        self.with("config", config)
    }

    /// How much is told on the console: 1 errors, 2 warnings too, 3 everything. Nothing unless told otherwise.
    pub fn debug(mut self, level: u8) -> Self {
        self.debug = level;
        self
    }

    /// How many bytes of memory, about, the messages under way on one connection may take before they are complete; 1 GiB
    /// unless told otherwise. A message that takes more is [`Error::InvalidData`], and the connection lives on.
    pub fn receive_limit(mut self, bytes: u64) -> Self {
        self.limits.receive = bytes;
        self
    }

    /// How many bytes of messages one connection keeps until the application reads them; 64 MiB unless told otherwise. One
    /// message is kept, however long. Of those beyond the limit the reader is told how many were lost, by
    /// [`Error::Unread`].
    pub fn unread_limit(mut self, bytes: u64) -> Self {
        self.limits.unread = bytes;
        self
    }

    /// Goes to the server and waits until that knows this peer. Gives up when dropped.
    ///
    /// # Errors
    /// What went wrong: [`Error::UnavailableId`], [`Error::InvalidId`], [`Error::Network`], [`Error::ServerError`],
    /// [`Error::InvalidKey`], [`Error::SocketError`] or [`Error::BrowserIncompatible`].
    pub async fn open(self) -> Result<Peer, Error> {
        let has_config = !get(&self.options, "config").is_undefined();
        let builder =
            if has_config { self } else { self.ice_servers([IceServer::new([DEFAULT_ICE_SERVER])]) };
        Peer::start(builder).await
    }
}

/// A server that helps to find a path to another peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceServer {
    urls: Vec<String>,
    user: Option<(String, String)>,
}

impl IceServer {
    /// The server at these URLs: `stun:…`, `turn:…` or `turns:…`.
    pub fn new<S: Into<String>>(urls: impl IntoIterator<Item = S>) -> Self {
        Self { urls: urls.into_iter().map(Into::into).collect(), user: None }
    }

    /// With what one says to a TURN server.
    #[must_use]
    pub fn credentials(mut self, username: impl Into<String>, credential: impl Into<String>) -> Self {
        self.user = Some((username.into(), credential.into()));
        self
    }

    fn to_js(&self) -> JsValue {
        let urls: Array = self.urls.iter().map(JsValue::from).collect();
        let server = object([("urls", &urls)]);
        if let Some((username, credential)) = &self.user {
            set(&server, "username", &username.into());
            set(&server, "credential", &credential.into());
        }
        server.into()
    }
}

/// How to connect: [`Peer::connect`].
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
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    pub(super) serialization: Serialization,
    label: Option<String>,
    metadata: JsValue,
    ordered: bool,
    max_retransmits: Option<u16>,
    max_packet_life_time: Option<Duration>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            serialization: Serialization::default(),
            label: None,
            metadata: JsValue::UNDEFINED,
            ordered: true,
            max_retransmits: None,
            max_packet_life_time: None,
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
        self.metadata = to_json(metadata)?;
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

    /// As PeerJS has them.
    pub(super) fn to_js(&self) -> Object {
        let ordered = self.ordered || self.serialization == Serialization::MsgPack;
        let options = object([("metadata", &self.metadata), ("reliable", &ordered.into())]);
        if let Some(label) = &self.label {
            set(&options, "label", &label.into());
        }
        if let Some(times) = self.max_retransmits {
            set(&options, "maxRetransmits", &times.into());
        }
        if let Some(time) = self.max_packet_life_time {
            set(&options, "maxPacketLifeTime", &(time.as_millis() as f64).into());
        }
        options
    }
}

/// How to call: [`Peer::call`].
#[must_use]
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    metadata: JsValue,
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
        self.metadata = to_json(metadata)?;
        Ok(self)
    }

    pub(super) fn to_js(&self) -> Object {
        object([("metadata", &self.metadata)])
    }
}
