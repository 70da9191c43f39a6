//! What the transport reports, and when it is to register us again.

use super::{Link, Output, Peer, Step};
use crate::proto::error::{ConnectionError, PeerError};
use crate::proto::message::{Message, MessageType, Payload};
use crate::proto::time::{Millis, NEVER};
use crate::proto::transport::Event;

impl<P: Payload> Peer<P> {
    /// The browser is online again.
    pub fn online(&mut self) {
        if self.retry < NEVER {
            self.return_to_server();
        }
    }

    /// The transport reports something of this attempt.
    pub fn report(&mut self, attempt: u32, event: Event<P>, now: Millis) {
        if attempt != self.attempt {
            return;
        }
        match event {
            Event::Assigned(id) => self.id = Some(id),
            Event::Registered => self.while_connected(Step::Opened(now)),
            Event::Received(message) => self.receive(message, now),
            // Who has no id and will not try again has nothing to come back to.
            Event::Lost(kind, text) if self.id.is_some() || self.backoff.is_some() => {
                self.while_connected(Step::Do(Output::Error(kind, text)));
                self.while_connected(Step::Lose(now));
            }
            Event::Refused(kind, text) | Event::Lost(kind, text) => self.abort(kind, text),
            Event::Warning(what, about) => self.warn(what, about),
        }
    }

    fn receive(&mut self, message: Message<P>, now: Millis) {
        match message.kind {
            MessageType::Leave => self.close_peer(message.peer, None),
            MessageType::Expire => self.expired(message.peer),
            MessageType::Offer => self.while_connected(Step::Offered(message, now)),
            MessageType::Answer | MessageType::Candidate => self.while_connected(Step::Route(message, now)),
            _ => {}
        }
    }

    pub(super) fn return_to_server(&mut self) {
        self.disconnected = false;
        let id = self.last_id.clone();
        self.connect(id);
    }

    pub(super) fn stay_away(&mut self) {
        self.wanted = false;
        self.retry = NEVER;
    }

    pub(super) fn connect(&mut self, id: Option<String>) {
        self.retry = NEVER;
        self.attempt = self.attempt.wrapping_add(1);
        self.link = Link::Pending;
        let connect = Output::Connect { attempt: self.attempt, id: id.clone() };
        self.id = id;
        self.while_connected(Step::Do(connect));
    }

    fn expired(&mut self, peer: String) {
        // What connections that are open say through the server, while their path is lost, is said again.
        if Some(&peer) != self.id.as_ref() && !self.registry.is_open_only(&peer) {
            let text = ["Could not connect to peer ", &peer].concat();
            self.while_connected(Step::Do(Output::Error(PeerError::PeerUnavailable, text)));
            self.close_peer(peer, Some(ConnectionError::PeerUnavailable));
        }
    }

    fn close_peer(&mut self, peer: String, unopened: Option<ConnectionError>) {
        let newest = self.registry.newest();
        self.while_connected(Step::ClosePeer { peer, unopened, newest });
    }
}
