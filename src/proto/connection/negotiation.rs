//! Offers and answers of one RTCPeerConnection: perfect negotiation, as in W3C WebRTC 1.0, section 10.7.
//!
//! One negotiation at a time, and one operation of the browser at a time: every [`Act`] of the first four kinds is
//! followed by exactly one [`Negotiation::settled`] before the next. When both ends offer at the same moment (glare), the
//! impolite end ignores the other offer and the polite end rolls its own back: the browser asks for the negotiation
//! again afterwards, so that nothing is lost.
//!
//! Only the first offer with audio or video is not left to that. Chromium (150) never forgets which header extensions an offer
//! had for which `mid`, not even of one that it has rolled back: if one end first offers audio and the other video under the
//! same `mid`, it can set no description any more. So before that offer the polite end asks, and the other one makes none
//! of its own until it has come. It asks for nothing when it only restarts ICE.

use super::PATIENCE;
use crate::proto::sdp::lines;
use crate::proto::time::{Millis, NEVER, earlier};

/// After this many negotiations in a row that have failed, none is begun until one of the remote's succeeds: what cannot be
/// agreed upon is not tried for ever.
const FAILURES: u8 = 3;

/// How long the end that asks waits before it offers all the same, and the other one for that offer, in milliseconds.
const TURN: Millis = 10_000.0;

/// How many sections an offer may have: the browser makes an RTCRtpTransceiver for each.
const SECTIONS: usize = 256;

/// How many descriptions and candidates of the remote wait while the browser is at work.
const WAITING: usize = 256;

/// Which of the two descriptions of a negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first one.
    Offer,
    /// The reply to it.
    Answer,
}

impl Side {
    /// The `type` of the description.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Answer => "answer",
        }
    }
}

/// An ICE candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Names the description that the candidate belongs to; empty if the browser does not tell.
    pub ufrag: String,
    /// What `RTCIceCandidate.toJSON()` gives, as JSON.
    pub json: String,
}

/// What the remote says about the negotiation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// An offer; its number comes back with the answer.
    Offer(u32, String),
    /// The answer to our offer of that number.
    Answer(u32, String),
    /// A candidate for the description that came before.
    Candidate(Candidate),
    /// The polite end would like to offer.
    Ask,
    /// It may.
    Grant,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Make a description, set it locally, and report its SDP.
    SetLocal(Side),
    /// Set a description of the remote.
    SetRemote(Side, String),
    /// Set the local description of type `rollback`.
    Rollback,
    /// Add a candidate. Nothing is to be reported.
    AddCandidate(String),
    /// Send our offer, and tell its number with [`Negotiation::sent_offer`].
    SendOffer(String),
    /// Send the answer to the remote's offer of that number.
    SendAnswer(u32, String),
    /// The first negotiation has failed: there will be no connection.
    Fail,
    /// A later one has; the connection goes on as it was.
    GiveUp,
    /// Ask the other end whether we may offer.
    Ask,
    /// The other end may.
    Grant,
}

/// Whose turn it is to offer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Anybody's.
    Any,
    /// The polite end has asked.
    Asked,
    /// The polite end's.
    Polite,
}

/// What the browser is at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    None,
    MakeOffer,
    MakeAnswer,
    SetOffer,
    SetAnswer,
    Rollback,
}

/// The negotiations of one connection.
pub struct Negotiation {
    polite: bool,
    /// Whether the other end knows what it is to be asked.
    asks: bool,
    /// Whether audio or video was negotiated, or is about to be.
    media: bool,
    /// Whether what is to be negotiated takes no asking.
    insists: bool,
    turn: Turn,
    /// When it is anybody's turn again.
    turn_ends: Millis,
    /// Whether the first negotiation is complete: before that nothing else is negotiated.
    established: bool,
    /// Whether a local offer is set and waits for its answer.
    offered: bool,
    operation: Operation,
    /// Whether there is something to be negotiated.
    needed: bool,
    /// How many negotiations in a row have failed.
    failures: u8,
    /// How many have succeeded.
    agreements: u32,
    /// What the remote has said and the browser has not got yet, in order.
    inbox: Vec<Arrival>,
    /// The acts that follow from what was settled, in order.
    acts: Vec<Act>,
    /// The number of our offer that waits for an answer,
    our_offer: u32,
    /// and of the remote's that is being answered.
    their_offer: u32,
    /// When an offer without an answer is rolled back.
    deadline: Millis,
    /// The ICE user name fragments of the remote's description.
    ufrags: Vec<String>,
}

impl Negotiation {
    /// The negotiations of a connection whose local end gives way in a glare if it is `polite`, with a remote that can be
    /// asked or not.
    pub fn new(polite: bool, asks: bool) -> Self {
        Self {
            polite,
            asks,
            media: false,
            insists: false,
            turn: Turn::Any,
            turn_ends: NEVER,
            established: false,
            offered: false,
            operation: Operation::None,
            needed: false,
            failures: 0,
            agreements: 0,
            inbox: Vec::new(),
            acts: Vec::new(),
            our_offer: 0,
            their_offer: 0,
            deadline: NEVER,
            ufrags: Vec::new(),
        }
    }

    /// Begins the first negotiation with an offer.
    pub fn offer(&mut self) {
        self.make(Operation::MakeOffer, Side::Offer);
    }

    /// Begins the first negotiation by answering the offer `sdp`.
    pub fn answer(&mut self, sdp: String) {
        self.take_offer(0, sdp);
    }

    /// Something has changed that the remote has to agree to.
    pub fn need(&mut self) {
        self.needed = true;
    }

    /// As [`Negotiation::need`], and whatever has failed before.
    pub fn insist(&mut self) {
        self.needed = true;
        self.insists = true;
        self.failures = 0;
    }

    /// Whether something is being negotiated, or waits for the remote's answer.
    pub fn is_busy(&self) -> bool {
        self.offered || self.operation != Operation::None
    }

    /// How many negotiations have succeeded.
    pub fn agreements(&self) -> u32 {
        self.agreements
    }

    /// Whether the first negotiation is complete.
    pub fn is_established(&self) -> bool {
        self.established
    }

    /// The remote said something. False when there is no room for it, or it would have the browser make too much.
    pub fn arrive(&mut self, arrival: Arrival) -> bool {
        let bulky = match &arrival {
            Arrival::Offer(_, sdp) => lines(sdp).filter(|line| line.starts_with("m=")).count() > SECTIONS,
            _ => false,
        };
        let room = self.inbox.len() < WAITING && !bulky;
        if room {
            self.inbox.push(arrival);
        }
        room
    }

    /// The number of the offer that was sent.
    pub fn sent_offer(&mut self, number: u32, now: Millis) {
        self.our_offer = number;
        if self.established {
            self.deadline = now + PATIENCE;
        }
    }

    /// The browser has done what it was told last, and this is the SDP of what it has made; or it could not.
    pub fn settled(&mut self, result: Result<String, ()>) {
        let operation = std::mem::replace(&mut self.operation, Operation::None);
        let Ok(sdp) = result else { return self.failed(operation) };
        match operation {
            Operation::None | Operation::Rollback => {}
            Operation::MakeOffer => {
                self.offered = true;
                self.media |= has_media(&sdp);
                // An offer that is about to be rolled back is of no use to anybody.
                if !(self.polite && self.established && self.has_offer()) {
                    self.acts.push(Act::SendOffer(sdp));
                }
            }
            Operation::SetOffer => self.make(Operation::MakeAnswer, Side::Answer),
            Operation::MakeAnswer => {
                self.media |= has_media(&sdp);
                self.agreed();
                self.acts.push(Act::SendAnswer(self.their_offer, sdp));
            }
            Operation::SetAnswer => self.agreed(),
        }
    }

    /// An offer of ours could not arrive before now: the answer may take its whole time yet.
    pub fn postpone(&mut self, now: Millis) {
        if self.deadline < NEVER {
            self.deadline = now + PATIENCE;
        }
    }

    /// The other end was asked, or told that it may offer.
    pub fn took_turn(&mut self, now: Millis) {
        self.turn_ends = now + TURN;
    }

    /// When [`Negotiation::tick`] has something to do.
    pub fn deadline(&self) -> Millis {
        earlier(self.deadline, self.turn_ends)
    }

    /// Rolls an offer back that nobody has answered in time, and makes another: the remote may have taken it and answered
    /// too late, so that it has to hear how things are even if they are as they were before.
    pub fn tick(&mut self, now: Millis) {
        if self.deadline <= now && self.operation == Operation::None {
            self.needed = true;
            self.roll_back();
        }
        if self.turn_ends <= now {
            // Without a reply we offer all the same; without an offer there is none to be waited for.
            self.turn_ends = NEVER;
            self.turn = if self.polite { Turn::Polite } else { Turn::Any };
        }
    }

    /// What to do next.
    pub fn poll(&mut self) -> Option<Act> {
        loop {
            if !self.acts.is_empty() {
                return Some(self.acts.remove(0));
            }
            let idle = self.operation == Operation::None;
            match self.inbox.first() {
                Some(Arrival::Candidate(_)) => {}
                None if idle && !self.polite && self.turn == Turn::Asked && !self.offered => {
                    self.turn = Turn::Polite;
                    self.acts.push(Act::Grant);
                    continue;
                }
                None if idle && self.is_due() && self.has_to_ask() => {
                    if self.turn == Turn::Asked {
                        return None;
                    }
                    self.turn = Turn::Asked;
                    self.acts.push(Act::Ask);
                    continue;
                }
                Some(Arrival::Offer(..)) if !self.established => return None,
                Some(_) if idle => {}
                Some(_) => return None,
                None if idle && self.is_due() => {
                    self.needed = false;
                    self.make(Operation::MakeOffer, Side::Offer);
                    continue;
                }
                None => return None,
            }
            match self.inbox.remove(0) {
                Arrival::Candidate(Candidate { ufrag, json }) => {
                    // One of an offer that was ignored or rolled back is nobody's.
                    if ufrag.is_empty() || self.ufrags.contains(&ufrag) {
                        self.acts.push(Act::AddCandidate(json));
                    }
                }
                Arrival::Ask if !self.polite => self.turn = Turn::Asked,
                Arrival::Grant if self.polite && self.turn == Turn::Asked => {
                    self.turn = Turn::Polite;
                    self.turn_ends = NEVER;
                }
                Arrival::Ask | Arrival::Grant => {}
                Arrival::Offer(number, sdp) => {
                    if self.polite || !self.offered {
                        self.take_offer(number, sdp);
                    }
                }
                Arrival::Answer(number, sdp) => {
                    if self.offered && number == self.our_offer {
                        self.set_remote(Operation::SetAnswer, Side::Answer, sdp);
                    }
                }
            }
        }
    }

    fn is_due(&self) -> bool {
        let waits = !self.polite && self.turn == Turn::Polite;
        self.needed && self.established && !self.offered && self.failures < FAILURES && !waits
    }

    fn has_to_ask(&self) -> bool {
        self.polite && self.asks && !self.media && !self.insists && self.turn != Turn::Polite
    }

    fn has_offer(&self) -> bool {
        self.inbox.iter().any(|arrival| matches!(arrival, Arrival::Offer(..)))
    }

    fn agreed(&mut self) {
        self.established = true;
        self.failures = 0;
        self.insists = false;
        self.agreements = self.agreements.wrapping_add(1);
    }

    fn take_offer(&mut self, number: u32, sdp: String) {
        self.their_offer = number;
        if !self.polite {
            self.turn = Turn::Any;
            self.turn_ends = NEVER;
        }
        self.set_remote(Operation::SetOffer, Side::Offer, sdp);
    }

    fn make(&mut self, operation: Operation, side: Side) {
        self.operation = operation;
        self.acts.push(Act::SetLocal(side));
    }

    /// Neither side's offer waits for an answer any longer: a local one is answered now, or the browser rolls it back when
    /// it sets the remote's.
    fn set_remote(&mut self, operation: Operation, side: Side, sdp: String) {
        self.operation = operation;
        self.offered = false;
        self.deadline = NEVER;
        self.ufrags =
            lines(&sdp).filter_map(|line| line.strip_prefix("a=ice-ufrag:")).map(Into::into).collect();
        self.acts.push(Act::SetRemote(side, sdp));
    }

    fn failed(&mut self, operation: Operation) {
        match operation {
            // There was nothing to be rolled back.
            Operation::None | Operation::Rollback => {}
            _ if !self.established => self.acts.push(Act::Fail),
            _ => {
                self.failures = self.failures.saturating_add(1);
                self.acts.push(Act::GiveUp);
                self.roll_back();
            }
        }
    }

    fn roll_back(&mut self) {
        self.offered = false;
        self.deadline = NEVER;
        self.operation = Operation::Rollback;
        self.acts.push(Act::Rollback);
    }
}

/// Whether a description has audio or video.
fn has_media(sdp: &str) -> bool {
    lines(sdp).any(|line| line.starts_with("m=audio") || line.starts_with("m=video"))
}
