//! The life of a Peer, as far as it can be decided without a browser.
//!
//! Inputs are methods; what is to be done about them comes out of [`Peer::poll`], one step at a time. A step changes
//! what the application can see ([`Peer::id`], [`Peer::is_open`] …) in the moment in which it is polled, not before:
//! listeners run while the steps are carried out and must not see the future. A listener may call any input; what
//! follows from it is polled after the steps that were there already.

mod steps;
mod transport;

use super::backoff::Backoff;
use super::connection::Stage;
use super::error::{ConnectionError, PeerError};
use super::id;
use super::message::{ConnectionType, Message, Payload};
use super::outbox::Outbox;
use super::registry::{Key, Registry};
use super::time::{Millis, NEVER, earlier};

const CANNOT_CONNECT: &str = "Cannot connect to new Peer after disconnecting from server.";
const CANNOT_CONNECT_DESTROYED: &str = "Cannot connect to new Peer: this one has been destroyed.";

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Output<P> {
    /// Have the transport register us under this id, or under one that it makes up. What it reports of this goes to
    /// [`Peer::report`] with the number of the attempt. Comes only when there is no other attempt.
    Connect {
        /// Goes with every report.
        attempt: u32,
        /// The id, if it is known.
        id: Option<String>,
    },
    /// Have the transport forget the attempt, and leave if it has registered us.
    Disconnect,
    /// Have the transport hand this to a peer. Comes only while it has us registered.
    Transmit(Message<P>),
    /// Tell the application: the server knows us under this id.
    Opened(String),
    /// Tell the application: the server does not know us any longer under this id. We try again in so long, or not.
    Disconnected(Option<String>, Option<Millis>),
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
    /// Worth an error in the log, though not an event.
    Complain(&'static str),
}

enum Step<P> {
    Do(Output<P>),
    Send(Message<P>),
    Offered(Message<P>, Millis),
    Route(Message<P>, Millis),
    Opened(Millis),
    Abort(PeerError, String),
    AfterAbort,
    Disconnect,
    /// The same, but not for good if that is how it is wished.
    Lose(Millis),
    /// Those that should have opened by now.
    CloseOverdue(Millis),
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

#[derive(Clone, Copy)]
enum Link {
    /// Not registered, nor to be.
    Down,
    /// The transport is to register us.
    Pending,
    /// The transport has registered us.
    Registered,
    /// Nor will there ever be one.
    Over,
}

/// The life of a Peer.
pub struct Peer<P> {
    id: Option<String>,
    last_id: Option<String>,
    open: bool,
    disconnected: bool,
    destroyed: bool,
    /// Counts connection attempts: what is reported of an earlier one does not count any more.
    attempt: u32,
    link: Link,
    /// How to come back by oneself, if that is wished.
    backoff: Option<Backoff>,
    /// When we do.
    retry: Millis,
    /// Whether the application wants to be connected.
    wanted: bool,
    /// What ends this Peer as soon as the constructor has returned.
    doom: Option<(PeerError, String)>,
    outbox: Outbox<P>,
    registry: Registry<P>,
    /// What is still to come, in order. What was asked for or heard during an attempt is void when that is over.
    /// The next one is the last: steps that follow from a step come before all others.
    steps: Vec<(Option<u32>, Step<P>)>,
}

impl<P> Default for Peer<P> {
    /// A Peer that is not started yet.
    fn default() -> Self {
        Self {
            id: None,
            last_id: None,
            open: false,
            disconnected: false,
            destroyed: false,
            attempt: 0,
            link: Link::Down,
            backoff: None,
            retry: NEVER,
            wanted: true,
            doom: None,
            outbox: Outbox::new(),
            registry: Registry::default(),
            steps: Vec::new(),
        }
    }
}

impl<P: Payload> Peer<P> {
    /// The id under which the server knew us when we were connected last: [`Peer::reconnect`] returns to it.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// Has [`Peer::reconnect`] return to this id.
    pub fn set_last_id(&mut self, id: String) {
        self.last_id = Some(id);
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

    /// From now on comes back by itself when it has lost the server.
    pub fn come_back(&mut self, backoff: Backoff) {
        self.backoff = Some(backoff);
    }

    /// Begins. An id that is invalid, and an `obstacle` (what this browser lacks), end the Peer at the next
    /// [`Peer::tick`].
    pub fn start(&mut self, id: Option<String>, obstacle: Option<&'static str>) {
        if let Some(text) = obstacle {
            self.doom = Some((PeerError::BrowserIncompatible, text.into()));
        } else if let Some(id) = id.as_deref().filter(|id| !id::is_valid_id(id)) {
            self.doom = Some((PeerError::InvalidId, ["ID \"", id, "\" is invalid"].concat()));
        } else {
            self.connect(id);
        }
    }

    /// Leaves the server; connections live on.
    pub fn disconnect(&mut self) {
        self.stay_away();
        self.while_connected(Step::Disconnect);
    }

    /// Comes back under the same id.
    ///
    /// # Errors
    /// When there is nothing to come back from, or nobody to come back; the text says which.
    pub fn reconnect(&mut self) -> Result<(), String> {
        if self.destroyed {
            return Err("This peer cannot reconnect to the server. It has already been destroyed.".into());
        }
        if matches!(self.link, Link::Over) {
            // A listener that comes back whenever it is disconnected must not revive what is being destroyed.
        } else if self.disconnected {
            if let Some(backoff) = &mut self.backoff {
                backoff.reset();
            }
            self.wanted = true;
            self.return_to_server();
        } else if self.open {
            let id = self.id.as_deref().unwrap_or_default();
            let why = " cannot reconnect because it is not disconnected from the server!";
            return Err(["Peer ", id, why].concat());
        } else {
            let why = "In a hurry? We're still trying to make the initial connection!";
            self.while_connected(Step::Do(Output::Complain(why)));
        }
        Ok(())
    }

    /// Leaves the server and closes every connection.
    pub fn destroy(&mut self) {
        self.stay_away();
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

    /// Registers a connection that we offer, or whose offer came at `offered`.
    pub fn add(&mut self, peer: &str, id: &str, offered: Option<Millis>) -> Key {
        self.registry.add(peer, id, offered)
    }

    /// A connection can take messages from now on.
    pub fn connection_ready(&mut self, key: Key) {
        for message in self.registry.set_ready(key) {
            self.always(Step::Do(Output::Deliver(key, message)));
        }
    }

    /// The far side is being asked for a connection, or has agreed to a call: there is to be a path to it in time, once
    /// the server has taken our messages.
    pub fn connection_awaited(&mut self, key: Key, now: Millis) {
        self.registry.set_deadline(key, matches!(self.link, Link::Registered).then_some(now));
    }

    /// A connection is open, or a call has found its path.
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

    // Inputs: time. Those of the transport are in `transport`.

    /// When [`Peer::tick`] is to be called.
    pub fn deadline(&self) -> Millis {
        let doom = if self.doom.is_some() { 0.0 } else { NEVER };
        earlier(earlier(doom, self.retry), self.registry.deadline())
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Millis) {
        self.registry.forget_stale(now);
        if let Some((kind, text)) = self.doom.take() {
            self.always(Step::Abort(kind, text));
        }
        if self.registry.deadline() <= now {
            self.always(Step::CloseOverdue(now));
        }
        if self.retry <= now {
            self.return_to_server();
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
