//! Whatever an application, a server and time do to a Peer, in any order and however late its outputs are carried out:
//! what it says stays consistent.
//!
//! A browser is played here as it may behave at worst: it reports on attempts that are long over, and polls only now
//! and then. What it never does is report on a socket that it was not told to open.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;
use std::rc::Rc;

use peerjs_wasm::core::backoff::Backoff;
use peerjs_wasm::core::error::PeerError;
use peerjs_wasm::core::message::{Message, MessageType};
use peerjs_wasm::core::peer::{Output, Peer};
use peerjs_wasm::core::registry::Key;
use proptest::prelude::*;
use proptest::sample::Index;
use support::{Note, options};

const TOKEN: &str = "token";

#[derive(Clone, Debug)]
enum Op {
    // The application.
    Connect(&'static str),
    Ready(Index),
    Awaited(Index),
    Opened(Index),
    Close(Index),
    Send(&'static str),
    Fail,
    Disconnect,
    Reconnect,
    Online,
    Destroy,
    // The server, as a browser reports it: of the current attempt, or of any that there ever was.
    IdReceived(Option<Index>, String),
    IdFailed(Option<Index>),
    Refused(Option<Index>),
    SocketOpened(Option<Index>),
    SocketClosed(Option<Index>),
    Receive {
        attempt: Option<Index>,
        kind: MessageType,
        peer: &'static str,
        payload: Option<(&'static str, Shape)>,
    },
    // Time, and what the page gets round to.
    Tick(f64),
    Poll(u8),
    Drain,
    // All goes well: rare, if it were left to chance.
    Register,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Whole,
    Malformed,
    Closing,
}

const SHAPES: [Shape; 4] = [Shape::Whole, Shape::Whole, Shape::Malformed, Shape::Closing];

fn peer() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["me", "far", "other", ""][..])
}

fn connection() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["dc_1", "dc_2", "mc_1", TOKEN][..])
}

fn attempt() -> impl Strategy<Value = Option<Index>> {
    prop_oneof![4 => Just(None), 1 => any::<Index>().prop_map(Some)]
}

fn kind() -> impl Strategy<Value = MessageType> {
    use MessageType::*;
    prop_oneof![
        2 => Just(Open),
        9 => prop::sample::select(vec![Offer, Offer, Answer, Candidate]),
        2 => prop::sample::select(vec![Leave, Expire]),
        1 => prop::sample::select(vec![Error, IdTaken, InvalidKey, Heartbeat]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let index = any::<Index>;
    prop_oneof![
        4 => peer().prop_map(Op::Connect),
        3 => index().prop_map(Op::Ready),
        3 => index().prop_map(Op::Awaited),
        3 => index().prop_map(Op::Opened),
        2 => index().prop_map(Op::Close),
        3 => peer().prop_map(Op::Send),
        1 => Just(Op::Fail),
        2 => Just(Op::Disconnect),
        3 => Just(Op::Reconnect),
        2 => Just(Op::Online),
        1 => prop::bool::weighted(0.3).prop_map(|end| if end { Op::Destroy } else { Op::Reconnect }),
        3 => (attempt(), prop::sample::select(vec!["me", "given", "<p>"]))
            .prop_map(|(attempt, id)| Op::IdReceived(attempt, id.into())),
        1 => attempt().prop_map(Op::IdFailed),
        1 => attempt().prop_map(Op::Refused),
        6 => attempt().prop_map(Op::SocketOpened),
        2 => attempt().prop_map(Op::SocketClosed),
        16 => (attempt(), kind(), peer(), prop::option::weighted(0.9, (connection(), prop::sample::select(&SHAPES[..]))))
            .prop_map(|(attempt, kind, peer, payload)| Op::Receive { attempt, kind, peer, payload }),
        3 => prop_oneof![Just(0.0), Just(5_000.0), Just(20_000.0), 0.0..40_000.0].prop_map(Op::Tick),
        6 => (1..4u8).prop_map(Op::Poll),
        12 => Just(Op::Drain),
        6 => Just(Op::Register),
    ]
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Line {
    None,
    Fetching,
    Dialled,
    Up,
}

/// What an observer may believe.
struct Model {
    core: Peer<Note>,
    now: f64,
    line: Line,
    attempts: Vec<u32>,
    /// Attempts for which the application was told `open`.
    opened: BTreeSet<u32>,
    open: bool,
    disconnected: bool,
    destroyed: bool,
    /// Connections by what is still to come of them.
    living: Vec<Key>,
    closed: BTreeSet<Key>,
    offers: usize,
    alive: Rc<()>,
}

impl Model {
    fn new(id: Option<&str>, comes_back: bool) -> Self {
        let mut core = Peer::new(options(TOKEN));
        if comes_back {
            let three = |name: &str| (name == "retries").then_some(3.0);
            core.come_back(Backoff::new(three, || 0.5));
        }
        core.start(id.map(String::from), true, 0.0);
        Self {
            core,
            now: 0.0,
            line: Line::None,
            attempts: Vec::new(),
            opened: BTreeSet::new(),
            open: false,
            disconnected: false,
            destroyed: false,
            living: Vec::new(),
            closed: BTreeSet::new(),
            offers: 0,
            alive: Rc::new(()),
        }
    }

    fn note(&self, connection: &str) -> Note {
        Note { alive: Rc::clone(&self.alive), ..Note::data(connection) }
    }

    fn attempt(&self, which: Option<Index>) -> Option<u32> {
        match which {
            Some(index) if !self.attempts.is_empty() => Some(*index.get(&self.attempts)),
            _ => self.attempts.last().copied(),
        }
    }

    fn is_current(&self, attempt: u32) -> bool {
        self.line != Line::None && self.attempts.last() == Some(&attempt)
    }

    fn perform(&mut self, op: Op) {
        let now = self.now;
        let pick = |keys: &[Key], index: Index| (!keys.is_empty()).then(|| *index.get(keys));
        match op {
            Op::Connect(peer) => {
                if self.core.may_connect().is_ok() {
                    // Its ids are its own: nobody else can think of them first.
                    let id = format!("dc_own{}", self.living.len() + self.closed.len());
                    let key = self.core.add(peer, &id);
                    assert!(!self.living.contains(&key) && !self.closed.contains(&key));
                    self.living.push(key);
                }
            }
            Op::Ready(index) => {
                if let Some(key) = pick(&self.living, index) {
                    self.core.connection_ready(key);
                }
            }
            Op::Awaited(index) => {
                if let Some(key) = pick(&self.living, index) {
                    self.core.connection_awaited(key, now);
                }
            }
            Op::Opened(index) => {
                if let Some(key) = pick(&self.living, index) {
                    self.core.connection_opened(key);
                }
            }
            Op::Close(index) => {
                if let Some(key) = pick(&self.living, index) {
                    self.end(key);
                }
            }
            Op::Send(peer) => {
                let payload = Some(self.note("dc_1"));
                self.core.send(Message { kind: MessageType::Offer, peer: peer.into(), payload });
            }
            Op::Fail => self.core.fail(PeerError::WebRtc, "setRemoteDescription failed".into()),
            Op::Disconnect => self.core.disconnect(),
            Op::Reconnect => {
                let result = self.core.reconnect(now);
                assert_eq!(result.is_err(), self.destroyed || (self.open && !self.disconnected));
                // The one thing that shows at once.
                self.disconnected = self.core.is_disconnected();
            }
            Op::Online => {
                self.core.online(now);
                self.disconnected = self.core.is_disconnected();
            }
            Op::Destroy => self.core.destroy(),
            Op::IdReceived(attempt, id) => {
                if let Some(attempt) = self.attempt(attempt)
                    && (self.line == Line::Fetching || !self.is_current(attempt))
                {
                    self.core.id_received(attempt, id, now);
                }
            }
            Op::IdFailed(attempt) => {
                if let Some(attempt) = self.attempt(attempt)
                    && (self.line == Line::Fetching || !self.is_current(attempt))
                {
                    self.core.id_failed(attempt, now);
                }
            }
            Op::Refused(attempt) => {
                if let Some(attempt) = self.attempt(attempt)
                    && (self.line == Line::Dialled || !self.is_current(attempt))
                {
                    self.core.socket_refused(attempt, "refused".into());
                }
            }
            Op::SocketOpened(attempt) => {
                if let Some(attempt) = self.attempt(attempt) {
                    let current = self.is_current(attempt);
                    if current && self.line == Line::Dialled {
                        self.line = Line::Up;
                    } else if current {
                        return;
                    }
                    self.core.socket_opened(attempt, now);
                }
            }
            Op::SocketClosed(attempt) => {
                if let Some(attempt) = self.attempt(attempt)
                    && !(self.is_current(attempt) && self.line == Line::Fetching)
                {
                    self.core.socket_closed(attempt, now);
                }
            }
            Op::Receive { attempt, kind, peer, payload } => {
                let payload = payload.map(|(id, shape)| match shape {
                    Shape::Whole => self.note(id),
                    Shape::Malformed => Note { kind: None, ..self.note(id) },
                    Shape::Closing => Note { closes: true, ..self.note(id) },
                });
                if let Some(attempt) = self.attempt(attempt)
                    && (self.line == Line::Up || !self.is_current(attempt))
                {
                    let message = Message { kind, peer: peer.into(), payload };
                    self.core.receive(attempt, message, now);
                }
            }
            Op::Tick(span) => {
                self.now += span;
                self.core.tick(self.now);
                self.disconnected = self.core.is_disconnected();
            }
            Op::Poll(times) => {
                for _ in 0..times {
                    self.poll();
                }
            }
            Op::Drain => self.drain(),
            Op::Register => {
                self.drain();
                self.perform(Op::IdReceived(None, "given".into()));
                self.drain();
                self.perform(Op::SocketOpened(None));
                let payload = None;
                self.perform(Op::Receive { attempt: None, kind: MessageType::Open, peer: "", payload });
                self.drain();
            }
        }
        self.check_flags();
    }

    fn drain(&mut self) {
        for _ in 0..10_000 {
            if !self.poll() {
                return;
            }
        }
        panic!("poll() always has more to do");
    }

    fn poll(&mut self) -> bool {
        let Some(output) = self.core.poll() else { return false };
        if self.destroyed {
            let told = matches!(output, Output::Error(PeerError::Disconnected, _));
            assert!(told, "after close: {output:?}");
        }
        match output {
            Output::FetchId { attempt } => self.begin(attempt, Line::Fetching),
            Output::OpenSocket { attempt, url } => {
                let id = self.core.id().expect("a socket is opened under an id");
                assert!(url.contains(&format!("&id={id}&token={TOKEN}&")), "{url} for {id}");
                if self.line == Line::Fetching && self.attempts.last() == Some(&attempt) {
                    self.line = Line::None;
                    self.attempts.pop();
                }
                self.begin(attempt, Line::Dialled);
            }
            Output::CloseSocket => {
                // No listener runs between this and the event, so that nothing comes between them here either.
                self.line = Line::None;
                let next = self.core.poll();
                assert!(matches!(next, Some(Output::Disconnected(..))), "no word of it, but {next:?}");
                assert!(!self.disconnected && self.core.id().is_none());
                (self.open, self.disconnected) = (false, true);
            }
            Output::Transmit(message) => {
                assert_eq!(self.line, Line::Up, "{:?} without a socket", message.kind);
                assert!(message.kind != MessageType::Offer || self.open, "an OFFER before OPEN");
            }
            Output::Opened(id) => {
                assert_eq!(self.line, Line::Up, "open without a socket");
                assert!(!self.open && !self.disconnected);
                assert!(
                    self.opened.insert(*self.attempts.last().unwrap()),
                    "one registration, two open events"
                );
                assert_eq!(self.core.id(), Some(&id[..]));
                self.open = true;
            }
            Output::Disconnected(..) => panic!("disconnected with a socket"),
            Output::Closed => {
                assert!(!self.destroyed, "close twice");
                assert_eq!(self.line, Line::None, "destroyed with a socket");
                assert_eq!(self.living, [], "destroyed with connections");
                self.destroyed = true;
            }
            Output::Error(_, text) => assert!(!text.is_empty()),
            Output::Offer { peer, id, .. } => {
                assert_ne!(Some(&peer[..]), self.core.id(), "an offer from ourselves");
                assert_eq!(self.core.registry().find(&peer, &id), None, "the old connection is still there");
                self.offers += 1;
                let key = self.core.add(&peer, &id);
                self.living.push(key);
            }
            Output::Deliver(key, _) => {
                assert!(self.living.contains(&key) || self.closed.contains(&key), "for nobody");
            }
            Output::CloseConnection(key, _) => {
                assert!(self.living.contains(&key), "closed twice, or never there");
                self.end(key);
            }
            Output::Warn(what, _) => assert!(!what.is_empty()),
        }
        self.check_flags();
        true
    }

    fn begin(&mut self, attempt: u32, line: Line) {
        assert_eq!(self.line, Line::None, "two ways to the server at once");
        assert!(!self.attempts.contains(&attempt), "an attempt of an old name");
        assert!(!self.core.is_disconnected());
        self.attempts.push(attempt);
        self.line = line;
    }

    fn end(&mut self, key: Key) {
        self.living.retain(|living| *living != key);
        self.closed.insert(key);
        self.core.connection_closed(key);
    }

    fn check_flags(&self) {
        let core = &self.core;
        assert_eq!(
            (core.is_open(), core.is_disconnected(), core.is_destroyed()),
            (self.open, self.disconnected, self.destroyed),
            "(open, disconnected, destroyed) changed without a word"
        );
        assert!(!core.is_open() || (core.id().is_some() && !core.is_disconnected()));
        assert!(!core.is_destroyed() || (core.is_disconnected() && core.deadline().is_none()));
        assert!(core.registry().keys().eq(self.living.iter().copied()), "the registry has its own mind");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_peer_keeps_its_word(
        id in prop::option::of(Just("me")),
        comes_back in any::<bool>(),
        ops in prop::collection::vec(op(), 0..80),
    ) {
        let mut model = Model::new(id, comes_back);
        for op in ops {
            model.perform(op);
        }
        model.drain();

        // It can always be ended, and then nothing of it is left.
        model.core.destroy();
        model.drain();
        prop_assert!(model.core.is_destroyed());
        prop_assert_eq!(model.line, Line::None);
        prop_assert_eq!(Rc::strong_count(&model.alive), 1, "payloads outlive the peer");
        model.now += 100_000.0;
        model.core.tick(model.now);
        prop_assert_eq!(model.core.poll(), None);
    }

    #[test]
    fn time_alone_brings_every_peer_to_rest(
        comes_back in any::<bool>(),
        ops in prop::collection::vec(op(), 0..40),
    ) {
        let mut model = Model::new(Some("me"), comes_back);
        for op in ops {
            model.perform(op);
        }
        model.drain();
        // Either it is registered and only heartbeats are due, or it gives up in time.
        for _ in 0..100 {
            let Some(at) = model.core.deadline() else { break };
            model.now = model.now.max(at);
            model.core.tick(model.now);
            model.disconnected = model.core.is_disconnected();
            model.drain();
        }
        prop_assert!(model.core.is_open() || model.core.deadline().is_none(), "still waiting");
    }
}
