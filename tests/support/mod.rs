//! Simulates a PeerServer, a network with latency and browsers without WebRTC, to run Peers in virtual time.
//!
//! The server behaves like `peer@1.0.2`: it sends `OPEN` only if it did not know the id. A browser carries out the
//! outputs of its Peer and logs the events that an application would see. Listeners run during the event and may call
//! anything. As in a page, the outputs of `disconnect`, `reconnect` and `destroy` are carried out before the call
//! returns, and all other outputs after the listeners.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

mod browser;
pub mod note;
mod server;

use peerjs_wasm::proto::backoff::Backoff;
use peerjs_wasm::proto::connection;
use peerjs_wasm::proto::message::{ConnectionType, Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use peerjs_wasm::proto::peer_server::Report;
use peerjs_wasm::proto::registry::Key;
use peerjs_wasm::proto::time::{Millis, NEVER, earlier};
use peerjs_wasm::proto::transport::Event;

use browser::Browser;
pub use note::Note;
use server::Server;
pub use server::Trouble;

/// The latency between a browser and the server, in each direction.
pub const LATENCY: Millis = 10.0;

/// A message or signal in transit.
enum Wire {
    IdRequest { browser: usize, attempt: u32 },
    IdReply { browser: usize, attempt: u32, id: Option<String> },
    Dial { socket: usize },
    Hangup { socket: usize },
    Up { socket: usize, message: Message<Note> },
    Opened { socket: usize },
    Dropped { socket: usize },
    Down { socket: usize, message: Message<Note> },
}

pub struct Socket {
    pub browser: usize,
    pub attempt: u32,
    pub id: String,
    pub token: String,
    /// Whether the browser still uses it.
    heard: bool,
    up: bool,
}

#[derive(Default)]
pub struct World {
    pub now: Millis,
    pub server: Server,
    pub browsers: Vec<Browser>,
    sockets: Vec<Socket>,
    wires: Vec<(Millis, Wire)>,
    tokens: u32,
}

/// `OPEN`.
pub fn open() -> Message<Note> {
    Message { kind: MessageType::Open, peer: String::new(), payload: None }
}

/// A Peer registered as "me", and the number of the attempt.
pub fn registered() -> (Peer<Note>, u32) {
    let mut core = Peer::default();
    core.start(Some("me".into()), None);
    let Some(Output::Connect { attempt, .. }) = core.poll() else { panic!("connects") };
    core.report(attempt, Event::Registered, 0.0);
    assert_eq!(core.poll(), Some(Output::Opened("me".into())));
    (core, attempt)
}

/// Reports a received message to the Peer.
pub fn receive(core: &mut Peer<Note>, attempt: u32, message: Message<Note>, now: Millis) {
    core.report(attempt, Event::Received(message), now);
}

impl World {
    // Actions of an application.

    /// `new Peer(id)`.
    pub fn peer(&mut self, id: Option<&str>) -> usize {
        self.tokens += 1;
        let token = format!("token{}", self.tokens);
        self.peer_with(id, &token)
    }

    /// `new Peer(id, {token})`.
    pub fn peer_with(&mut self, id: Option<&str>, token: &str) -> usize {
        self.start(id, token, Peer::default())
    }

    /// `new Peer(id, {reconnect: {retries}})`, with the middle value in place of random numbers.
    pub fn returning_peer(&mut self, id: Option<&str>, retries: f64) -> usize {
        self.tokens += 1;
        let mut core = Peer::default();
        let wish = |name: &str| (name == "retries").then_some(retries);
        core.come_back(Backoff::new(wish, || 0.5));
        self.start(id, &format!("token{}", self.tokens), core)
    }

    fn start(&mut self, id: Option<&str>, token: &str, core: Peer<Note>) -> usize {
        self.browsers.push(Browser::new(core, token));
        let browser = self.browsers.len() - 1;
        self.browsers[browser].core.start(id.map(String::from), None);
        self.settle(browser);
        browser
    }

    /// A registered Peer.
    pub fn open_peer(&mut self, id: &str) -> usize {
        let browser = self.peer(Some(id));
        self.run(10.0 * LATENCY);
        assert_eq!(self.take_log(browser), [format!("open {id}")]);
        browser
    }

    pub fn disconnect(&mut self, browser: usize) {
        self.browsers[browser].core.disconnect();
        self.drain(browser);
    }

    pub fn reconnect(&mut self, browser: usize) -> Result<(), String> {
        let result = self.browsers[browser].core.reconnect();
        self.drain(browser);
        result
    }

    pub fn destroy(&mut self, browser: usize) {
        self.browsers[browser].core.destroy();
        self.drain(browser);
    }

    /// `peer.connect(to)`, if the Peer allows it.
    pub fn connect(&mut self, browser: usize, to: &str) -> Option<Key> {
        if let Err(why) = self.browsers[browser].core.may_connect() {
            // The events that the JavaScript class would emit.
            self.browsers[browser].log.push(["error disconnected: ", why].concat());
            return None;
        }
        self.tokens += 1;
        let id = connection::new_id(ConnectionType::Data, &self.tokens.to_string());
        let key = self.add(browser, to, &id, None);
        self.browsers[browser].core.connection_awaited(key, self.now);
        self.send(browser, MessageType::Offer, to, &id);
        Some(key)
    }

    /// `call.answer()`: the call accepts messages only from now on.
    pub fn answer(&mut self, browser: usize, key: Key) {
        let (peer, id, _) = self.browsers[browser].connections[&key].clone();
        self.browsers[browser].core.connection_awaited(key, self.now);
        self.browsers[browser].core.connection_ready(key);
        self.send(browser, MessageType::Answer, &peer, &id);
    }

    /// `connection.close()`.
    pub fn close(&mut self, browser: usize, key: Key) {
        self.end(browser, key, None);
        self.settle(browser);
    }

    /// Runs `listener` at the next event whose text begins with `event`.
    pub fn on(&mut self, browser: usize, event: &'static str, listener: impl FnOnce(&mut World) + 'static) {
        self.browsers[browser].listeners.push((event, Box::new(listener)));
    }

    pub fn send(&mut self, browser: usize, kind: MessageType, to: &str, id: &str) {
        let message = Message { kind, peer: to.into(), payload: Some(Note::data(id)) };
        self.browsers[browser].core.send(message);
        self.settle(browser);
    }

    // Faults and time.

    /// The socket breaks, and only the browser detects it.
    pub fn cut(&mut self, browser: usize) {
        let socket = self.browsers[browser].socket.take().unwrap();
        self.sockets[socket].up = false;
        self.sockets[socket].heard = false;
        self.server.lines_cut.push(socket);
        let attempt = self.sockets[socket].attempt;
        self.report(browser, attempt, Report::Closed);
    }

    /// The browser reports that it is online again.
    pub fn online(&mut self, browser: usize) {
        self.browsers[browser].core.online();
        self.settle(browser);
    }

    /// The socket is dead without an event on either side: everything sent on it from now on is lost.
    pub fn deafen(&mut self, browser: usize) {
        self.server.lines_cut.push(self.browsers[browser].socket.unwrap());
    }

    /// The server dies with all its sockets. It accepts new ones once `trouble` is reset.
    pub fn kill_server(&mut self) {
        self.server = Server::default();
        self.server.trouble = Trouble::Unreachable;
        for socket in 0..self.sockets.len() {
            if self.sockets[socket].heard {
                self.wire(Wire::Dropped { socket });
            }
        }
    }

    /// The server sends a message unprompted.
    pub fn say(&mut self, browser: usize, message: Message<Note>) {
        let socket = self.browsers[browser].socket.unwrap();
        self.wire(Wire::Down { socket, message });
        self.run(LATENCY);
    }

    /// Lets time pass.
    pub fn run(&mut self, span: Millis) {
        let end = self.now + span;
        while let Some(next) = self.next_moment().filter(|moment| *moment <= end) {
            self.now = self.now.max(next);
            for browser in 0..self.browsers.len() {
                if self.deadline(browser) <= self.now {
                    let (attempt, now) = (self.browsers[browser].transport.attempt(), self.now);
                    self.ask(browser, attempt, |transport, io| transport.tick(now, io));
                    self.browsers[browser].core.tick(self.now);
                    self.settle(browser);
                    assert!(self.deadline(browser) > self.now, "a deadline that is past does not go away");
                }
            }
            self.server_time();
            if let Some(index) = self.wires.iter().position(|(at, _)| *at <= self.now) {
                let (_, wire) = self.wires.remove(index);
                self.arrive(wire);
            }
        }
        self.now = end;
    }

    // Observations.

    /// Returns the next deadline of a browser.
    pub fn deadline(&self, browser: usize) -> Millis {
        let Browser { core, transport, .. } = &self.browsers[browser];
        earlier(core.deadline(), transport.deadline())
    }

    pub fn take_log(&mut self, browser: usize) -> Vec<String> {
        std::mem::take(&mut self.browsers[browser].log)
    }

    /// Returns the messages that a browser has sent to this peer.
    pub fn sent_to<'a>(&'a self, browser: usize, to: &'a str) -> impl Iterator<Item = &'a Message<Note>> {
        self.browsers[browser].sent.iter().filter(move |sent| sent.peer == to)
    }

    /// Returns the number of open sockets of a browser.
    pub fn sockets_of(&self, browser: usize) -> usize {
        self.sockets.iter().filter(|socket| socket.browser == browser && socket.heard).count()
    }

    // Implementation.

    fn next_moment(&self) -> Option<Millis> {
        let wires = self.wires.iter().map(|(at, _)| *at);
        let deadlines = (0..self.browsers.len()).map(|browser| self.deadline(browser));
        wires.chain(deadlines.filter(|at| *at < NEVER)).chain(self.server.deadline()).reduce(f64::min)
    }

    fn wire(&mut self, wire: Wire) {
        // All latencies are equal, so that the order is kept.
        self.wires.push((self.now + LATENCY, wire));
    }

    fn arrive(&mut self, wire: Wire) {
        match wire {
            Wire::IdRequest { .. } if self.server.trouble == Trouble::Stuck => {}
            Wire::IdRequest { browser, attempt } => {
                let id = self.server.give_id();
                self.wire(Wire::IdReply { browser, attempt, id });
            }
            Wire::IdReply { browser, attempt, id } => {
                // Reported even if the attempt has ended: the adapter must ignore it.
                self.report(browser, attempt, Report::Id(id));
            }
            Wire::Dial { socket } => self.server_dialled(socket),
            Wire::Hangup { socket } => self.server.hang_up(socket),
            Wire::Up { socket, message } => self.server_hears(socket, message),
            Wire::Opened { socket } => {
                self.sockets[socket].up = self.sockets[socket].heard;
                let Socket { browser, attempt, .. } = self.sockets[socket];
                self.report(browser, attempt, Report::Opened);
            }
            Wire::Dropped { socket } => {
                let Socket { browser, attempt, heard, .. } = self.sockets[socket];
                self.sockets[socket].up = false;
                self.sockets[socket].heard = false;
                if heard {
                    self.browsers[browser].socket = None;
                }
                self.report(browser, attempt, Report::Closed);
            }
            Wire::Down { socket, message } => {
                let Socket { browser, attempt, .. } = self.sockets[socket];
                self.report(browser, attempt, Report::Received(message));
            }
        }
    }
}
