//! Messages of the signalling protocol as JS values.

use wasm_bindgen::prelude::*;

use super::js::{get, get_text};
use crate::proto::connection::wire::quote;
use crate::proto::message::{ConnectionType, Payload};

#[wasm_bindgen]
extern "C" {
    /// Reads what may be long without taking it through wasm memory, which never shrinks.
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    pub(super) fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
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

    fn about(connection_id: &str, more: &str) -> Self {
        Self::outgoing(["{\"type\":\"data\",\"connectionId\":", &quote(connection_id), more].concat())
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

    fn controls(&self) -> bool {
        get(&self.0, "control").is_string()
    }

    fn error_message(&self) -> Option<String> {
        get_text(&self.0, "msg")
    }

    fn end(connection_id: &str) -> Self {
        Self::about(connection_id, ",\"close\":true}")
    }

    fn probe(connection_id: &str) -> Self {
        Self::about(connection_id, "}")
    }
}
