//! A model of two ends of a connection in virtual time, with an unreliable network.
//!
//! Signaling through the server loses, repeats and reorders control frames. The control channel is reliable and
//! ordered, but delivers nothing while the path is cut. The browsers finish an operation after any time.

pub mod branches;
mod course;
pub mod pc;

use std::collections::VecDeque;

use arbitrary::Arbitrary;
use peerjs_wasm::proto::connection::branches::BRANCHES;
use peerjs_wasm::proto::connection::control::{Frame, Said, parse_message};
use peerjs_wasm::proto::connection::end::Reason;
use peerjs_wasm::proto::connection::negotiation::{Candidate, Side};
use peerjs_wasm::proto::connection::resume::{News, Policy, TIMEOUT};
use peerjs_wasm::proto::connection::wire::Details;
use peerjs_wasm::proto::connection::{Connection, Direction, Identity, Output, Stage};
use peerjs_wasm::proto::error::ConnectionError;
use peerjs_wasm::proto::message::{ConnectionType, Features, MessageType};

pub use course::{Course, control};
use pc::{Operation, Pc, State};

/// An action of an application, a browser or the network.
#[derive(Clone, Debug, Arbitrary)]
pub enum Op {
    /// An end adds a track or removes it.
    Toggle(End, u8),
    /// The browser of an end finishes its pending operation, or fails.
    Finish(End),
    Fail(End),
    /// The browser dispatches `negotiationneeded`, if it is due.
    Needed(End),
    Candidate(End),
    /// The server delivers one of the control frames for an end, loses it, or delivers it and keeps a copy.
    Deliver(End, u8),
    Lose(End, u8),
    Repeat(End, u8),
    /// The control channel delivers its next frame.
    Arrive(End),
    Cut,
    Mend,
    Ping(End),
    Wait(u16),
    /// An end sends something over its data channel.
    Send(End),
    /// The browser of an end says of its path: disconnected, failed, connected.
    Path(End, u8),
    /// The application restarts ICE.
    Restart(End),
    /// The machine is online again, its network has changed, the server is there again.
    Heard(End, u8),
    /// The remote says anything at all.
    Junk(End, String),
    JunkMessage(End, u8, String),
    Close(End, Why),
    Abandon(End),
    /// An end opens a branch, for data or as a call; says something of one; closes one.
    Open(End, bool),
    Accept(End, u8),
    Part(End, u8, bool),
}

#[derive(Clone, Copy, Debug, Arbitrary, PartialEq, Eq)]
pub enum End {
    Caller,
    Callee,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
pub enum Why {
    Local,
    Remote,
    Done,
    Failed,
    Browser,
}

/// The origin in descriptions of Firefox.
pub const FIREFOX: &str = "mozilla...THIS_IS_SDPARTA-99.0";

/// As an application has it that does not choose.
const POLICY: Policy = Policy { timeout: TIMEOUT, random: || 0.5 };

/// One end.
pub struct Half {
    pub core: Connection,
    pub pc: Pc,
    /// Control frames that wait at the server for this end,
    server: Vec<(String, String)>,
    /// and on the control channel.
    channel: VecDeque<String>,
    pub opened: usize,
    pub closed: usize,
    pub warned: usize,
    pings: usize,
    replies: usize,
    shut: bool,
    /// What the application was told of the path and the end.
    pub heard: Vec<Heard>,
    pub restarts: usize,
    /// Pings that it has sent by itself.
    pub asked: usize,
    /// Offers of the remote that it was to set,
    pub offers: usize,
    /// and messages other than control frames that it had the server deliver.
    pub signalled: usize,
    /// The numbers of its branches, and whether they are calls,
    pub branches: Vec<(u16, bool)>,
    /// and what it was told of them.
    pub told: Vec<(u16, Said)>,
    pub left: bool,
}

/// What an application is told of the path and the end.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Reconnecting(&'static str),
    Reconnected(f64),
    Failed,
    Closed,
}

/// Two ends and the network between them.
pub struct Pair {
    pub now: f64,
    pub caller: Half,
    pub callee: Half,
    path: bool,
    failed: bool,
}

impl Half {
    fn new(direction: Direction, features: Features, origin: &'static str) -> Self {
        let identity =
            Identity { kind: ConnectionType::Data, peer: "far".into(), id: "dc_1".into(), resumes: true };
        Self {
            pc: Pc::new(if direction == Direction::Outgoing { "caller" } else { "callee" }, origin),
            core: Connection::new(identity, direction, features, POLICY),
            server: Vec::new(),
            channel: VecDeque::new(),
            opened: 0,
            closed: 0,
            warned: 0,
            pings: 0,
            replies: 0,
            shut: false,
            heard: Vec::new(),
            restarts: 0,
            asked: 0,
            offers: 0,
            signalled: 0,
            branches: Vec::new(),
            told: Vec::new(),
            left: false,
        }
    }

    fn is_closed(&self) -> bool {
        self.core.stage() == Stage::Closed
    }
}

pub fn ours() -> Features {
    let mut features = without_turns();
    features.add("share");
    features
}

/// The same of an earlier version.
fn without_turns() -> Features {
    let mut features = Features::default();
    for name in ["close", "batch", "control", "resume"] {
        features.add(name);
    }
    features
}

impl Pair {
    /// Two connected ends, which have exchanged no control frame yet.
    pub fn connected(features: Features) -> Self {
        Self::between("-", "-", features)
    }

    /// Two ends whose descriptions name these origins.
    pub fn between(caller: &'static str, callee: &'static str, features: Features) -> Self {
        let mut pair = Self {
            now: 0.0,
            caller: Half::new(Direction::Outgoing, Features::default(), caller),
            callee: Half::new(Direction::Incoming(String::new()), features, callee),
            path: true,
            failed: false,
        };
        pair.caller.core.start();
        pair.drain(End::Caller);
        let offer = pair.caller.finish_first(pair.now);
        let identity = pair.caller.core.identity().clone();
        assert!(identity.offer(&offer, &Details::default()).contains("\"control\""));
        pair.callee.core = Connection::new(identity, Direction::Incoming(offer), features, POLICY);
        pair.callee.core.start();
        pair.drain(End::Callee);
        pair.callee.finish_first(pair.now);
        let answer = pair.callee.finish_first(pair.now);
        pair.caller.core.answered(answer, features);
        pair.drain(End::Caller);
        pair.caller.finish_first(pair.now);
        for end in [End::Caller, End::Callee] {
            let now = pair.now;
            let half = pair.half(end);
            half.core.path_changed("connected", now);
            half.core.channel_opened();
            if features.control() {
                half.core.control_opened(now);
            }
            pair.drain(end);
        }
        assert_eq!((pair.caller.opened, pair.callee.opened), (1, 1));
        pair
    }

    /// Carries out one action.
    pub fn perform(&mut self, op: Op) {
        let now = self.now;
        let path = self.path;
        match op {
            Op::Toggle(end, track) => self.half(end).pc.toggle(track % 8),
            Op::Finish(end) => self.finish(end),
            Op::Fail(end) => {
                if self.half(end).pc.operation.take().is_some() {
                    self.failed = true;
                    self.half(end).core.settled(Err(()));
                }
            }
            Op::Needed(end) => self.dispatch(end),
            Op::Candidate(end) => {
                let candidate = Candidate { ufrag: "u1".into(), json: "{}".into() };
                self.half(end).core.local_candidate(&candidate, now);
            }
            Op::Deliver(end, nth) | Op::Lose(end, nth) | Op::Repeat(end, nth) => {
                let half = self.half(end);
                if half.server.is_empty() {
                    return;
                }
                let nth = usize::from(nth) % half.server.len();
                let (frame, key) = half.server[nth].clone();
                if !matches!(op, Op::Repeat(..)) {
                    half.server.remove(nth);
                }
                if !matches!(op, Op::Lose(..)) {
                    half.core.relayed(&frame, &key, now);
                }
            }
            Op::Arrive(end) => {
                if path && let Some(frame) = self.half(end).channel.pop_front() {
                    self.half(end).core.control(&frame, now);
                }
            }
            Op::Cut => self.path = false,
            Op::Mend => self.path = true,
            Op::Ping(end) => {
                let half = self.half(end);
                half.pings += usize::from(half.core.ping(now).is_some());
            }
            Op::Wait(time) => {
                self.now += f64::from(time);
                self.tick();
            }
            Op::Send(end) => self.half(end).core.watch(now),
            Op::Path(end, state) => {
                let state = ["disconnected", "failed", "connected"][usize::from(state) % 3];
                // What has no path and is not resumed ends.
                self.half(end).core.path_changed(state, now);
            }
            Op::Restart(end) => {
                self.half(end).core.restart();
            }
            Op::Heard(end, news) => {
                let news = [News::Online, News::Changed, News::Server][usize::from(news) % 3];
                self.half(end).core.heard(news, now);
            }
            Op::Junk(end, text) => self.half(end).core.control(&text, now),
            // Invalid messages of a remote may leave the two ends with different states, but must do no other harm.
            Op::JunkMessage(end, number, message) => {
                self.failed = true;
                let frame = Frame::Data { number: number.into(), received: number.into(), message: &message };
                self.half(end).core.control(&frame.write(), now);
            }
            Op::Close(end, why) => self.half(end).core.close(match why {
                Why::Local => Reason::Local,
                Why::Remote => Reason::Remote,
                Why::Done => Reason::Done,
                Why::Failed => Reason::Failed(ConnectionError::ConnectionClosed),
                Why::Browser => Reason::Browser,
            }),
            Op::Abandon(end) => self.half(end).core.abandon(),
            Op::Open(end, call) => {
                self.half(end).open(call, now);
            }
            Op::Accept(end, nth) => self.half(end).say(nth, Said::Accept, now),
            Op::Part(end, nth, failed) => {
                self.half(end).say(nth, if failed { Said::Failed } else { Said::End }, now);
            }
        }
        self.drain(End::Caller);
        self.drain(End::Callee);
    }

    /// The browser and the network of an end do one thing of each kind.
    pub fn work_at(&mut self, end: End) {
        self.perform(Op::Needed(end));
        self.perform(Op::Finish(end));
        self.perform(Op::Deliver(end, 0));
        self.perform(Op::Arrive(end));
    }

    /// The browsers and the network do all that is to be done, but no time passes.
    pub fn work(&mut self) {
        for _ in 0..64 {
            self.work_at(End::Caller);
            self.work_at(End::Callee);
        }
    }

    /// The control frames, with their keys, that wait at the server for an end.
    pub fn server(&mut self, end: End) -> &[(String, String)] {
        &self.half(end).server
    }

    /// From now on nothing is lost and the browsers do what they are told: both ends come to rest.
    pub fn settle(&mut self) {
        self.path = true;
        for end in [End::Caller, End::Callee] {
            self.perform(Op::Path(end, 2));
            // While there is a call, it is looked for ever whether the path works.
            while let Some(nth) = self.half(end).call() {
                self.perform(Op::Part(end, nth, false));
            }
        }
        for _ in 0..2_000 {
            self.work_at(End::Caller);
            self.work_at(End::Callee);
            let busy = [&self.caller, &self.callee].into_iter().any(|half| {
                half.pc.operation.is_some()
                    || !half.server.is_empty()
                    || !half.channel.is_empty()
                    || half.pc.needed
            });
            if busy {
                continue;
            }
            let next = self.caller.core.deadline().min(self.callee.core.deadline());
            if next == f64::INFINITY {
                break;
            }
            self.now = self.now.max(next);
            self.tick();
            self.drain(End::Caller);
            self.drain(End::Callee);
        }
    }

    /// Checks what must hold at the end.
    pub fn check(&self) {
        for half in [&self.caller, &self.callee] {
            assert!(half.opened <= 1 && half.closed <= 1);
            assert_eq!(half.closed == 1, half.is_closed());
            assert!(half.replies <= half.pings);
            assert!(half.branches.len() <= 2 * BRANCHES);
            if half.is_closed() {
                assert!(half.shut, "closed, but not in the browser");
                assert_eq!(half.core.deadline(), f64::INFINITY);
            }
        }
        if self.failed || self.caller.is_closed() || self.callee.is_closed() {
            return;
        }
        for (half, other) in [(&self.caller, &self.callee), (&self.callee, &self.caller)] {
            assert_eq!(half.pc.state, State::Stable);
            assert_eq!(half.pc.operation, None);
            assert_eq!(half.pc.remote, other.pc.tracks, "the ends have not come together");
            assert_eq!(half.replies, half.pings, "a ping was forgotten");
            assert_eq!(
                half.branches.len(),
                other.branches.len(),
                "one end has branches that the other has not"
            );
            assert_eq!(half.core.deadline(), f64::INFINITY, "still waiting");
        }
    }

    pub fn half(&mut self, end: End) -> &mut Half {
        self.ends(end).0
    }

    fn ends(&mut self, end: End) -> (&mut Half, &mut Half) {
        match end {
            End::Caller => (&mut self.caller, &mut self.callee),
            End::Callee => (&mut self.callee, &mut self.caller),
        }
    }

    fn finish(&mut self, end: End) {
        let half = self.half(end);
        if half.pc.operation.is_some() {
            let result = half.pc.finish();
            half.core.settled(result);
        }
    }

    fn dispatch(&mut self, end: End) {
        let half = self.half(end);
        if std::mem::take(&mut half.pc.needed) {
            half.core.negotiation_needed();
        }
    }

    fn tick(&mut self) {
        let now = self.now;
        self.caller.core.tick(now, None);
        self.callee.core.tick(now, None);
    }

    fn drain(&mut self, end: End) {
        let now = self.now;
        let (half, other) = self.ends(end);
        while let Some(output) = half.core.poll(now) {
            assert_eq!(half.closed, 0, "{output:?} after close");
            match output {
                Output::SetLocal(side) => half.pc.begin(Operation::SetLocal(side)),
                Output::SetRemote(side, sdp) => {
                    half.offers += usize::from(side == Side::Offer);
                    half.pc.begin(Operation::SetRemote(side, sdp));
                }
                Output::Rollback => half.pc.begin(Operation::Rollback),
                Output::SendControl(frame) => {
                    assert!(parses(&frame), "{frame}");
                    half.asked += usize::from(frame.starts_with("1p"));
                    other.channel.push_back(frame);
                }
                Output::Relay(payload) => other.server.push(control_of(&payload)),
                Output::Signal(kind, _) => {
                    assert_ne!(kind, MessageType::Heartbeat);
                    half.signalled += 1;
                }
                Output::RestartIce => half.restarts += 1,
                Output::Reconnecting(cause) => half.heard.push(Heard::Reconnecting(cause.as_str())),
                Output::Reconnected(after) => half.heard.push(Heard::Reconnected(after)),
                Output::Error(_) => half.heard.push(Heard::Failed),
                Output::Open => half.opened += 1,
                Output::Closed { .. } => {
                    half.closed += 1;
                    half.heard.push(Heard::Closed);
                }
                Output::Shut { .. } => half.shut = true,
                Output::Pong(..) => half.replies += 1,
                Output::Warn(_) => half.warned += 1,
                Output::Branch(message) => half.hear(&message, now),
                Output::EndBranches { .. } => half.branches.clear(),
                Output::Leave => {
                    half.left = true;
                    half.core.say_left(now);
                    half.core.parted();
                }
                _ => {}
            }
        }
    }
}

impl Half {
    fn finish_first(&mut self, now: f64) -> String {
        let sdp = self.pc.finish().expect("the first negotiation");
        self.core.settled(Ok(sdp.clone()));
        while let Some(output) = self.core.poll(now) {
            match output {
                Output::SetLocal(side) => self.pc.begin(Operation::SetLocal(side)),
                output => assert!(!matches!(output, Output::SetRemote(..)), "{output:?}"),
            }
        }
        sdp
    }
}

/// The control frame in a payload, and its key.
fn control_of(payload: &str) -> (String, String) {
    let (_, rest) = payload.split_once("\"control\":\"").expect("a control frame");
    let (text, key) = rest.split_once("\",\"key\":\"").unwrap_or((rest, ""));
    let text = text.strip_suffix("\"}").unwrap_or(text);
    let key = key.strip_suffix("\"}").unwrap_or_default();
    (text.replace("\\r", "\r").replace("\\n", "\n").replace("\\\"", "\""), key.into())
}

fn parses(frame: &str) -> bool {
    match Frame::parse(frame) {
        Some(Frame::Data { number, message, .. }) => parse_message(number, message).is_some(),
        frame => frame.is_some(),
    }
}
