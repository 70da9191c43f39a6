//! What a connection hears from its Peer.

use std::rc::Rc;

use js_sys::JSON;

use super::Connection;
use super::setup::features;
use crate::proto::connection::Connection as Core;
use crate::proto::connection::end::Reason;
use crate::proto::connection::resume::News;
use crate::proto::message::{Message, MessageType};
use crate::web::js::{get, get_text, now};
use crate::web::payload::JsPayload;
use crate::web::peer::Routed;

impl Routed for Connection {
    fn remote(&self) -> &str {
        &self.remote
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn receive(self: Rc<Self>, message: Message<JsPayload>) {
        let Some(JsPayload(payload)) = message.payload else { return };
        if message.kind == MessageType::Answer {
            let sdp = get_text(&get(&payload, "sdp"), "sdp").unwrap_or_default();
            self.input(|core| core.answered(sdp, features(&payload)));
        } else if let Some(frame) = get_text(&payload, "control") {
            let key = get_text(&payload, "key").unwrap_or_default();
            self.input(|core| core.relayed(&frame, &key, now()));
        } else if let Ok(json) = JSON::stringify(&get(&payload, "candidate")) {
            self.input(|core| core.remote_candidate(json.as_string().unwrap_or_default()));
        }
    }

    fn abandon(self: Rc<Self>) {
        self.input(Core::abandon);
    }

    fn heard(self: Rc<Self>, news: News) {
        self.input(|core| core.heard(news, now()));
    }

    fn close(self: Rc<Self>, reason: Reason) {
        self.input(|core| core.close_all(reason));
    }
}
