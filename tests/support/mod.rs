//! A PeerServer, a network with latency and browsers without WebRTC: enough to run the core in virtual time.
//!
//! The server does what `peer@1.0.2` does, its silence included: it says `OPEN` only when it had not known the id.
//! A browser carries out what its core decides and writes down what an application would see. Listeners run in the
//! moment of the event and may do anything. As in a page, what follows when they disconnect, reconnect or destroy is
//! carried out before that returns, and everything else after them.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

mod note;
mod server;

use std::collections::BTreeMap;

use peerjs_wasm::proto::backoff::Backoff;
use peerjs_wasm::proto::connection;
use peerjs_wasm::proto::error::{ConnectionError, PeerError};
use peerjs_wasm::proto::message::{ConnectionType, Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use peerjs_wasm::proto::peer_server::{PeerServer, Report};
use peerjs_wasm::proto::registry::Key;
use peerjs_wasm::proto::time::{Millis, NEVER, earlier};
use peerjs_wasm::proto::transport::Event;

pub use note::{Action, Note, Recorder, nonce, options};
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

type Listener = Box<dyn FnOnce(&mut World)>;

pub struct Browser {
    pub core: Peer<Note>,
    transport: PeerServer,
    settling: bool,
    /// What an application saw, in words.
    pub log: Vec<String>,
    /// What went onto a socket.
    pub sent: Vec<Message<Note>>,
    /// What connections were given.
    pub delivered: Vec<(Key, Message<Note>)>,
    /// The connections that an application could list: far peer, connection id, whether it is open.
    pub connections: BTreeMap<Key, (String, String, bool)>,
    socket: Option<usize>,
    listeners: Vec<(&'static str, Listener)>,
    fetching: Option<u32>,
    /// In how long it was to come back by itself, each time that it was disconnected and was to.
    pub retries: Vec<Millis>,
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
        self.browsers.push(Browser {
            core,
            transport: PeerServer::new(options(token), nonce),
            settling: false,
            log: Vec::new(),
            sent: Vec::new(),
            delivered: Vec::new(),
            connections: BTreeMap::new(),
            socket: None,
            listeners: Vec::new(),
            fetching: None,
            retries: Vec::new(),
        });
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

    /// The transport of a browser is told this by the browser.
    pub fn report(&mut self, browser: usize, attempt: u32, report: Report<Note>) {
        let now = self.now;
        self.ask(browser, attempt, |transport, io| transport.report(attempt, report, now, io));
    }

    fn settle(&mut self, browser: usize) {
        if !self.browsers[browser].settling {
            self.drain(browser);
        }
    }

    fn drain(&mut self, browser: usize) {
        let outer = std::mem::replace(&mut self.browsers[browser].settling, true);
        for _ in 0..100_000 {
            match self.browsers[browser].core.poll() {
                Some(output) => self.carry_out(browser, output),
                None => {
                    self.browsers[browser].settling = outer;
                    return;
                }
            }
        }
        panic!("poll() always has more to do");
    }

    /// Lets the transport of a browser decide about something, and does what it says.
    fn ask(
        &mut self,
        browser: usize,
        attempt: u32,
        input: impl FnOnce(&mut PeerServer, &Recorder) -> Option<Event<Note>>,
    ) {
        let io = Recorder::default();
        let event = input(&mut self.browsers[browser].transport, &io);
        for action in io.actions.take() {
            self.act(browser, attempt, action);
        }
        if let Some(event) = event {
            self.browsers[browser].core.report(attempt, event, self.now);
            self.settle(browser);
        }
    }

    fn act(&mut self, browser: usize, attempt: u32, action: Action) {
        let this = &mut self.browsers[browser];
        match action {
            Action::FetchId => {
                assert!(this.fetching.is_none() && this.socket.is_none(), "two ways to the server at once");
                this.fetching = Some(attempt);
                self.wire(Wire::IdRequest { browser, attempt });
            }
            Action::Open(url) => {
                assert!(this.socket.is_none(), "two sockets at once");
                let of = |name: &str| {
                    let (_, rest) = url.split_once(name).unwrap();
                    rest.split('&').next().unwrap().to_owned()
                };
                let (id, token) = (of("&id="), of("&token="));
                this.fetching = None;
                this.socket = Some(self.sockets.len());
                self.sockets.push(Socket { browser, attempt, id, token, heard: true, up: false });
                self.wire(Wire::Dial { socket: self.sockets.len() - 1 });
            }
            Action::Send(message) => self.transmit(browser, message),
        }
    }

    fn transmit(&mut self, browser: usize, message: Message<Note>) {
        let this = &mut self.browsers[browser];
        let socket = this.socket.expect("nothing goes out without a socket");
        assert!(self.sockets[socket].up, "nothing goes out before the socket is open");
        this.sent.push(message.clone());
        self.wire(Wire::Up { socket, message });
    }

    fn carry_out(&mut self, browser: usize, output: Output<Note>) {
        let this = &mut self.browsers[browser];
        match output {
            Output::Connect { attempt, id } => {
                let now = self.now;
                self.ask(browser, attempt, |transport, io| transport.connect(attempt, id, now, io));
            }
            Output::Disconnect => {
                this.transport.disconnect();
                this.fetching = None;
                if let Some(socket) = this.socket.take() {
                    self.sockets[socket].heard = false;
                    self.sockets[socket].up = false;
                    self.wire(Wire::Hangup { socket });
                }
            }
            Output::Transmit(message) => {
                assert!(message.kind != MessageType::Offer || this.core.is_open(), "an OFFER before OPEN");
                self.transmit(browser, message);
            }
            Output::Opened(id) => {
                assert!(this.core.is_open() && this.core.id() == Some(&id));
                self.emit(browser, format!("open {id}"));
            }
            Output::Disconnected(id, retry) => {
                assert!(this.core.is_disconnected() && !this.core.is_open() && this.core.id().is_none());
                assert!(!this.core.is_destroyed(), "destroyed before the application was told");
                this.retries.extend(retry);
                self.emit(browser, format!("disconnected {}", id.as_deref().unwrap_or("null")));
            }
            Output::Closed => {
                assert!(this.core.is_destroyed() && this.core.is_disconnected() && !this.core.is_open());
                assert_eq!(this.connections.len(), 0, "destroyed with connections");
                self.emit(browser, "close".into());
            }
            Output::Error(kind, text) => {
                assert!(!this.core.is_destroyed() || kind == PeerError::Disconnected);
                self.emit(browser, format!("error {}: {text}", kind.as_str()));
            }
            Output::Offer { peer, id, kind, .. } => {
                let key = self.add(browser, &peer, &id, Some(self.now));
                self.emit(browser, format!("{} from {peer}", kind.as_str()));
                if kind == ConnectionType::Data && self.browsers[browser].connections.contains_key(&key) {
                    self.answer(browser, key);
                }
            }
            Output::Deliver(key, message) => {
                this.delivered.push((key, message.clone()));
                self.negotiate(browser, key, message);
            }
            Output::CloseConnection(key, error) => {
                assert!(this.connections.contains_key(&key), "closed twice");
                self.end(browser, key, error);
            }
            Output::Complain(what) => self.emit(browser, format!("complaint: {what}")),
            Output::Warn(what, from) => self.emit(browser, format!("warn: {what} {from}")),
        }
    }

    /// As much of a negotiation as there is without WebRTC: the offering side is open when the answer is there, the
    /// answering side with the first candidate after it.
    fn negotiate(&mut self, browser: usize, key: Key, message: Message<Note>) {
        let Some((peer, id, open)) = self.browsers[browser].connections.get_mut(&key) else { return };
        if !std::mem::replace(open, true) {
            let (peer, id) = (peer.clone(), id.clone());
            self.browsers[browser].core.connection_opened(key);
            self.emit(browser, format!("connection to {peer} open"));
            if message.kind == MessageType::Answer {
                self.send(browser, MessageType::Candidate, &peer, &id);
            }
        }
    }

    /// Registers a connection, as the web side does before anybody hears of it.
    pub fn add(&mut self, browser: usize, peer: &str, id: &str, offered: Option<Millis>) -> Key {
        let this = &mut self.browsers[browser];
        let key = this.core.add(peer, id, offered);
        this.connections.insert(key, (peer.into(), id.into(), false));
        key
    }

    fn end(&mut self, browser: usize, key: Key, error: Option<ConnectionError>) {
        let (peer, ..) = self.browsers[browser].connections.remove(&key).unwrap();
        self.browsers[browser].core.connection_closed(key);
        if let Some(error) = error {
            self.emit(browser, format!("connection to {peer} error {}", error.as_str()));
        }
        self.emit(browser, format!("connection to {peer} close"));
    }

    fn emit(&mut self, browser: usize, event: String) {
        let this = &mut self.browsers[browser];
        let index = this.listeners.iter().position(|(begin, _)| event.starts_with(begin));
        let listener = index.map(|index| this.listeners.remove(index).1);
        this.log.push(event);
        if let Some(listener) = listener {
            listener(self);
        }
    }
}
