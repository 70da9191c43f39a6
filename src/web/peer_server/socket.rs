//! The WebSocket to a PeerServer, and its frames.

use std::rc::Rc;

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::PeerServer;
use crate::proto::border::LogLevel;
use crate::proto::message::{Message, MessageType};
use crate::proto::peer_server::Report;
use crate::web::js::{get, get_text};
use crate::web::listener::EventListener;
use crate::web::payload::{JsPayload, parse};
use crate::web::transport::Client;

/// Closes when dropped.
pub(super) struct Socket {
    socket: WebSocket,
    _handlers: [EventListener; 3],
}

impl Socket {
    /// Opens a WebSocket, or what the application has in its place, that reports to the transport of `client` under the
    /// number `attempt`, and keeps `client` alive.
    pub(super) fn open<C: Client<PeerServer>>(
        url: &str,
        client: &Rc<C>,
        attempt: u32,
    ) -> Result<Self, JsValue> {
        let socket = match client.transport().factory() {
            Some(factory) => factory.call1(&JsValue::UNDEFINED, &url.into())?.unchecked_into(),
            None => WebSocket::new(url)?,
        };
        let on = |name: &'static str, read: fn(&Rc<C>, &JsValue) -> Option<Report<JsPayload>>| {
            let client = Rc::clone(client);
            EventListener::with_property(&socket, name, move |event| {
                // Of a message, what it says.
                client.log(LogLevel::All, &["Server ", name].concat(), &get(event, "data"));
                if let Some(report) = read(&client, event) {
                    client.transport().report(&client, attempt, report);
                }
                if name == "close" {
                    client.heard("disconnected", &JsValue::UNDEFINED);
                }
            })
        };
        let handlers = [
            on("open", |_, _| Some(Report::Opened)),
            on("message", |client, event| {
                let data = get(event, "data");
                match parse(&data).ok().filter(JsValue::is_object) {
                    Some(object) if client.heard("message", &object) => {}
                    Some(object) => client.transport().receive(client, &object),
                    None => client.log(LogLevel::Warnings, "Invalid server message", &data),
                }
                None
            }),
            on("close", |_, _| Some(Report::Closed)),
        ];
        client.heard("socket", &socket);
        Ok(Self { socket, _handlers: handlers })
    }

    /// Sends; a socket that is closing drops the message, and reports its end with its `close` event.
    pub(super) fn send(&self, message: &Message<JsPayload>) {
        let _ = self.socket.send_with_str(&to_frame(message));
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}

fn to_frame(message: &Message<JsPayload>) -> String {
    let quote = |text: &str| JSON::stringify(&text.into()).map_or_else(|_| String::new(), String::from);
    let mut frame = ["{\"type\":\"", message.kind.as_str(), "\""].concat();
    if let Some(JsPayload(json)) = &message.payload {
        let payload = json.as_string().unwrap_or_default();
        frame = [&frame, ",\"payload\":", &payload, ",\"dst\":", &quote(&message.peer)].concat();
    }
    frame.push('}');
    frame
}

/// The message that this object is.
pub(super) fn message(object: &JsValue) -> Option<Message<JsPayload>> {
    let payload = get(object, "payload");
    Some(Message {
        kind: MessageType::parse(&get_text(object, "type")?)?,
        peer: get_text(object, "src").unwrap_or_default(),
        payload: payload.is_object().then_some(JsPayload(payload)),
    })
}
