//! One connection, from its first offer to its end: what each input changes, and what is to be done about it.
//!
//! Inputs are methods: what the application wants, what the browser reports, what the remote says, and time. Outputs come
//! from [`Connection::poll`], one at a time; the caller carries each out before it polls for the next. A listener that is
//! told something may call any input.
//!
//! | module | what it decides |
//! | --- | --- |
//! | [`negotiation`] | offers and answers, and which end gives way |
//! | [`link`] | how messages about the connection arrive although the ways there lose some |
//! | `frames` | what each of them does, and which way it goes |
//! | [`control`] | what these messages look like |
//! | [`path`] | what happens while the path is lost |
//! | [`resume`] | when it counts as lost, and when to look for another one |
//! | [`branches`] | connections that share one RTCPeerConnection |
//! | `streams` | what the remote says of the streams it sends |
//! | `wire` | what is said through the signalling server |
//! | [`end`] | why and how a connection ends |

pub mod branches;
pub mod control;
pub mod end;
mod frames;
pub mod link;
pub mod negotiation;
mod output;
pub mod path;
pub mod resume;
mod streams;
pub mod wire;

pub use self::output::Output;
pub use self::streams::METADATA;

use self::branches::Branches;
use self::control::{ASK, Frame, GRANT, StreamMetadata, write_answer, write_candidate, write_offer};
use self::end::Reason;
use self::link::Link;
use self::negotiation::{Act, Arrival, Candidate, Negotiation};
use self::resume::{Described, Policy, Resume};
use super::message::{ConnectionType, Features, MessageType};
use super::time::{Millis, NEVER, earlier};

/// How long a connection may take to open after it was offered, in milliseconds, before it has failed. Browsers that have
/// candidates give up sooner; without any, because a message was lost, they wait for ever. A renegotiation has as long.
pub const PATIENCE: Millis = 30_000.0;

/// How long the reply to a ping is waited for, in milliseconds.
pub const PING_TIMEOUT: Millis = 10_000.0;

/// How long the function `config` may take to answer, in milliseconds.
pub const CONFIG_TIMEOUT: Millis = 10_000.0;

/// How many pings may wait for their replies.
const PINGS: usize = 64;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Not open yet.
    Negotiating,
    /// Ready for read and write.
    Open,
    /// Over; nothing more happens.
    Closed,
}

/// Which end has offered a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The local end.
    Outgoing,
    /// The remote, with this SDP.
    Incoming(String),
}

/// What a connection is known by, on both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Data or a call.
    pub kind: ConnectionType,
    /// The id of the remote peer.
    pub peer: String,
    /// The id of the connection.
    pub id: String,
    /// Whether this end announces that it resumes connections.
    pub resumes: bool,
}

/// The id of the control channel: less than the number of streams that any browser negotiates.
pub const CONTROL_CHANNEL: u16 = 100;

/// One connection.
pub struct Connection {
    identity: Identity,
    direction: Direction,
    stage: Stage,
    /// Whether something other than the application's own `close()` ends it.
    ending: bool,
    /// Whether there ever was a path to the remote.
    connected: bool,
    /// Whether the remote was told anything of it.
    announced: bool,
    /// Whether it closes at once, without the remote's agreement.
    abrupt: bool,
    /// What the remote understands.
    features: Features,
    negotiation: Negotiation,
    link: Link,
    /// Whether the control channel is open.
    control: bool,
    /// Whether a candidate goes with its description over the link, and not through the server as in PeerJS.
    renegotiated: bool,
    pings: Vec<(u32, Millis)>,
    last_ping: u32,
    /// When the function `config` is waited for no longer.
    config_due: Millis,
    /// How many bytes this end takes in all, if it has said so.
    limit: Option<u64>,
    resume: Resume,
    /// The time that the remote's offers have taken up.
    offers_until: Millis,
    /// When a control frame came through the server last.
    relayed_at: Millis,
    /// How many negotiations had succeeded at the last look.
    agreements: u32,
    /// What the remote has said of its streams, the newest last.
    streams: Vec<StreamMetadata>,
    /// Whether it is a branch of another connection, and what it knows of its own branches.
    shares: bool,
    branches: Branches,
    outputs: Vec<Output>,
}

impl Connection {
    /// A connection that is not started. `features` are those that the remote has announced with its
    /// offer.
    pub fn new(identity: Identity, direction: Direction, features: Features, policy: Policy) -> Self {
        // Known to both ends from the first moment, unlike the ids, of which a peer may not have one yet.
        let polite = matches!(direction, Direction::Incoming(_));
        Self {
            identity,
            direction,
            stage: Stage::Negotiating,
            ending: false,
            connected: false,
            announced: false,
            abrupt: false,
            features,
            negotiation: Negotiation::new(polite, features.share()),
            link: Link::default(),
            control: false,
            renegotiated: false,
            pings: Vec::new(),
            last_ping: 0,
            config_due: NEVER,
            limit: None,
            resume: Resume::new(policy, polite),
            offers_until: 0.0,
            relayed_at: -NEVER,
            agreements: 0,
            streams: Vec::new(),
            shares: false,
            branches: Branches::default(),
            outputs: Vec::new(),
        }
    }

    /// What it is known by.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether the remote has offered it.
    pub fn is_incoming(&self) -> bool {
        matches!(self.direction, Direction::Incoming(_))
    }

    /// What the remote has announced.
    pub fn features(&self) -> Features {
        self.features
    }

    // Inputs: the application.

    /// Offers the connection, or answers the offer. Called once, when the RTCPeerConnection is made.
    pub fn start(&mut self) {
        if self.stage == Stage::Closed {
            return;
        }
        if self.shares {
            return self.start_branch();
        }
        match &self.direction {
            Direction::Outgoing => self.negotiation.offer(),
            Direction::Incoming(sdp) => {
                let sdp = sdp.clone();
                self.keep_their_key();
                self.open_control();
                self.negotiation.answer(sdp);
            }
        }
        if self.identity.kind == ConnectionType::Data {
            self.tell(Output::AwaitPath);
        }
    }

    /// The function `config` was asked, before [`Connection::start`]. Unless [`Connection::config_answered`] comes in time,
    /// [`Output::ConfigLate`] does.
    pub fn config_asked(&mut self, now: Millis) {
        self.config_due = now + CONFIG_TIMEOUT;
    }

    /// The function `config` has answered or failed. False if that is too late.
    pub fn config_answered(&mut self) -> bool {
        let due = std::mem::replace(&mut self.config_due, NEVER);
        due < NEVER && self.stage != Stage::Closed
    }

    /// Asks the remote whether it is there. The reply is [`Output::Pong`] with the id that this returns; None when the remote
    /// does not know the question, the connection is not open, or too many replies are waited for.
    pub fn ping(&mut self, now: Millis) -> Option<u32> {
        if self.stage != Stage::Open || !self.features.control() || self.pings.len() >= PINGS {
            return None;
        }
        self.last_ping = self.last_ping.wrapping_add(1);
        self.pings.push((self.last_ping, now));
        if self.control {
            self.send_ping(self.last_ping);
        }
        Some(self.last_ping)
    }

    /// Tells the remote how many bytes this end takes in all over the data channel, as soon as there is a way to tell it.
    pub fn set_limit(&mut self, bytes: u64) {
        self.limit = Some(bytes);
        if self.control {
            self.tell(Output::SendControl(Frame::Limit(bytes).write()));
        }
    }

    // Inputs: the browser.

    /// The browser has done what [`Output::SetLocal`], [`Output::SetRemote`] or [`Output::Rollback`] told it to, and this is
    /// the SDP of what it has made, or empty; or it could not.
    pub fn settled(&mut self, result: Result<String, ()>) {
        if self.stage != Stage::Closed {
            self.negotiation.settled(result);
        }
    }

    /// The browser says that there is something to negotiate. With a peer that cannot, nothing happens, as in PeerJS; what
    /// there is before the first negotiation is complete is part of that.
    pub fn negotiation_needed(&mut self) {
        if self.negotiation.is_established() && self.features.control() {
            self.negotiation.need();
        }
    }

    /// The browser has found a path to this end, which the remote is to try.
    pub fn local_candidate(&mut self, candidate: &Candidate, now: Millis) {
        if self.stage == Stage::Closed {
            return;
        }
        if self.renegotiated {
            self.send(write_candidate(candidate), now);
        } else {
            self.signal(MessageType::Candidate, self.identity.candidate(&candidate.json));
        }
    }

    /// The data channel is open. In a call that only means that closing it will be seen.
    pub fn channel_opened(&mut self) {
        match self.identity.kind {
            _ if self.shares => self.branch_channel_opened(),
            ConnectionType::Data => self.opened(),
            ConnectionType::Media if self.stage != Stage::Closed => {
                self.tell(Output::WillCloseOnRemote);
            }
            ConnectionType::Media => {}
        }
    }

    /// The connection is open: its data channel is, or the call was answered.
    pub fn opened(&mut self) {
        if self.stage != Stage::Negotiating {
            return;
        }
        self.stage = Stage::Open;
        self.tell(Output::FoundPath);
        // The carrier of a branch has its path.
        if self.identity.kind == ConnectionType::Media && !self.shares {
            self.tell(Output::AwaitPath);
        }
        self.tell(Output::Open);
        if self.identity.kind == ConnectionType::Media && self.shares {
            self.tell(Output::WillCloseOnRemote);
        }
    }

    /// The control channel is open.
    pub fn control_opened(&mut self, now: Millis) {
        self.control = self.stage != Stage::Closed;
        // Until now it could only go through the server, which may be away.
        let waiting = self.link.waiting().map(Output::SendControl);
        self.outputs.extend(waiting);
        for index in 0..self.pings.len() {
            self.pings[index].1 = now;
            self.send_ping(self.pings[index].0);
        }
        if let Some(bytes) = self.limit {
            self.set_limit(bytes);
        }
        self.watch_call(now);
    }

    /// The control channel is closed.
    pub fn control_closed(&mut self) {
        self.control = false;
        for (id, _) in std::mem::take(&mut self.pings) {
            self.tell(Output::Pong(id, None));
        }
        self.lose_branches();
    }

    // Inputs: the remote.

    /// The answer of the remote, through the server. Of a connection that the remote has offered it is nonsense.
    pub fn answered(&mut self, sdp: String, features: Features) {
        if self.stage == Stage::Closed || self.is_incoming() {
            return;
        }
        self.features = features;
        self.resume.their = Described::new(&sdp);
        if self.identity.kind == ConnectionType::Media {
            self.opened();
        }
        self.open_control();
        self.negotiation.arrive(Arrival::Answer(0, sdp));
    }

    /// A candidate of the remote, through the server.
    pub fn remote_candidate(&mut self, json: String) {
        // Its description is the first one, which every candidate that comes this way belongs to.
        self.arrive(Arrival::Candidate(Candidate { ufrag: String::new(), json }));
    }

    // Inputs: time.

    /// When [`Connection::tick`] is to be called.
    pub fn deadline(&self) -> Millis {
        if self.stage == Stage::Closed {
            return NEVER;
        }
        let ping = self.pings.first().map_or(NEVER, |(_, since)| since + PING_TIMEOUT);
        // Without a path an offer is sent again and again, but never replaced: the remote would take both.
        let offer = if self.is_reconnecting() { NEVER } else { self.negotiation.deadline() };
        let offer = earlier(offer, self.branches.deadline());
        [offer, self.link.deadline(), self.config_due, self.resume.deadline()].into_iter().fold(ping, earlier)
    }

    /// Time has passed. `drained` is how many bytes have left the data channel's buffer in all, unless that is empty; it
    /// matters only while [`Connection::is_watching`].
    pub fn tick(&mut self, now: Millis, drained: Option<u64>) {
        if self.stage == Stage::Closed {
            return;
        }
        while let Some((id, since)) = self.pings.first()
            && since + PING_TIMEOUT <= now
        {
            self.tell(Output::Pong(*id, None));
            self.pings.remove(0);
        }
        if self.config_due <= now {
            self.config_due = NEVER;
            self.tell(Output::ConfigLate);
        }
        if !self.is_reconnecting() {
            self.negotiation.tick(now);
        }
        self.tick_branches(now);
        self.tick_path(now, drained);
        for frame in self.link.overdue(now) {
            self.relay(&frame);
        }
    }

    // Outputs.

    /// What is to be done next.
    pub fn poll(&mut self, now: Millis) -> Option<Output> {
        loop {
            if !self.outputs.is_empty() {
                return Some(self.outputs.remove(0));
            }
            if self.stage == Stage::Closed {
                return None;
            }
            if self.ending {
                self.finish();
                continue;
            }
            if self.agreements != self.negotiation.agreements() {
                self.agreements = self.negotiation.agreements();
                if self.stage == Stage::Open {
                    self.resume.agreed(now);
                }
            }
            let output = match self.negotiation.poll()? {
                Act::SetLocal(side) => Output::SetLocal(side),
                Act::SetRemote(side, sdp) => Output::SetRemote(side, sdp),
                Act::Rollback => Output::Rollback,
                Act::AddCandidate(json) => Output::AddCandidate(json),
                Act::GiveUp => Output::Warn("A renegotiation has failed with"),
                Act::SendOffer(sdp) => {
                    self.send_offer(&sdp, now);
                    continue;
                }
                Act::SendAnswer(offer, sdp) => {
                    self.send_answer(offer, &sdp, now);
                    continue;
                }
                Act::Fail => {
                    self.close(Reason::Browser);
                    continue;
                }
                act @ (Act::Ask | Act::Grant) => {
                    self.send((if act == Act::Ask { ASK } else { GRANT }).into(), now);
                    self.negotiation.took_turn(now);
                    continue;
                }
            };
            return Some(output);
        }
    }

    fn send_offer(&mut self, sdp: &str, now: Millis) {
        self.announced = true;
        if !self.negotiation.is_established() {
            self.resume.own = Described::new(sdp);
            self.tell(Output::Offer(sdp.into()));
        } else {
            self.renegotiated = true;
            let number = self.send(write_offer(sdp), now);
            self.negotiation.sent_offer(number, now);
        }
    }

    fn send_answer(&mut self, offer: u32, sdp: &str, now: Millis) {
        if offer == 0 {
            self.resume.own = Described::new(sdp);
            self.signal(MessageType::Answer, self.identity.answer(sdp));
        } else {
            self.renegotiated = true;
            self.send(write_answer(offer, sdp), now);
        }
    }

    /// The remote may send over the control channel as soon as it knows that it is understood, so that it must be there
    /// before the remote knows.
    fn open_control(&mut self) {
        if self.features.control() {
            self.tell(Output::OpenControl);
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        if !self.negotiation.arrive(arrival) {
            self.tell(Output::Warn("Too much to negotiate with"));
        }
    }

    /// Never inlined: it would be repeated some thirty times.
    #[inline(never)]
    fn tell(&mut self, output: Output) {
        self.outputs.push(output);
    }

    fn signal(&mut self, kind: MessageType, payload: String) {
        self.announced = true;
        self.tell(Output::Signal(kind, payload));
    }
}

/// The id of a new connection.
pub fn new_id(kind: ConnectionType, token: &str) -> String {
    [kind.id_prefix(), token].concat()
}
