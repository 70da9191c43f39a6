//! Messages of the signalling protocol as JS values.

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::js::{get, get_text, object};
use crate::proto::message::{ConnectionType, Message, MessageType, Payload};

#[wasm_bindgen]
extern "C" {
    /// Reads what may be long without taking it through wasm memory, which never shrinks.
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
}

/// What comes in is the parsed object. What goes out is its JSON already, made where a value that JSON cannot say is
/// still somebody's fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsPayload(pub(super) JsValue);

impl JsPayload {
    /// A payload that is JSON.
    pub(super) fn outgoing(json: String) -> Self {
        Self(json.into())
    }
}

impl Payload for JsPayload {
    fn connection_id(&self) -> Option<String> {
        get_text(&self.0, "connectionId")
    }

    fn connection_type(&self) -> Option<ConnectionType> {
        ConnectionType::parse(&get_text(&self.0, "type")?)
    }

    fn closes(&self) -> Option<bool> {
        get(&self.0, "close").is_truthy().then(|| get(&self.0, "failed").is_truthy())
    }

    fn sdp(&self) -> Option<String> {
        get_text(&get(&self.0, "sdp"), "sdp")
    }

    fn error_message(&self) -> Option<String> {
        get_text(&self.0, "msg")
    }

    fn probe(connection_id: &str) -> Self {
        let probe = object([("type", &"data".into()), ("connectionId", &connection_id.into())]);
        Self(JSON::stringify(&probe).map_or(JsValue::NULL, JsValue::from))
    }
}

/// The frame for the socket.
pub(super) fn to_frame(message: &Message<JsPayload>) -> String {
    let quote = |text: &str| JSON::stringify(&text.into()).map_or_else(|_| String::new(), String::from);
    let mut frame = ["{\"type\":\"", message.kind.as_str(), "\""].concat();
    if let Some(JsPayload(json)) = &message.payload {
        let payload = json.as_string().unwrap_or_default();
        frame = [&frame, ",\"payload\":", &payload, ",\"dst\":", &quote(&message.peer)].concat();
    }
    frame.push('}');
    frame
}

/// The message in a frame of the socket, if that is what it is.
pub(super) fn from_frame(data: &JsValue) -> Option<Message<JsPayload>> {
    let frame = parse(data).ok()?;
    let payload = get(&frame, "payload");
    Some(Message {
        kind: MessageType::parse(&get_text(&frame, "type")?)?,
        peer: get_text(&frame, "src").unwrap_or_default(),
        payload: payload.is_object().then_some(JsPayload(payload)),
    })
}
