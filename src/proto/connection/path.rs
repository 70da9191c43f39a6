//! The path to the remote is lost and comes back: carries out what [`super::resume`] decides.
//!
//! Another path is found by an ICE restart, which is a renegotiation: it goes over the control channel and through the
//! server at once, whichever arrives first. That there is a path again is proved by the reply to a ping that comes over the
//! control channel.

use super::control::Frame;
use super::end::Reason;
use super::resume::{Cause, Described, News, Step};
use super::{Connection, Direction, Output, Stage};
use crate::proto::error::ConnectionError;
use crate::proto::message::ConnectionType;
use crate::proto::time::Millis;

impl Connection {
    /// The `connectionState` is now `state`, or the `iceConnectionState`, whose names mean the same.
    ///
    /// The first is what counts: when a peer vanishes without a word only that goes to `failed` in time, and the second is
    /// `connected` although the answer never came.
    pub fn path_changed(&mut self, state: &str, now: Millis) {
        if self.stage == Stage::Closed {
            return;
        }
        match state {
            "connected" | "completed" => {
                self.connected = true;
                self.resume.revive(now);
                if self.identity.kind == ConnectionType::Media {
                    self.tell(Output::FoundPath);
                    self.watch(now);
                }
            }
            "disconnected" | "failed"
                if self.resumes() && !(state == "failed" && self.resume.ends_when_failed()) =>
            {
                self.lose(Cause::Ice, now);
                if state == "failed" {
                    self.resume.failed(now);
                }
            }
            "failed" if !self.connected => self.close(Reason::Failed(ConnectionError::NegotiationFailed)),
            "failed" => self.close(Reason::Failed(ConnectionError::ConnectionClosed)),
            // A browser dispatches no event for this state. node-datachannel does when the remote closes the connection.
            "closed" => self.close_all(Reason::Remote),
            _ => {}
        }
    }

    /// The application has sent something, which is not to be lost.
    pub fn watch(&mut self, now: Millis) {
        if self.resumes() {
            self.resume.watch(now);
        }
    }

    /// Whether [`Connection::watch`] changes nothing now.
    pub fn is_watching(&self) -> bool {
        self.resume.is_watching() || !self.resumes()
    }

    /// Whether the path is lost, and another one looked for.
    pub fn is_reconnecting(&self) -> bool {
        self.resume.is_searching()
    }

    /// Something has happened outside of the connection that concerns its path.
    pub fn heard(&mut self, news: News, now: Millis) {
        self.link.hurry(now);
        self.resume.hurry(now);
        if news == News::Online {
            self.resume.give_reason();
        }
        if self.is_reconnecting() || !self.resumes() {
            return;
        }
        match news {
            News::Online => self.lose(Cause::Network, now),
            News::Changed => self.resume.doubt(now),
            News::Server => {}
        }
    }

    /// Restarts ICE, as the application wishes. False if the remote does not know how.
    pub fn restart(&mut self) -> bool {
        let able = self.stage != Stage::Closed && self.features.control();
        if able {
            self.restart_ice();
        }
        able
    }

    /// A reply to a ping came over the control channel.
    pub(super) fn replied(&mut self, id: u32, now: Millis) {
        if let Some(after) = self.resume.replied(id, now) {
            self.tell(Output::Reconnected(after));
            self.negotiation.postpone(now);
            self.link.hurry(now);
        }
        self.watch_call(now);
    }

    /// A call has something to lose all the time.
    pub(super) fn watch_call(&mut self, now: Millis) {
        if self.identity.kind == ConnectionType::Media || self.branches.has_call() {
            self.watch(now);
        }
    }

    pub(super) fn tick_path(&mut self, now: Millis, drained: Option<u64>) {
        if let Some(step) = self.resume.tick(now, drained) {
            self.take(step, now);
        }
    }

    /// The password of the remote's first description is the key of what is sent to it through the server.
    pub(super) fn keep_their_key(&mut self) {
        if let Direction::Incoming(sdp) = &self.direction {
            self.resume.their = Described::new(sdp);
        }
    }

    /// Whether a lost path is looked for: both ends do, and there is a control channel to try it.
    fn resumes(&self) -> bool {
        self.stage == Stage::Open
            && !self.ending
            && self.connected
            && self.control
            && self.features.resume()
            && self.resume.is_wanted()
    }

    fn lose(&mut self, cause: Cause, now: Millis) {
        if let Some(step) = self.resume.lose(cause, now) {
            self.take(step, now);
        }
    }

    fn take(&mut self, step: Step, now: Millis) {
        match step {
            Step::Ask => self.ask(),
            Step::Lost(cause) => self.tell(Output::Reconnecting(cause)),
            Step::Attempt => {
                if self.resume.asked.is_none() {
                    self.ask();
                }
                if self.negotiation.is_busy() {
                    self.link.hurry(now);
                } else if self.resume.may_restart(now) {
                    self.restart_ice();
                } else {
                    // Whoever is there meanwhile under the remote's id says that the connection is over.
                    let ping = Frame::Ping(self.last_ping).write();
                    self.relay(&ping);
                }
            }
            Step::GiveUp => self.close(Reason::Failed(ConnectionError::ConnectionClosed)),
        }
    }

    fn ask(&mut self) {
        self.last_ping = self.last_ping.wrapping_add(1);
        self.resume.asked = Some(self.last_ping);
        self.tell(Output::SendControl(Frame::Ping(self.last_ping).write()));
    }

    fn restart_ice(&mut self) {
        self.tell(Output::RestartIce);
        self.negotiation.insist();
    }
}
