//! What the JS face of a Peer holds.

use std::rc::Rc;

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::connection::{Connection, ConnectionHandle, Setup};
use super::face::{ConnectionFace, PeerFace};
use super::peer::Peer;
use crate::proto::border::state;
use crate::proto::message::ConnectionType;
use crate::proto::peer::Peer as Core;

/// A Peer as JavaScript holds it.
#[wasm_bindgen]
pub struct PeerHandle(Rc<Peer>);

#[wasm_bindgen]
impl PeerHandle {
    /// Completes `options`, of a page whose `globalThis` is `global`, and prepares a Peer; [`PeerHandle::start`] lets it begin.
    #[wasm_bindgen(constructor)]
    pub fn new(face: PeerFace, options: Object, global: &JsValue) -> Self {
        Self(Peer::new(options, global, Rc::new(face)))
    }

    /// Goes to the server, with an id of one's own or without. `global` is the page's `globalThis`.
    pub fn start(&self, id: Option<String>, global: &JsValue) {
        self.0.start(id, global);
    }

    /// The id, or the `last` one that the server knew; undefined while there is none.
    pub fn id(&self, last: bool) -> Option<String> {
        self.0.ask(|core| if last { core.last_id() } else { core.id() }.map(Into::into))
    }

    /// What is true of it: the bits of [`state`].
    pub fn state(&self) -> u32 {
        self.0.ask(|core| {
            u32::from(core.is_open()) * state::OPEN
                + u32::from(core.is_disconnected()) * state::DISCONNECTED
                + u32::from(core.is_destroyed()) * state::DESTROYED
        })
    }

    /// Leaves the server.
    pub fn disconnect(&self) {
        self.0.command(Core::disconnect);
    }

    /// Comes back, under this id or the one that it had; returns why that makes no sense, if so.
    pub fn reconnect(&self, id: Option<String>) -> Option<String> {
        if let Some(id) = id {
            self.0.note(|core| core.set_last_id(id));
        }
        self.0.command(Core::reconnect).err()
    }

    /// Takes a message of the server.
    pub fn receive(&self, message: &JsValue) {
        self.0.transport.receive(&self.0, message);
    }

    /// Ends everything.
    pub fn destroy(&self) {
        self.0.destroy();
    }

    /// Calls back with the ids of all peers, if the server tells them.
    pub fn list_peers(&self, callback: Function) {
        self.0.list_peers(callback);
    }

    /// Why the application cannot make a connection now, if so. What it makes next is not the one that a remote offers.
    pub fn refusal(&self) -> Option<String> {
        self.0.take_offer();
        self.0.ask(|core| core.may_connect().err().map(Into::into))
    }

    /// Registers a new connection with `peer`; its [`ConnectionHandle::start`] lets it begin.
    pub fn connection(
        &self,
        face: ConnectionFace,
        media: bool,
        peer: String,
        options: JsValue,
    ) -> ConnectionHandle {
        let kind = if media { ConnectionType::Media } else { ConnectionType::Data };
        // While an offer is being accepted, the connection that is made is the one that it offers.
        let setup = match self.0.take_offer() {
            Some((offer, over)) => Setup::offered(kind, &offer, over),
            None => Setup::outgoing(kind, &options),
        };
        ConnectionHandle::new(Connection::new(&self.0, Rc::new(face), peer, setup))
    }
}

/// Whether a peer may have this id.
#[wasm_bindgen]
pub fn validate_id(id: &str) -> bool {
    id.is_empty() || crate::proto::id::is_valid_id(id)
}
