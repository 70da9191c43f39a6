//! What each step changes when its turn has come.

use super::{Link, Output, Peer, Step};
use crate::proto::backoff::Backoff;
use crate::proto::connection::Stage;
use crate::proto::error::ConnectionError;
use crate::proto::message::{Message, MessageType, Payload};
use crate::proto::outbox::Outbox;
use crate::proto::registry::{Room, Route};
use crate::proto::time::{Millis, NEVER};

impl<P: Payload> Peer<P> {
    pub(super) fn apply(&mut self, step: Step<P>) -> Option<Output<P>> {
        match step {
            Step::Do(output) => Some(output),
            Step::Send(message) => self.apply_send(message),
            Step::Offered(message, now) => {
                let peer = message.peer.clone();
                self.apply_offered(message, now).unwrap_or_else(|what| Some(Output::Warn(what, peer)))
            }
            Step::Route(message, now) => {
                let peer = message.peer.clone();
                self.apply_route(message, now).unwrap_or_else(|what| Some(Output::Warn(what, peer)))
            }
            Step::Opened(now) => self.apply_opened(now),
            Step::Abort(kind, text) => {
                self.next([Step::AfterAbort]);
                Some(Output::Error(kind, text))
            }
            Step::AfterAbort => {
                let end = if self.last_id.is_none() { Step::Destroy } else { Step::Disconnect };
                self.next([end]);
                None
            }
            Step::Disconnect => self.apply_disconnect(None),
            Step::Lose(now) => {
                let delay = self.backoff.as_mut().filter(|_| self.wanted).and_then(Backoff::next_delay);
                self.retry = delay.map_or(NEVER, |delay| now + delay);
                self.apply_disconnect(delay)
            }
            Step::CloseOverdue(now) => {
                let key = self.registry.close_overdue(now)?;
                self.next([Step::CloseOverdue(now)]);
                Some(Output::CloseConnection(key, Some(ConnectionError::NegotiationFailed)))
            }
            Step::Destroy => {
                self.next([Step::CloseAll, Step::Destroyed]);
                let output = self.apply_disconnect(None);
                self.link = Link::Over;
                output
            }
            Step::CloseAll => {
                let key = self.registry.close_next(|_, _, _| true)?;
                self.next([Step::CloseAll]);
                Some(Output::CloseConnection(key, None))
            }
            Step::ClosePeer { peer, unopened, newest } => {
                let key = self.registry.close_next(|key, far, stage| {
                    key <= newest && far == peer && (unopened.is_none() || stage == Stage::Negotiating)
                })?;
                self.next([Step::ClosePeer { peer, unopened, newest }]);
                Some(Output::CloseConnection(key, unopened))
            }
            Step::Destroyed => self.apply_destroyed(),
        }
    }

    fn apply_send(&mut self, message: Message<P>) -> Option<Output<P>> {
        match self.link {
            Link::Registered => Some(Output::Transmit(message)),
            Link::Over => None,
            Link::Down | Link::Pending => {
                let lost = self.outbox.push(message)?;
                Some(Output::Warn("Too many messages wait for the server; lost one to", lost.peer))
            }
        }
    }

    /// Decided in the offer's turn, when the connections that earlier offers made are registered. What is wrong with it
    /// is for the log.
    fn apply_offered(&mut self, message: Message<P>, now: Millis) -> Result<Option<Output<P>>, &'static str> {
        let peer = message.peer;
        let payload = message.payload.ok_or("Offer without payload from")?;
        let (Some(id), Some(kind)) = (payload.connection_id(), payload.connection_type()) else {
            return Err("Malformed offer from");
        };
        if payload.sdp().is_some_and(|sdp| !self.registry.is_new(&sdp)) {
            return Err("An offer once more from");
        }
        let known = self.registry.find(&peer, &id);
        if let Some(key) = known {
            self.registry.set_stage(key, Stage::Closed);
        }
        // One end cannot be both ends.
        if Some(&peer) == self.id.as_ref() {
            let end = |key| Output::CloseConnection(key, Some(ConnectionError::NegotiationFailed));
            return Ok(known.map(end));
        }
        let (offer, evicted) = match self.registry.room_for(&peer, now) {
            Room::Full => (Output::Warn("Too many offers at once from", peer), None),
            Room::Free => (Output::Offer { peer, id, kind, payload }, None),
            Room::Evict(key) => (Output::Offer { peer, id, kind, payload }, Some(key)),
        };
        self.next([Step::Do(offer)]);
        if known.is_some() {
            let what = "A new offer for a connection that exists: the old one is closed.";
            self.next([Step::Do(Output::Warn(what, String::new()))]);
        }
        for key in evicted.into_iter().chain(known) {
            self.next([Step::Do(Output::CloseConnection(key, None))]);
        }
        Ok(None)
    }

    fn apply_route(&mut self, message: Message<P>, now: Millis) -> Result<Option<Output<P>>, &'static str> {
        let payload = message.payload.as_ref();
        let id = payload.and_then(Payload::connection_id).ok_or("Message without connection id from")?;
        if Some(&message.peer) == self.id.as_ref() {
            return Ok(None);
        }
        let key = self.registry.find(&message.peer, &id);
        if let Some(failed) = payload.and_then(Payload::closes) {
            return Ok(key.map(|key| {
                let error = match self.registry.stage(key) {
                    Stage::Open => ConnectionError::ConnectionClosed,
                    _ => ConnectionError::NegotiationFailed,
                };
                self.registry.set_stage(key, Stage::Closed);
                Output::CloseConnection(key, failed.then_some(error))
            }));
        }
        // A control frame never comes before its connection: this one is gone, or this peer is new under its id.
        if key.is_none() && payload.is_some_and(Payload::controls) {
            let end =
                Message { kind: MessageType::Candidate, peer: message.peer, payload: Some(P::end(&id)) };
            return Ok(Some(Output::Transmit(end)));
        }
        match self.registry.route(&id, message, now) {
            Route::Deliver(key, message) => Ok(Some(Output::Deliver(key, message))),
            Route::Answer(key, message) => {
                self.connection_ready(key);
                Ok(Some(Output::Deliver(key, message)))
            }
            Route::Kept => Ok(None),
            Route::Repeated => Err("A second answer from"),
            Route::Dropped => Err("Too many messages for an unopened connection from"),
        }
    }

    fn apply_opened(&mut self, now: Millis) -> Option<Output<P>> {
        if !matches!(self.link, Link::Pending) {
            return None;
        }
        let id = self.id.clone()?;
        self.link = Link::Registered;
        self.open = true;
        self.registry.begin_deadlines(now);
        if let Some(backoff) = &mut self.backoff {
            backoff.reset();
        }
        self.last_id = Some(id.clone());
        let waiting = std::mem::take(&mut self.outbox);
        self.next(waiting.into_iter().map(Step::Send));
        Some(Output::Opened(id))
    }

    /// `retry`: in how long we come back.
    fn apply_disconnect(&mut self, retry: Option<Millis>) -> Option<Output<P>> {
        if self.disconnected {
            return None;
        }
        self.disconnected = true;
        self.open = false;
        self.link = Link::Down;
        self.attempt = self.attempt.wrapping_add(1);
        let id = self.id.take();
        self.last_id.clone_from(&id);
        self.next([Step::Do(Output::Disconnected(id, retry))]);
        Some(Output::Disconnect)
    }

    fn apply_destroyed(&mut self) -> Option<Output<P>> {
        if self.destroyed {
            return None;
        }
        self.destroyed = true;
        self.doom = None;
        self.outbox = Outbox::new();
        self.registry.forget_early();
        // There is nobody to be told any more.
        self.steps.clear();
        Some(Output::Closed)
    }
}
