//! The line to the server: registering, what it says, whether it is still there.

use super::{Link, Output, Peer, Step};
use crate::proto::error::{ConnectionError, PeerError};
use crate::proto::message::{Message, MessageType, Payload};
use crate::proto::time::{Millis, NEVER};

/// A server that has not registered us after so long counts as lost.
pub const SERVER_TIMEOUT: Millis = 20_000.0;
/// So does one that has answered us before, and for so long has not, however often
const SILENCE: Millis = 15_000.0;
/// we asked: a page that was asleep meanwhile has asked only once.
const UNANSWERED: u8 = 3;

const NO_ANSWER: &str = "The server did not answer in time.";
const NO_ID: &str = "Could not get an ID from the server.";
const PATH_HINT: &str = " If you passed in a `path` to your self-hosted PeerServer, you'll also need to pass in that \
                         same path when creating a new Peer.";

impl<P: Payload> Peer<P> {
    /// The browser is online again.
    pub fn online(&mut self, now: Millis) {
        if self.retry < NEVER {
            self.return_to_server(now);
        }
    }

    /// The server gave us an id.
    pub fn id_received(&mut self, attempt: u32, id: String, now: Millis) {
        if attempt != self.attempt || self.id.is_some() {
            return;
        }
        // A server makes ids of any kind; what it sends from a wrong path is a page.
        if !id.is_empty() && !id.contains('<') {
            self.call_server(Some(id), now);
        } else {
            self.id_failed(attempt, now);
        }
    }

    /// The server gave us no id.
    pub fn id_failed(&mut self, attempt: u32, now: Millis) {
        if attempt == self.attempt {
            let hint = if self.options.path == "/" && !self.options.is_cloud() { PATH_HINT } else { "" };
            let text = [NO_ID, hint].concat();
            if self.backoff.is_some() {
                self.lose_server(PeerError::ServerError, text, now);
            } else {
                self.abort(PeerError::ServerError, text);
            }
        }
    }

    /// The browser would not make a socket.
    pub fn socket_refused(&mut self, attempt: u32, why: String) {
        if attempt == self.attempt {
            self.abort(PeerError::SocketError, why);
        }
    }

    /// The socket is open, which says nothing of being registered.
    pub fn socket_opened(&mut self, attempt: u32, now: Millis) {
        if attempt != self.attempt {
            return;
        }
        self.next_ping = now + self.options.ping_interval;
        if self.last_id == self.id {
            self.probe();
        }
    }

    /// The socket has closed.
    pub fn socket_closed(&mut self, attempt: u32, now: Millis) {
        if attempt == self.attempt {
            self.lose_server(PeerError::Network, "Lost connection to server.".into(), now);
        }
    }

    /// A message came.
    pub fn receive(&mut self, attempt: u32, message: Message<P>, now: Millis) {
        if attempt != self.attempt {
            return;
        }
        // Whatever comes for us says that the server is there and knows us; its answer may have to wait behind it.
        if let Some(answered) = &mut self.answered {
            *answered = (now, 0);
        }
        match message.kind {
            MessageType::Open => self.while_connected(Step::Opened(now)),
            MessageType::Error => {
                let said = message.payload.and_then(|payload| payload.error_message());
                self.abort(
                    PeerError::ServerError,
                    said.unwrap_or_else(|| "The server reports an error.".into()),
                );
            }
            MessageType::IdTaken => {
                let id = self.id.as_deref().unwrap_or_default();
                self.abort(PeerError::UnavailableId, ["ID \"", id, "\" is taken"].concat());
            }
            MessageType::InvalidKey => {
                let text = ["API KEY \"", &self.options.key, "\" is invalid"].concat();
                self.abort(PeerError::InvalidKey, text);
            }
            MessageType::Leave => self.close_peer(message.peer, None),
            MessageType::Expire => self.expired(message.peer),
            MessageType::Offer => self.while_connected(Step::Offered(message)),
            MessageType::Answer | MessageType::Candidate => self.while_connected(Step::Route(message, now)),
            MessageType::Heartbeat => {}
        }
    }

    pub(super) fn return_to_server(&mut self, now: Millis) {
        self.disconnected = false;
        let id = self.last_id.clone();
        self.connect_to_server(id, now);
    }

    pub(super) fn stay_away(&mut self) {
        self.wanted = false;
        self.retry = NEVER;
    }

    pub(super) fn connect_to_server(&mut self, id: Option<String>, now: Millis) {
        self.retry = NEVER;
        self.attempt = self.attempt.wrapping_add(1);
        self.call_server(id, now);
    }

    fn call_server(&mut self, id: Option<String>, now: Millis) {
        let attempt = self.attempt;
        self.answered = None;
        self.link = Link::Pending { until: now + SERVER_TIMEOUT };
        let output = match &id {
            Some(id) => Output::OpenSocket { attempt, url: self.options.socket_url(id) },
            None => Output::FetchId { attempt },
        };
        self.id = id;
        self.while_connected(Step::Do(output));
    }

    /// Tries again, gives up, or asks whether the server is there, as it is time to.
    pub(super) fn check_line(&mut self, now: Millis) {
        if self.retry <= now {
            self.return_to_server(now);
        } else if let Link::Pending { until } = self.link
            && until <= now
        {
            match self.id {
                Some(_) => self.lose_server(PeerError::Network, NO_ANSWER.into(), now),
                None => self.id_failed(self.attempt, now),
            }
        } else if self.next_ping <= now {
            self.next_ping = now + self.options.ping_interval;
            self.ping(now);
        }
    }

    fn ping(&mut self, now: Millis) {
        if self.open {
            if let Some((since, unanswered)) = &mut self.answered {
                if *unanswered >= UNANSWERED && now - *since >= SILENCE {
                    return self.lose_server(PeerError::Network, NO_ANSWER.into(), now);
                }
                *unanswered = unanswered.saturating_add(1);
            }
            let beat = Message { kind: MessageType::Heartbeat, peer: String::new(), payload: None };
            self.while_connected(Step::Do(Output::Transmit(beat)));
        }
        self.probe();
    }

    /// A server that still holds a socket of ours takes the next one in its place without a word. What we send to
    /// ourselves comes back only if we are registered, and the server still there.
    pub(super) fn probe(&mut self) {
        let payload = Some(P::probe(&self.options.token));
        let peer = self.id.clone().unwrap_or_default();
        let probe = Message { kind: MessageType::Candidate, peer, payload };
        self.while_connected(Step::Do(Output::Transmit(probe)));
    }

    fn lose_server(&mut self, kind: PeerError, text: String, now: Millis) {
        self.while_connected(Step::Do(Output::Error(kind, text)));
        self.while_connected(Step::Lose(now));
    }

    fn expired(&mut self, peer: String) {
        if Some(&peer) != self.id.as_ref() {
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
