//! A simulated browser: carries out the outputs of its Peer and transport, and logs the events that an application
//! sees.

use std::collections::BTreeMap;

use peerjs_wasm::proto::error::{ConnectionError, PeerError};
use peerjs_wasm::proto::message::{ConnectionType, Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use peerjs_wasm::proto::peer_server::{PeerServer, Report};
use peerjs_wasm::proto::registry::Key;
use peerjs_wasm::proto::time::Millis;
use peerjs_wasm::proto::transport::Event;

use super::note::{Action, Note, Recorder, nonce, options};
use super::{Socket, Wire, World};

type Listener = Box<dyn FnOnce(&mut World)>;

pub struct Browser {
    pub core: Peer<Note>,
    pub(super) transport: PeerServer,
    settling: bool,
    /// The log of the events that the application saw.
    pub log: Vec<String>,
    /// The messages that were sent on a socket.
    pub sent: Vec<Message<Note>>,
    /// The messages that were delivered to connections.
    pub delivered: Vec<(Key, Message<Note>)>,
    /// The connections of the application: remote peer, connection id, whether it is open.
    pub connections: BTreeMap<Key, (String, String, bool)>,
    pub(super) socket: Option<usize>,
    pub(super) listeners: Vec<(&'static str, Listener)>,
    fetching: Option<u32>,
    /// The delays before automatic reconnection, one for each time that it was announced.
    pub retries: Vec<Millis>,
}

impl Browser {
    pub fn new(core: Peer<Note>, token: &str) -> Self {
        Self {
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
        }
    }
}

impl World {
    /// Passes a report of the browser to its transport.
    pub fn report(&mut self, browser: usize, attempt: u32, report: Report<Note>) {
        let now = self.now;
        self.ask(browser, attempt, |transport, io| transport.report(attempt, report, now, io));
    }

    pub(super) fn settle(&mut self, browser: usize) {
        if !self.browsers[browser].settling {
            self.drain(browser);
        }
    }

    pub(super) fn drain(&mut self, browser: usize) {
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

    /// Passes an input to the transport of a browser, and carries out its decisions.
    pub(super) fn ask(
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

    /// A negotiation without WebRTC: the offerer is open once it has the answer, the answerer with the first candidate
    /// after that.
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

    /// Registers a connection, as src/web does before it emits an event for it.
    pub fn add(&mut self, browser: usize, peer: &str, id: &str, offered: Option<Millis>) -> Key {
        let this = &mut self.browsers[browser];
        let key = this.core.add(peer, id, offered);
        this.connections.insert(key, (peer.into(), id.into(), false));
        key
    }

    pub(super) fn end(&mut self, browser: usize, key: Key, error: Option<ConnectionError>) {
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
