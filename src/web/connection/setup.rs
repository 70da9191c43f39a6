//! What a connection is to be: read once from the application's options or from the remote's offer.

use std::any::Any;

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::branch::Place;
use crate::proto::connection::{Direction, new_id};
use crate::proto::message::{ConnectionType, Features};
use crate::web::js::{get, get_text, object, random_token, set};

/// A connection that does not exist yet.
pub(crate) struct Setup {
    pub(super) kind: ConnectionType,
    pub(super) direction: Direction,
    pub(super) features: Features,
    pub(super) id: String,
    /// The label of the data channel.
    pub(super) label: String,
    pub(super) reliable: bool,
    /// What goes with the offer, any value that JSON can say.
    pub(super) metadata: JsValue,
    /// The options of `createDataChannel`.
    pub(super) channel: Object,
    /// The options of `createOffer`, if there are any.
    pub(super) constraints: JsValue,
    /// What the application makes of a local SDP.
    pub(super) transform: JsValue,
    /// Whose RTCPeerConnection it shares.
    pub(super) place: Option<Place>,
}

impl Setup {
    /// A connection that the application wants.
    pub(crate) fn outgoing(kind: ConnectionType, options: &JsValue) -> Self {
        let reliable = get(options, "reliable").is_truthy();
        let channel = channel(reliable, options);
        let transform = get(options, "sdpTransform");
        let constraints = get(options, "constraints");
        Self { channel, constraints, transform, ..Self::new(kind, Direction::Outgoing, options) }
    }

    /// A connection that a remote offers.
    fn incoming(kind: ConnectionType, offer: &JsValue) -> Self {
        let sdp = get_text(&get(offer, "sdp"), "sdp").unwrap_or_default();
        Self { features: features(offer), ..Self::new(kind, Direction::Incoming(sdp), offer) }
    }

    /// What [`Peer::take_offer`](crate::web::peer::Peer::take_offer) gave: a connection of its own, or one over another.
    pub(crate) fn offered(kind: ConnectionType, offer: &JsValue, over: Option<Box<dyn Any>>) -> Self {
        let setup = Self::incoming(kind, offer);
        let channel = channel(setup.reliable, &get(offer, "channel"));
        match over.and_then(|over| over.downcast().ok()) {
            Some(place) => Self { channel, ..setup }.over(*place),
            None => setup,
        }
    }

    /// The same over the RTCPeerConnection of another one.
    pub(crate) fn over(mut self, place: Place) -> Self {
        self.features = place.0.core.borrow().features();
        self.place = Some(place);
        self
    }

    fn new(kind: ConnectionType, direction: Direction, wishes: &JsValue) -> Self {
        let id = get_text(wishes, "connectionId").unwrap_or_else(|| new_id(kind, &random_token()));
        let label = get_text(wishes, "label").filter(|label| !label.is_empty()).unwrap_or_else(|| id.clone());
        Self {
            kind,
            direction,
            features: Features::default(),
            id,
            label,
            reliable: get(wishes, "reliable").is_truthy(),
            metadata: get(wishes, "metadata"),
            channel: Object::default(),
            constraints: JsValue::UNDEFINED,
            transform: JsValue::UNDEFINED,
            place: None,
        }
    }
}

/// The options of `createDataChannel` among those of a connection.
fn channel(ordered: bool, options: &JsValue) -> Object {
    let channel = object([("ordered", &ordered.into())]);
    for name in ["ordered", "maxRetransmits", "maxPacketLifeTime", "priority"] {
        let wish = get(options, name);
        if !wish.is_undefined() {
            set(&channel, name, &wish);
        }
    }
    channel
}

/// What an offer or an answer announces that the remote understands.
pub(super) fn features(payload: &JsValue) -> Features {
    let mut features = Features::default();
    if let Some(names) = get(payload, "features").dyn_ref::<Array>() {
        // A list from outside may be of any length, and only the first few can be known.
        for index in 0..names.length().min(16) {
            features.add(&names.get(index).as_string().unwrap_or_default());
        }
    }
    features
}

/// The function that `value` is, if it is one.
pub(super) fn function(value: &JsValue) -> Option<&Function> {
    value.dyn_ref()
}
