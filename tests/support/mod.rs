//! A PeerServer, a network with latency and browsers without WebRTC: enough to run the core in virtual time.
//!
//! The server does what `peer@1.0.2` does, its silence included: it says `OPEN` only when it had not known the id.
//! A browser carries out what its core decides and writes down what an application would see. Listeners run in the
//! moment of the event and may do anything. As in a page, what follows when they disconnect, reconnect or destroy is
//! carried out before that returns, and everything else after them.
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

/// How long anything takes from a browser to the server or back.
pub const LATENCY: Millis = 10.0;

/// What is on its way.
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
    /// Whether the browser still listens to it.
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

/// A core that its transport has registered as "me", and the number of the attempt.
pub fn registered() -> (Peer<Note>, u32) {
    let mut core = Peer::default();
    core.start(Some("me".into()), None);
    let Some(Output::Connect { attempt, .. }) = core.poll() else { panic!("connects") };
    core.report(attempt, Event::Registered, 0.0);
    assert_eq!(core.poll(), Some(Output::Opened("me".into())));
    (core, attempt)
}

/// The transport reports a message.
pub fn receive(core: &mut Peer<Note>, attempt: u32, message: Message<Note>, now: Millis) {
    core.report(attempt, Event::Received(message), now);
}

impl World {
    // What an application does.

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

    /// `new Peer(id, {reconnect: {retries}})`; chance always decides for the middle.
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

    /// A Peer that the server knows.
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

    /// `peer.connect(to)`, if it may.
    pub fn connect(&mut self, browser: usize, to: &str) -> Option<Key> {
        if let Err(why) = self.browsers[browser].core.may_connect() {
            // What the face makes of it.
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

    /// `call.answer()`: only now can it take messages.
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

    /// Runs `listener` when the next event that begins so comes.
    pub fn on(&mut self, browser: usize, event: &'static str, listener: impl FnOnce(&mut World) + 'static) {
        self.browsers[browser].listeners.push((event, Box::new(listener)));
    }

    pub fn send(&mut self, browser: usize, kind: MessageType, to: &str, id: &str) {
        let message = Message { kind, peer: to.into(), payload: Some(Note::data(id)) };
        self.browsers[browser].core.send(message);
        self.settle(browser);
    }

    // What happens to it.

    /// The line breaks; the server has not noticed.
    pub fn cut(&mut self, browser: usize) {
        let socket = self.browsers[browser].socket.take().unwrap();
        self.sockets[socket].up = false;
        self.sockets[socket].heard = false;
        self.server.lines_cut.push(socket);
        let attempt = self.sockets[socket].attempt;
        self.report(browser, attempt, Report::Closed);
    }

    /// The browser says that it is online again.
    pub fn online(&mut self, browser: usize) {
        self.browsers[browser].core.online();
        self.settle(browser);
    }

    /// The line is dead, and nobody notices: what is sent over it from now on arrives nowhere.
    pub fn deafen(&mut self, browser: usize) {
        self.server.lines_cut.push(self.browsers[browser].socket.unwrap());
    }

    /// The server dies, and takes all sockets along; it comes back when its trouble is over.
    pub fn kill_server(&mut self) {
        self.server = Server::default();
        self.server.trouble = Trouble::Unreachable;
        for socket in 0..self.sockets.len() {
            if self.sockets[socket].heard {
                self.wire(Wire::Dropped { socket });
            }
        }
    }

    /// The server says this of its own accord.
    pub fn say(&mut self, browser: usize, message: Message<Note>) {
        let socket = self.browsers[browser].socket.unwrap();
        self.wire(Wire::Down { socket, message });
        self.run(LATENCY);
    }

    /// Time passes.
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

    // What was seen.

    /// When a browser has something to do again, whatever happens.
    pub fn deadline(&self, browser: usize) -> Millis {
        let Browser { core, transport, .. } = &self.browsers[browser];
        earlier(core.deadline(), transport.deadline())
    }

    pub fn take_log(&mut self, browser: usize) -> Vec<String> {
        std::mem::take(&mut self.browsers[browser].log)
    }

    /// What a browser has sent to this peer.
    pub fn sent_to<'a>(&'a self, browser: usize, to: &'a str) -> impl Iterator<Item = &'a Message<Note>> {
        self.browsers[browser].sent.iter().filter(move |sent| sent.peer == to)
    }

    /// Sockets that a browser still holds.
    pub fn sockets_of(&self, browser: usize) -> usize {
        self.sockets.iter().filter(|socket| socket.browser == browser && socket.heard).count()
    }

    // How it works.

    fn next_moment(&self) -> Option<Millis> {
        let wires = self.wires.iter().map(|(at, _)| *at);
        let deadlines = (0..self.browsers.len()).map(|browser| self.deadline(browser));
        wires.chain(deadlines.filter(|at| *at < NEVER)).chain(self.server.deadline()).reduce(f64::min)
    }

    fn wire(&mut self, wire: Wire) {
        // All wires are equally long, so that this keeps the order.
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
                // Reported even when nobody waits for it any longer: the adapter is to know better.
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
