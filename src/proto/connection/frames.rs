//! Frames between the two ends: what each one does, and which way it goes.

use super::control::{Frame, Notice, parse_message};
use super::negotiation::Arrival;
use super::{Connection, Output, Stage};
use crate::proto::time::Millis;

/// For so long after a control frame has come through the server, replies go there as well, in milliseconds: the remote has
/// no other way.
const DETOUR: Millis = 5_000.0;

/// How far ahead of its time a remote may be with its offers, and the time that each takes, in milliseconds: so it may make 33 at
/// once and two in a second from then on. An offer beyond that is taken when the remote sends it again.
const AHEAD: Millis = 16_000.0;
const PER_OFFER: Millis = 500.0;

impl Connection {
    /// A control frame of the remote, over the control channel.
    pub fn control(&mut self, text: &str, now: Millis) {
        self.frame(text, false, now);
    }

    fn frame(&mut self, text: &str, relayed: bool, now: Millis) {
        if self.stage == Stage::Closed || !self.features.control() {
            return;
        }
        if !relayed {
            self.resume.checked();
        }
        match Frame::parse(text) {
            Some(Frame::Data { number, received, message }) => {
                let notice = parse_message(number, message).filter(|_| self.link.is_next(number));
                if self.refuses(notice.as_ref(), now) {
                    return;
                }
                if self.link.receive(number, received, now) {
                    match notice {
                        Some(Notice::Negotiation(arrival)) => self.arrive(arrival),
                        Some(Notice::Stream(stream)) => self.keep(stream),
                        Some(Notice::Branch(message)) => self.hear_of(message, now),
                        None => {}
                    }
                }
                let acknowledgement = self.link.acknowledgement();
                self.send_frame(acknowledgement, now);
            }
            Some(Frame::Received(received)) => self.link.acknowledged(received, now),
            Some(Frame::Ping(id)) => {
                let reply = Frame::Pong(id).write();
                if relayed {
                    self.relay(&reply);
                } else {
                    self.tell(Output::SendControl(reply));
                }
            }
            Some(Frame::Pong(id)) => {
                if let Some(index) = self.pings.iter().position(|(known, _)| *known == id) {
                    let (_, since) = self.pings.remove(index);
                    self.tell(Output::Pong(id, Some(now - since)));
                } else if !relayed {
                    self.replied(id, now);
                }
            }
            Some(Frame::Limit(bytes)) => self.tell(Output::Limit(bytes)),
            None => {}
        }
    }

    /// A control frame of the remote, through the server, with the key that came with it.
    pub fn relayed(&mut self, text: &str, key: &str, now: Millis) {
        // Whoever has the remote's id meanwhile, and even this connection's id, does not know the key.
        if self.features.resume() && key != self.resume.own.key {
            return;
        }
        self.relayed_at = now;
        self.frame(text, true, now);
    }

    /// Whether what is sent to the remote goes through the server as well.
    fn detours(&self, now: Millis) -> bool {
        !self.control || self.resume.is_searching() || now - self.relayed_at < DETOUR
    }

    /// Whether an offer is refused for now.
    fn refuses(&mut self, notice: Option<&Notice>, now: Millis) -> bool {
        if !matches!(notice, Some(Notice::Negotiation(Arrival::Offer(..)))) {
            return false;
        }
        let refused = self.offers_until - now > AHEAD;
        if !refused {
            self.offers_until = self.offers_until.max(now) + PER_OFFER;
        }
        refused
    }

    /// Sends a message that must arrive, and gives its number.
    pub(super) fn send(&mut self, message: String, now: Millis) -> u32 {
        let Some((number, frame)) = self.link.send(message, now) else {
            self.tell(Output::Warn("Nothing is acknowledged by"));
            return u32::MAX;
        };
        self.send_frame(frame, now);
        number
    }

    pub(super) fn send_ping(&mut self, id: u32) {
        self.tell(Output::SendControl(Frame::Ping(id).write()));
    }

    pub(super) fn send_frame(&mut self, frame: String, now: Millis) {
        if self.detours(now) {
            self.relay(&frame);
        }
        if self.control {
            self.tell(Output::SendControl(frame));
        }
    }

    pub(super) fn relay(&mut self, frame: &str) {
        let key = if self.features.resume() { self.resume.their.key.as_str() } else { "" };
        let payload = self.identity.control(frame, key);
        self.tell(Output::Relay(payload));
    }
}
