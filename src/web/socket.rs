//! The socket to the PeerServer.

use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::js::{get, now};
use super::payload::JsPayload;
use super::payload::{from_frame, to_frame};
use super::peer::Peer;
use crate::proto::message::Message;

/// Closes when dropped.
pub(super) struct Socket {
    socket: WebSocket,
    _handlers: [EventListener; 3],
}

impl Socket {
    /// Opens a socket whose events go to `peer` under the number `attempt`.
    pub(super) fn open(url: &str, peer: &Rc<Peer>, attempt: u32) -> Result<Self, JsValue> {
        let socket = WebSocket::new(url)?;
        let on = |name: &'static str, then: fn(&Rc<Peer>, u32, &JsValue)| {
            let peer = Rc::clone(peer);
            EventListener::new(&socket, name, move |event| then(&peer, attempt, event))
        };
        let handlers = [
            on("open", |peer, attempt, _| peer.input(|core| core.socket_opened(attempt, now()))),
            on("message", |peer, attempt, event| {
                let data = get(event, "data");
                match from_frame(&data) {
                    Some(message) => peer.input(|core| core.receive(attempt, message, now())),
                    None => peer.log(2, "Invalid server message", &data),
                }
            }),
            on("close", |peer, attempt, _| peer.input(|core| core.socket_closed(attempt, now()))),
        ];
        Ok(Self { socket, _handlers: handlers })
    }

    /// Sends; a socket that is closing drops it, and says so with its `close` event.
    pub(super) fn send(&self, message: &Message<JsPayload>) {
        let _ = self.socket.send_with_str(&to_frame(message));
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}
