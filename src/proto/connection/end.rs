//! Why and how a connection ends.

use super::control::Said;
use super::{Connection, Direction, Output, Stage};
use crate::proto::error::ConnectionError;
use crate::proto::message::{ConnectionType, MessageType};

/// Why a connection closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The application has called `close()`.
    Local,
    /// The remote has closed it, whatever there may still be to be sent.
    Remote,
    /// All that was sent has arrived, the Peer is destroyed, or another connection takes its place.
    Done,
    /// It has failed.
    Failed(ConnectionError),
    /// The browser could not do what the first negotiation takes, and has given its own error.
    Browser,
}

impl Connection {
    /// Closes the connection. Only the application's own `close()` has an effect while it is closing for another reason:
    /// then it closes at once, in the middle of what it is being told. Branches stay, unless it has failed.
    pub fn close(&mut self, reason: Reason) {
        let fails = matches!(reason, Reason::Failed(_) | Reason::Browser);
        if self.stage == Stage::Open && !fails && !self.ending && self.branches.are_used() {
            self.leave(reason);
        } else {
            self.close_all(reason);
        }
    }

    /// Closes the connection and all branches of it.
    pub fn close_all(&mut self, reason: Reason) {
        if self.stage == Stage::Closed {
            return;
        }
        if reason == Reason::Local {
            // What was still to be said is of no interest any more, whoever has begun to close.
            self.outputs.clear();
            return self.finish();
        }
        if self.ending {
            return;
        }
        self.ending = true;
        let failed = match reason {
            Reason::Failed(error) => Some(error),
            Reason::Browser => Some(ConnectionError::NegotiationFailed),
            _ => None,
        };
        if let Some(error) = failed {
            self.abrupt = true;
            self.branches.broken = true;
            // It tells nobody who sees the end of the path.
            if reason != Reason::Failed(ConnectionError::PeerUnavailable) {
                self.notify_remote(true);
            }
            self.tell(match reason {
                Reason::Browser => Output::BrowserError,
                _ => Output::Error(error),
            });
        }
        // Without a path, what was sent may not have arrived, whoever closes.
        if failed.is_some() || reason == Reason::Remote || self.is_reconnecting() {
            self.tell(Output::ReportUnsent { broken: failed.is_some() });
        }
        // An application may have a `close` of its own, which is to be called. Whatever that does, the connection closes.
        self.tell(Output::Ending);
    }

    /// The Peer is destroyed or its page goes away: tells the remote at once, as there is no time later. The connection is
    /// closed by [`Connection::close`] all the same, but waits for nobody then.
    pub fn abandon(&mut self) {
        if self.stage != Stage::Closed {
            self.abrupt = true;
            self.notify_remote(false);
        }
    }

    /// The last step of closing.
    pub(super) fn finish(&mut self) {
        let before = std::mem::replace(&mut self.stage, Stage::Closed);
        if before == Stage::Closed {
            return;
        }
        if !self.ending {
            self.notify_stage(before, false);
        }
        self.control_closed();
        if self.branches.are_used() {
            self.tell(Output::EndBranches { failed: self.branches.broken });
        }
        // A data channel closes first, which is repeated until the remote agrees: `close()` of an RTCPeerConnection sends one
        // datagram, and if that is lost the remote notices after half a minute. Calls close at once, so that video stops.
        let graceful = self.identity.kind == ConnectionType::Data && !self.abrupt;
        self.tell(Output::Shut { graceful });
        // PeerJS does not tell of a call that was not answered, though its documents promise it.
        let silent = self.identity.kind == ConnectionType::Data && before != Stage::Open;
        self.tell(Output::Closed { expected: silent && !self.ending });
    }

    /// Tells the remote of the end, if there is no path whose end it would see.
    fn notify_remote(&mut self, failed: bool) {
        self.notify_stage(self.stage, failed);
    }

    fn notify_stage(&mut self, stage: Stage, failed: bool) {
        if self.shares {
            // A data channel that was open says so itself, behind all that was sent.
            if stage != Stage::Open || self.identity.kind == ConnectionType::Media {
                self.tell(Output::Say(if failed { Said::Failed } else { Said::End }));
            }
            return;
        }
        if stage == Stage::Open && self.connected && !self.is_reconnecting() {
            return;
        }
        let incoming = match &self.direction {
            Direction::Incoming(offer) => Some(offer),
            Direction::Outgoing => None,
        };
        let Some(offer) = incoming.filter(|_| !self.features.close()) else {
            if incoming.is_some() || self.announced {
                let end = self.identity.end(failed);
                self.tell(Output::Signal(MessageType::Candidate, end));
            }
            return;
        };
        if self.identity.kind == ConnectionType::Media {
            // PeerJS emits `close` only for open calls: an answer, which rejects everything, opens the call, and an offer
            // without a type under the same id closes it and begins no other.
            if !self.announced {
                let refusal = self.identity.refusal(offer);
                self.tell(Output::Signal(MessageType::Answer, refusal));
            }
            let again = self.identity.offer_again();
            self.tell(Output::Signal(MessageType::Offer, again));
        }
    }
}

/// What an error says, `peer` being the id of the remote.
pub fn describe(error: ConnectionError, peer: &str) -> String {
    let (before, after) = match error {
        ConnectionError::NegotiationFailed => ("Negotiation of connection to ", " failed."),
        ConnectionError::PeerUnavailable => ("Could not connect to peer ", ""),
        _ => ("Connection to ", " closed."),
    };
    [before, peer, after].concat()
}
