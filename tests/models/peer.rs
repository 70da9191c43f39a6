//! A model of a Peer with any order of inputs from the application, the server and the clock, and with outputs carried
//! out after any time: checks that the Peer reports consistent events.
//!
//! The Peer uses a PeerServer. The model plays the worst browser that is allowed: it reports on attempts that have
//! ended, and polls the Peer rarely. It never reports on a socket that it was not asked to open.

mod op;

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use arbitrary::Arbitrary;
use peerjs_wasm::proto::backoff::Backoff;
use peerjs_wasm::proto::error::PeerError;
use peerjs_wasm::proto::message::{Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use peerjs_wasm::proto::peer_server::{PeerServer, Report};
use peerjs_wasm::proto::registry::Key;
use peerjs_wasm::proto::time::{NEVER, earlier};
use peerjs_wasm::proto::transport::Event;

use super::note::{Action, Note, Recorder, options};
use op::{Op, PROBE, Shape, TOKEN};

/// The most payloads that hostile peers can make a Peer keep: those of 64 early connections and of 256 unopened ones,
/// with 128 messages each, and the outbox. Payloads of the application are not counted.
const MOST_KEPT: usize = (64 + 256) * 128 + 2048;

/// The life of a Peer: its options, and the operations.
#[derive(Clone, Debug, Arbitrary)]
pub struct Life {
    named: bool,
    comes_back: bool,
    ops: Vec<Op>,
}

impl Life {
    /// Carries out all operations, and then destroys the Peer.
    pub fn run(self) {
        let mut model = Model::live(self);
        model.nothing_was_lost();

        // The Peer can always be destroyed, and then keeps nothing.
        model.core.destroy();
        model.drain();
        assert!(model.core.is_destroyed());
        assert_eq!(model.line, Line::None);
        model.waiting.clear();
        assert_eq!(Rc::strong_count(&model.alive), 1, "payloads outlive the peer");
        model.now += 100_000.0;
        model.core.tick(model.now);
        assert_eq!(model.core.poll(), None);
    }

    /// Carries out all operations, and then lets time pass.
    pub fn rest(self) {
        let mut model = Model::live(self);
        // Either the Peer is registered and only heartbeats are due, or it fails in time.
        for _ in 0..100 {
            let at = earlier(model.core.deadline(), model.server.deadline());
            if at == NEVER {
                break;
            }
            model.now = model.now.max(at);
            model.tick();
            model.drain();
        }
        let waits = earlier(model.core.deadline(), model.server.deadline()) < NEVER;
        assert!(model.core.is_open() || !waits, "still waiting");
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Line {
    None,
    Fetching,
    Dialled,
    Up,
}

/// The expected state of a Peer.
struct Model {
    core: Peer<Note>,
    server: PeerServer,
    now: f64,
    line: Line,
    attempts: Vec<u32>,
    /// Attempts for which `open` was emitted.
    opened: BTreeSet<u32>,
    open: bool,
    disconnected: bool,
    destroyed: bool,
    /// Whether the application or a fatal error destroys the Peer.
    ending: bool,
    /// The connections that are not closed.
    living: Vec<Key>,
    closed: BTreeSet<Key>,
    alive: Rc<()>,
    /// The numbers of the messages that the application has sent and the server has not received, in order.
    waiting: VecDeque<usize>,
    sent: usize,
    floods: usize,
}

impl Model {
    fn live(life: Life) -> Self {
        let mut model = Self::new(life.named.then_some("me"), life.comes_back);
        for op in life.ops {
            model.perform(op);
        }
        model.drain();
        model
    }

    fn new(id: Option<&str>, comes_back: bool) -> Self {
        let mut core = Peer::default();
        if comes_back {
            let three = |name: &str| (name == "retries").then_some(3.0);
            core.come_back(Backoff::new(three, || 0.5));
        }
        core.start(id.map(String::from), None);
        Self {
            core,
            server: PeerServer::new(options(TOKEN), || PROBE.into()),
            now: 0.0,
            line: Line::None,
            attempts: Vec::new(),
            opened: BTreeSet::new(),
            open: false,
            disconnected: false,
            destroyed: false,
            ending: false,
            living: Vec::new(),
            closed: BTreeSet::new(),
            alive: Rc::new(()),
            waiting: VecDeque::new(),
            sent: 0,
            floods: 0,
        }
    }

    fn note(&self, connection: &str) -> Note {
        Note { alive: Rc::clone(&self.alive), ..Note::data(connection) }
    }

    fn attempt(&self, which: Option<u8>) -> Option<u32> {
        which.map_or(self.attempts.last().copied(), |index| pick(&self.attempts, index))
    }

    fn is_current(&self, attempt: u32) -> bool {
        self.line != Line::None && self.attempts.last() == Some(&attempt)
    }

    fn perform(&mut self, op: Op) {
        let now = self.now;
        match op {
            Op::Connect(peer) => {
                if self.core.may_connect().is_ok() {
                    // Other peers cannot guess its ids before it has used them.
                    let id = format!("dc_own{}", self.living.len() + self.closed.len());
                    let key = self.core.add(peer, &id, None);
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
                let payload = Note { text: Some(self.sent.to_string()), ..self.note("dc_1") };
                if !self.destroyed && !self.ending {
                    self.waiting.push_back(self.sent);
                }
                self.sent += 1;
                self.core.send(Message {
                    kind: MessageType::Offer,
                    peer: peer.into(),
                    payload: Some(payload),
                });
            }
            Op::Fail => self.core.fail(PeerError::WebRtc, "setRemoteDescription failed".into()),
            Op::Disconnect => self.core.disconnect(),
            Op::Reconnect => {
                let result = self.core.reconnect();
                assert_eq!(result.is_err(), self.destroyed || (self.open && !self.disconnected));
                // The only effect that is visible at once.
                self.disconnected = self.core.is_disconnected();
            }
            Op::Online => {
                self.core.online();
                self.disconnected = self.core.is_disconnected();
            }
            Op::Destroy => {
                self.ending = true;
                self.core.destroy();
            }
            Op::IdReceived(attempt, id) => {
                if let Some(attempt) = self.attempt(attempt)
                    && (self.line == Line::Fetching || !self.is_current(attempt))
                {
                    self.report(attempt, Report::Id(Some(id.into())));
                }
            }
            Op::IdFailed(attempt) => {
                if let Some(attempt) = self.attempt(attempt)
                    && (self.line == Line::Fetching || !self.is_current(attempt))
                {
                    self.report(attempt, Report::Id(None));
                }
            }
            Op::Refused(attempt) => {
                if let Some(attempt) = self.attempt(attempt)
                    && (self.line == Line::Dialled || !self.is_current(attempt))
                {
                    self.report(attempt, Report::Closed);
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
                    self.report(attempt, Report::Opened);
                }
            }
            Op::SocketClosed(attempt) => {
                if let Some(attempt) = self.attempt(attempt)
                    && !(self.is_current(attempt) && self.line == Line::Fetching)
                {
                    self.report(attempt, Report::Closed);
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
                    self.report(attempt, Report::Received(message));
                }
            }
            Op::Flood { kind, times, same } => {
                let Some(attempt) = self.attempt(None).filter(|_| self.line == Line::Up) else { return };
                for _ in 0..times {
                    self.floods += 1;
                    let id = if same { "dc_flood".into() } else { format!("dc_flood{}", self.floods) };
                    let message = Message { kind, peer: "far".into(), payload: Some(self.note(&id)) };
                    self.report(attempt, Report::Received(message));
                    self.drain();
                }
            }
            Op::Tick(span) => {
                self.now += span;
                self.tick();
            }
            Op::Poll(times) => {
                for _ in 0..times {
                    self.poll();
                }
            }
            Op::Drain => self.drain(),
            Op::Register => {
                self.drain();
                self.perform(Op::IdReceived(None, "given"));
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
                let kept = Rc::strong_count(&self.alive);
                assert!(kept <= MOST_KEPT + self.waiting.len(), "{kept} payloads are kept");
                return;
            }
        }
        panic!("poll() always has more to do");
    }

    fn tick(&mut self) {
        let attempt = self.server.attempt();
        let now = self.now;
        self.ask(attempt, |server, io| server.tick(now, io));
        self.core.tick(self.now);
        self.disconnected = self.core.is_disconnected();
    }

    fn report(&mut self, attempt: u32, report: Report<Note>) {
        let now = self.now;
        self.ask(attempt, |server, io| server.report(attempt, report, now, io));
    }

    /// Passes an input to the transport, and carries out its decisions.
    fn ask(&mut self, attempt: u32, input: impl FnOnce(&mut PeerServer, &Recorder) -> Option<Event<Note>>) {
        let io = Recorder::default();
        let event = input(&mut self.server, &io);
        for action in io.actions.take() {
            match action {
                Action::FetchId => self.begin(attempt, Line::Fetching),
                Action::Open(url) => {
                    if self.line == Line::Fetching && self.attempts.last() == Some(&attempt) {
                        self.line = Line::None;
                        self.attempts.pop();
                    }
                    self.begin(attempt, Line::Dialled);
                    assert!(url.contains(&format!("&token={TOKEN}&")), "{url}");
                }
                Action::Send(_) => assert_eq!(self.line, Line::Up, "a probe without a socket"),
            }
        }
        if let Some(event) = event {
            self.core.report(attempt, event, self.now);
        }
    }

    fn poll(&mut self) -> bool {
        let Some(output) = self.core.poll() else { return false };
        if self.destroyed {
            let told = matches!(output, Output::Error(PeerError::Disconnected, _));
            assert!(told, "after close: {output:?}");
        }
        match output {
            Output::Connect { attempt, id } => {
                let now = self.now;
                self.ask(attempt, |server, io| server.connect(attempt, id, now, io));
            }
            Output::Disconnect => {
                self.server.disconnect();
                assert_eq!(self.server.deadline(), NEVER);
                // No listener runs between this output and the event, so the model inserts nothing between them either.
                self.line = Line::None;
                let next = self.core.poll();
                assert!(matches!(next, Some(Output::Disconnected(..))), "no word of it, but {next:?}");
                assert!(!self.disconnected && self.core.id().is_none());
                (self.open, self.disconnected) = (false, true);
            }
            Output::Transmit(message) => {
                assert_eq!(self.line, Line::Up, "{:?} without a socket", message.kind);
                if message.kind == MessageType::Offer {
                    assert!(self.open, "an OFFER before OPEN");
                    let number =
                        message.payload.and_then(|note| note.text).and_then(|text| text.parse().ok());
                    assert_eq!(self.waiting.pop_front(), number, "sent out of turn, or twice");
                }
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
                let key = self.core.add(&peer, &id, Some(self.now));
                self.living.push(key);
            }
            Output::Deliver(key, _) => {
                assert!(self.living.contains(&key) || self.closed.contains(&key), "for nobody");
            }
            Output::CloseConnection(key, _) => {
                assert!(self.living.contains(&key), "closed twice, or never there");
                self.end(key);
            }
            Output::Complain(_) => {}
            Output::Warn(what, _) => {
                assert!(!what.is_empty());
                if what.contains("; lost one") {
                    assert!(self.waiting.pop_front().is_some(), "lost what was never sent");
                }
            }
        }
        self.check_flags();
        true
    }

    /// Checks that the messages of the application are sent as soon as the peer is registered.
    fn nothing_was_lost(&mut self) {
        if self.destroyed || self.ending {
            return;
        }
        if self.disconnected {
            self.perform(Op::Reconnect);
        }
        self.perform(Op::Register);
        if self.open {
            assert!(self.waiting.is_empty(), "kept for ever: {:?}", self.waiting);
        }
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
        assert!(!core.is_destroyed() || (core.is_disconnected() && core.deadline() == NEVER));
        assert!(core.registry().keys().eq(self.living.iter().copied()), "the registry has its own mind");
    }
}

fn pick<T: Copy>(all: &[T], index: u8) -> Option<T> {
    all.get(usize::from(index) % all.len().max(1)).copied()
}
