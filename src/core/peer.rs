//! The life of a Peer, as far as it can be decided without a browser.
//!
//! Inputs are methods; what is to be done about them comes out of [`Peer::poll`], one step at a time. A step changes
//! what the application can see ([`Peer::id`], [`Peer::is_open`] …) in the moment in which it is polled, not before:
//! listeners run while the steps are carried out and must not see the future. A listener may call any input; what
//! follows from it is polled after the steps that were there already.

mod steps;

use super::connection::Stage;
use super::error::{ConnectionError, PeerError};
use super::message::{ConnectionType, Message, MessageType, Payload};
use super::options::{self, Options};
use super::outbox::Outbox;
use super::registry::{Key, Registry};
use super::time::{Millis, due, earlier};

/// A server that has not registered us after so long counts as lost.
const SERVER_TIMEOUT: Millis = 20_000.0;

const CANNOT_CONNECT: &str = "Cannot connect to new Peer after disconnecting from server.";
const CANNOT_CONNECT_DESTROYED: &str = "Cannot connect to new Peer: this one has been destroyed.";
const EXPOSED: &str =
    "Without `secure: true`, anybody on the way can read the token and the key that are sent to";
const NO_ID: &str = "Could not get an ID from the server.";
const PATH_HINT: &str = " If you passed in a `path` to your self-hosted PeerServer, you'll also need to pass in that \
                         same path when creating a new Peer.";

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Output<P> {
    /// Ask the server for an id and report it with [`Peer::id_received`] or [`Peer::id_failed`].
    FetchId {
        /// Goes with the report.
        attempt: u32,
    },
    /// Open the socket.
    OpenSocket {
        /// Goes with everything that is reported of this socket.
        attempt: u32,
        /// Where to.
        url: String,
    },
    /// Close the socket, and forget a request for an id.
    CloseSocket,
    /// Put this on the socket.
    Transmit(Message<P>),
    /// Tell the application: the server knows us under this id.
    Opened(String),
    /// Tell the application: the server does not know us any longer.
    Disconnected(Option<String>),
    /// Tell the application: the Peer is destroyed.
    Closed,
    /// Tell the application what went wrong.
    Error(PeerError, String),
    /// Make a connection of what a peer offers, and [`Peer::add`] it.
    Offer {
        /// Who offers.
        peer: String,
        /// The id that the connection is to have.
        id: String,
        /// What kind of connection.
        kind: ConnectionType,
        /// The offer itself.
        payload: P,
    },
    /// Give this to a connection.
    Deliver(Key, Message<P>),
    /// Close a connection; with an error if it failed.
    CloseConnection(Key, Option<ConnectionError>),
    /// Worth a warning in the log: what, and from whom.
    Warn(&'static str, String),
}

enum Step<P> {
    Do(Output<P>),
    Send(Message<P>),
    Offered(Message<P>),
    Route(Message<P>, Millis),
    Opened,
    Abort(PeerError, String),
    AfterAbort,
    Disconnect,
    Destroy,
    CloseAll,
    /// Those up to `newest`: a listener that tries again at once makes one that is not meant.
    ClosePeer {
        peer: String,
        unopened: Option<ConnectionError>,
        newest: Key,
    },
    Destroyed,
}

#[derive(Clone, Copy, PartialEq)]
enum Link {
    /// No socket, none wanted.
    Down,
    /// Waiting for an id, a socket, or the server's word that we are registered; for so long at the most.
    Pending { until: Millis },
    /// The server knows us.
    Registered,
    /// Nor will there ever be one.
    Over,
}

/// The life of a Peer.
pub struct Peer<P> {
    options: Options,
    id: Option<String>,
    last_id: Option<String>,
    open: bool,
    disconnected: bool,
    destroyed: bool,
    /// Counts connection attempts: what is reported of an earlier one does not count any more.
    attempt: u32,
    link: Link,
    next_ping: Option<Millis>,
    /// What ends this Peer as soon as the constructor has returned.
    doom: Option<(PeerError, String)>,
    outbox: Outbox<P>,
    registry: Registry<P>,
    /// What is still to come, in order. What was asked for or heard during an attempt is void when that is over.
    /// The next one is the last: steps that follow from a step come before all others.
    steps: Vec<(Option<u32>, Step<P>)>,
}

impl<P: Payload> Peer<P> {
    /// A Peer that nobody has started.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            id: None,
            last_id: None,
            open: false,
            disconnected: false,
            destroyed: false,
            attempt: 0,
            link: Link::Down,
            next_ping: None,
            doom: None,
            outbox: Outbox::new(),
            registry: Registry::default(),
            steps: Vec::new(),
        }
    }

    /// The options that hold.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The id under which the server knows us or is to know us.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether the server knows us.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether we have left the server, or lost it.
    pub fn is_disconnected(&self) -> bool {
        self.disconnected
    }

    /// Whether all is over.
    pub fn is_destroyed(&self) -> bool {
        self.destroyed
    }

    /// The connections.
    pub fn registry(&self) -> &Registry<P> {
        &self.registry
    }

    // Inputs: the application.

    /// Begins. An id that may not be, and a browser that cannot, end the Peer at the next [`Peer::tick`].
    pub fn start(&mut self, id: Option<String>, supported: bool, now: Millis) {
        if !supported {
            let text = "The current browser does not support WebRTC".into();
            self.doom = Some((PeerError::BrowserIncompatible, text));
        } else if let Some(id) = id.as_deref().filter(|id| !options::is_valid_id(id)) {
            self.doom = Some((PeerError::InvalidId, ["ID \"", id, "\" is invalid"].concat()));
        } else {
            self.connect_to_server(id, now);
            if self.options.exposed {
                self.warn(EXPOSED, self.options.host.clone());
            }
        }
    }

    /// Leaves the server; connections live on.
    pub fn disconnect(&mut self) {
        self.while_connected(Step::Disconnect);
    }

    /// Comes back under the same id.
    ///
    /// # Errors
    /// When there is nothing to come back from, or nobody to come back; the text says which.
    pub fn reconnect(&mut self, now: Millis) -> Result<(), String> {
        if self.destroyed {
            return Err("This peer cannot reconnect to the server. It has already been destroyed.".into());
        }
        if self.link == Link::Over {
            // A listener that comes back whenever it is disconnected must not revive what is being destroyed.
        } else if self.disconnected {
            self.disconnected = false;
            let id = self.last_id.clone();
            self.connect_to_server(id, now);
        } else if self.open {
            let id = self.id.as_deref().unwrap_or_default();
            let why = " cannot reconnect because it is not disconnected from the server!";
            return Err(["Peer ", id, why].concat());
        } else {
            self.warn("In a hurry? We're still trying to make the initial connection!", String::new());
        }
        Ok(())
    }

    /// Leaves the server and closes every connection.
    pub fn destroy(&mut self) {
        self.always(Step::Destroy);
    }

    /// Whether a new connection can be made.
    ///
    /// # Errors
    /// When not, why: for an error event of the kind [`PeerError::Disconnected`].
    pub fn may_connect(&self) -> Result<(), &'static str> {
        match (self.destroyed, self.disconnected) {
            (true, _) => Err(CANNOT_CONNECT_DESTROYED),
            (_, true) => Err(CANNOT_CONNECT),
            _ => Ok(()),
        }
    }

    /// Registers a connection.
    pub fn add(&mut self, peer: &str, id: &str) -> Key {
        self.registry.add(peer, id)
    }

    /// A connection can take messages from now on.
    pub fn connection_ready(&mut self, key: Key) {
        for message in self.registry.set_ready(key) {
            self.always(Step::Do(Output::Deliver(key, message)));
        }
    }

    /// A connection is open.
    pub fn connection_opened(&mut self, key: Key) {
        self.registry.set_stage(key, Stage::Open);
    }

    /// A connection is closed: nothing of it stays, except what it has already sent.
    pub fn connection_closed(&mut self, key: Key) {
        self.registry.remove(key);
    }

    /// Sends to a peer, as soon as the server knows us.
    pub fn send(&mut self, message: Message<P>) {
        self.always(Step::Send(message));
    }

    /// Reports an error that does not end the Peer.
    pub fn fail(&mut self, kind: PeerError, text: String) {
        if !self.destroyed {
            self.always(Step::Do(Output::Error(kind, text)));
        }
    }

    // Inputs: the server.

    /// The server gave us an id.
    pub fn id_received(&mut self, attempt: u32, id: String, now: Millis) {
        if attempt != self.attempt || self.id.is_some() {
            return;
        }
        // A server makes ids of any kind; what it sends from a wrong path is a page.
        if !id.is_empty() && !id.contains('<') {
            self.call_server(Some(id), now);
        } else {
            self.id_failed(attempt);
        }
    }

    /// The server gave us no id.
    pub fn id_failed(&mut self, attempt: u32) {
        if attempt == self.attempt {
            let hint = if self.options.path == "/" && !self.options.is_cloud() { PATH_HINT } else { "" };
            self.abort(PeerError::ServerError, [NO_ID, hint].concat());
        }
    }

    /// The browser would not make a socket.
    pub fn socket_refused(&mut self, attempt: u32, why: String) {
        if attempt == self.attempt {
            self.abort(PeerError::SocketError, why);
        }
    }

    /// The socket is open, which says nothing of being registered.
    pub fn socket_opened(&mut self, attempt: u32, now: Millis) {
        if attempt != self.attempt {
            return;
        }
        self.next_ping = Some(now + self.options.ping_interval);
        if self.last_id == self.id {
            self.probe();
        }
    }

    /// The socket has closed.
    pub fn socket_closed(&mut self, attempt: u32) {
        if attempt == self.attempt {
            self.lose_server("Lost connection to server.");
        }
    }

    /// A message came.
    pub fn receive(&mut self, attempt: u32, message: Message<P>, now: Millis) {
        if attempt != self.attempt {
            return;
        }
        match message.kind {
            MessageType::Open => self.while_connected(Step::Opened),
            MessageType::Error => {
                let said = message.payload.and_then(|payload| payload.error_message());
                self.abort(
                    PeerError::ServerError,
                    said.unwrap_or_else(|| "The server reports an error.".into()),
                );
            }
            MessageType::IdTaken => {
                let id = self.id.as_deref().unwrap_or_default();
                self.abort(PeerError::UnavailableId, ["ID \"", id, "\" is taken"].concat());
            }
            MessageType::InvalidKey => {
                let text = ["API KEY \"", &self.options.key, "\" is invalid"].concat();
                self.abort(PeerError::InvalidKey, text);
            }
            MessageType::Leave => self.close_peer(message.peer, None),
            MessageType::Expire => self.expired(message.peer),
            MessageType::Offer => self.while_connected(Step::Offered(message)),
            MessageType::Answer | MessageType::Candidate => self.while_connected(Step::Route(message, now)),
            MessageType::Heartbeat => {}
        }
    }

    // Inputs: time.

    /// When [`Peer::tick`] is to be called.
    pub fn deadline(&self) -> Option<Millis> {
        let until = match self.link {
            Link::Pending { until } => Some(until),
            _ => None,
        };
        let doom = self.doom.as_ref().map(|_| 0.0);
        earlier(doom, earlier(until, self.next_ping))
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Millis) {
        self.registry.forget_stale(now);
        if let Some((kind, text)) = self.doom.take() {
            self.always(Step::Abort(kind, text));
        }
        if let Link::Pending { until } = self.link
            && due(Some(until), now)
        {
            match self.id {
                Some(_) => self.lose_server("The server did not answer in time."),
                None => self.id_failed(self.attempt),
            }
        } else if due(self.next_ping, now) {
            self.next_ping = Some(now + self.options.ping_interval);
            if self.open {
                let beat = Message { kind: MessageType::Heartbeat, peer: String::new(), payload: None };
                self.while_connected(Step::Do(Output::Transmit(beat)));
            } else {
                self.probe();
            }
        }
    }

    // Outputs.

    /// Changes what is to change next, and says what is to be done about it.
    pub fn poll(&mut self) -> Option<Output<P>> {
        while let Some((attempt, step)) = self.steps.pop() {
            let void = attempt.is_some_and(|attempt| attempt != self.attempt);
            if !void && let Some(output) = self.apply(step) {
                return Some(output);
            }
        }
        None
    }

    fn connect_to_server(&mut self, id: Option<String>, now: Millis) {
        self.attempt = self.attempt.wrapping_add(1);
        self.call_server(id, now);
    }

    fn call_server(&mut self, id: Option<String>, now: Millis) {
        let attempt = self.attempt;
        self.link = Link::Pending { until: now + SERVER_TIMEOUT };
        let output = match &id {
            Some(id) => Output::OpenSocket { attempt, url: self.options.socket_url(id) },
            None => Output::FetchId { attempt },
        };
        self.id = id;
        self.while_connected(Step::Do(output));
    }

    /// A server that still holds a socket of ours takes the next one in its place without a word. What we send to
    /// ourselves comes back only if we are registered.
    fn probe(&mut self) {
        let payload = Some(P::probe(&self.options.token));
        let peer = self.id.clone().unwrap_or_default();
        let probe = Message { kind: MessageType::Candidate, peer, payload };
        self.while_connected(Step::Do(Output::Transmit(probe)));
    }

    fn lose_server(&mut self, text: &str) {
        self.while_connected(Step::Do(Output::Error(PeerError::Network, text.into())));
        self.disconnect();
    }

    fn expired(&mut self, peer: String) {
        if Some(&peer) != self.id.as_ref() {
            let text = ["Could not connect to peer ", &peer].concat();
            self.while_connected(Step::Do(Output::Error(PeerError::PeerUnavailable, text)));
            self.close_peer(peer, Some(ConnectionError::PeerUnavailable));
        }
    }

    fn close_peer(&mut self, peer: String, unopened: Option<ConnectionError>) {
        let newest = self.registry.newest();
        self.while_connected(Step::ClosePeer { peer, unopened, newest });
    }

    fn abort(&mut self, kind: PeerError, text: String) {
        self.while_connected(Step::Abort(kind, text));
    }

    fn warn(&mut self, what: &'static str, peer: String) {
        self.while_connected(Step::Do(Output::Warn(what, peer)));
    }

    /// Puts a step behind all others.
    fn always(&mut self, step: Step<P>) {
        self.steps.insert(0, (None, step));
    }

    /// Puts a step behind all others, for as long as this attempt to be connected lasts.
    fn while_connected(&mut self, step: Step<P>) {
        self.steps.insert(0, (Some(self.attempt), step));
    }

    /// Puts steps before all others.
    fn next(&mut self, steps: impl IntoIterator<Item = Step<P>, IntoIter: DoubleEndedIterator>) {
        for step in steps.into_iter().rev() {
            self.steps.push((None, step));
        }
    }
}
