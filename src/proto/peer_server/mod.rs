//! The PeerServer of PeerJS as a [transport](super::transport): ids over HTTP, a WebSocket, heartbeats, the probe.
//!
//! Each input acts through [`Io`] and returns the event that the Peer is to be told, if there is one.

pub mod options;

use super::error::PeerError;
use super::message::{Message, MessageType, Payload};
use super::time::{Millis, NEVER, earlier};
use super::transport::Event;
use options::Options;

/// A server that has not given us an id, or has not registered us, after so long counts as lost.
pub const TIMEOUT: Millis = 20_000.0;
/// A server that has answered probes before counts as lost when it has answered none for so long…
const SILENCE: Millis = 15_000.0;
/// …and at least so many: a page that was asleep meanwhile has sent only one.
const UNANSWERED: u8 = 3;

const NO_ANSWER: &str = "The server did not answer in time.";
const NO_ID: &str = "Could not get an ID from the server.";
const PATH_HINT: &str = " If you passed in a `path` to your self-hosted PeerServer, you'll also need to pass in that \
                         same path when creating a new Peer.";
const EXPOSED: &str =
    "Without `secure: true`, anybody on the way can read the token and the key that are sent to";

/// What a browser does for this adapter in one attempt. None of it calls the adapter back before it returns.
pub trait Io<P> {
    /// Asks the server that `options` tell of for an id over HTTP, and reports [`Report::Id`] later.
    fn fetch_id(&self, options: &Options);
    /// Opens a WebSocket to this URL and reports what happens to it later.
    ///
    /// # Errors
    /// Why the browser would not make it.
    fn open(&self, url: &str) -> Result<(), String>;
    /// Puts a message on the WebSocket.
    fn send(&self, message: &Message<P>);
}

/// What the browser reports of one attempt.
#[derive(Debug, PartialEq)]
pub enum Report<P> {
    /// What the server gave as an id; None if it gave none.
    Id(Option<String>),
    /// The WebSocket is open, which does not mean that the server has registered us.
    Opened,
    /// The WebSocket has closed.
    Closed,
    /// The server sent this.
    Received(Message<P>),
}

/// One client's side of a PeerServer.
pub struct PeerServer {
    options: Options,
    nonce: fn() -> String,
    attempt: u32,
    /// Whether the attempt is under way or has succeeded.
    live: bool,
    id: Option<String>,
    /// Whether the server may still hold a socket of ours, so that it will register us without a word.
    returning: bool,
    /// The connection id of the probes of this attempt: fresh and random, since another client gets the probes when our
    /// id has passed to it.
    probe: String,
    registered: bool,
    /// When the attempt has failed unless it has come further by then.
    until: Millis,
    next_ping: Millis,
    /// When the server last answered, and how many probes it has not answered since. None if it never has in this
    /// attempt: there are servers that deliver nothing to its sender.
    answered: Option<(Millis, u8)>,
}

impl PeerServer {
    /// The server that `options` says. `nonce` makes a new random text each time.
    pub fn new(options: Options, nonce: fn() -> String) -> Self {
        Self {
            options,
            nonce,
            attempt: 0,
            live: false,
            id: None,
            returning: false,
            probe: String::new(),
            registered: false,
            until: NEVER,
            next_ping: NEVER,
            answered: None,
        }
    }

    /// These options hold from the next attempt on.
    pub fn set_options(&mut self, options: Options) {
        self.options = Options { exposed: self.options.exposed, ..options };
    }

    /// The number of the latest attempt.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Begins an attempt to be registered under `id`, or under one that the server makes up. The one before is over.
    pub fn connect<P>(
        &mut self,
        attempt: u32,
        id: Option<String>,
        now: Millis,
        io: &impl Io<P>,
    ) -> Option<Event<P>> {
        let warns = self.probe.is_empty() && self.options.exposed;
        self.attempt = attempt;
        self.live = true;
        self.returning = id.is_some() && self.id == id;
        self.probe = (self.nonce)();
        self.registered = false;
        self.answered = None;
        self.until = now + TIMEOUT;
        self.id = id;
        let refused = match &self.id {
            Some(_) => self.open(io),
            None => {
                io.fetch_id(&self.options);
                None
            }
        };
        refused.or_else(|| warns.then(|| Event::Warning(EXPOSED, self.options.host.clone())))
    }

    /// Ends the attempt: the WebSocket, if there is one, is to be closed.
    pub fn disconnect(&mut self) {
        self.live = false;
        self.until = NEVER;
        self.next_ping = NEVER;
    }

    /// The browser reports something of this attempt.
    pub fn report<P: Payload>(
        &mut self,
        attempt: u32,
        report: Report<P>,
        now: Millis,
        io: &impl Io<P>,
    ) -> Option<Event<P>> {
        if !self.live || attempt != self.attempt {
            return None;
        }
        match report {
            Report::Id(id) if self.id.is_none() => return self.assigned(id, now, io),
            Report::Id(_) => {}
            Report::Opened => {
                self.next_ping = now + self.options.ping_interval;
                if self.returning {
                    self.send_probe(io);
                }
            }
            Report::Closed => return self.lose("Lost connection to server."),
            Report::Received(message) => return self.receive(message, now, io),
        }
        None
    }

    /// When [`PeerServer::tick`] is to be called.
    pub fn deadline(&self) -> Millis {
        earlier(self.until, self.next_ping)
    }

    /// Time has passed.
    pub fn tick<P: Payload>(&mut self, now: Millis, io: &impl Io<P>) -> Option<Event<P>> {
        if self.until <= now {
            return match self.id {
                Some(_) => self.lose(NO_ANSWER),
                None => self.assigned(None, now, io),
            };
        }
        if self.next_ping <= now {
            self.next_ping = now + self.options.ping_interval;
            if self.registered {
                if let Some((since, unanswered)) = &mut self.answered {
                    if *unanswered >= UNANSWERED && now - *since >= SILENCE {
                        return self.lose(NO_ANSWER);
                    }
                    *unanswered = unanswered.saturating_add(1);
                }
                io.send(&Message { kind: MessageType::Heartbeat, peer: String::new(), payload: None });
            }
            self.send_probe(io);
        }
        None
    }

    fn open<P>(&mut self, io: &impl Io<P>) -> Option<Event<P>> {
        let url = self.options.socket_url(self.id.as_deref().unwrap_or_default());
        let why = io.open(&url).err()?;
        self.fail(Event::Refused(PeerError::SocketError, why))
    }

    fn assigned<P>(&mut self, id: Option<String>, now: Millis, io: &impl Io<P>) -> Option<Event<P>> {
        // A server makes ids of any kind; under a wrong path it sends a page.
        self.id = id.filter(|id| !id.is_empty() && !id.as_bytes().contains(&b'<'));
        if self.id.is_none() {
            let hint = if self.options.path == "/" && !self.options.is_cloud() { PATH_HINT } else { "" };
            return self.fail(Event::Lost(PeerError::ServerError, [NO_ID, hint].concat()));
        }
        self.until = now + TIMEOUT;
        self.open(io).or_else(|| self.id.clone().map(Event::Assigned))
    }

    fn receive<P: Payload>(&mut self, message: Message<P>, now: Millis, io: &impl Io<P>) -> Option<Event<P>> {
        // Any message shows that the server is there and knows us; the answer to a probe may wait behind it.
        if let Some(answered) = &mut self.answered {
            *answered = (now, 0);
        }
        let (kind, text) = match message.kind {
            MessageType::Open => {
                if self.answered.is_none() {
                    // Whether this server answers probes is to be known before it can fall silent.
                    self.send_probe(io);
                }
                return self.register();
            }
            MessageType::Error => {
                let said = message.payload.and_then(|payload| payload.error_message());
                (PeerError::ServerError, said.unwrap_or_else(|| "The server reports an error.".into()))
            }
            MessageType::IdTaken => {
                let id = self.id.as_deref().unwrap_or_default();
                (PeerError::UnavailableId, ["ID \"", id, "\" is taken"].concat())
            }
            MessageType::InvalidKey => {
                (PeerError::InvalidKey, ["API KEY \"", &self.options.key, "\" is invalid"].concat())
            }
            MessageType::Candidate if self.is_own_probe(&message) => {
                self.answered = Some((now, 0));
                return self.register();
            }
            _ => return Some(Event::Received(message)),
        };
        self.fail(Event::Refused(kind, text))
    }

    fn is_own_probe<P: Payload>(&self, message: &Message<P>) -> bool {
        let connection_id = || message.payload.as_ref().and_then(Payload::connection_id);
        self.id.as_ref() == Some(&message.peer) && connection_id().as_ref() == Some(&self.probe)
    }

    fn register<P>(&mut self) -> Option<Event<P>> {
        self.until = NEVER;
        let news = !std::mem::replace(&mut self.registered, true);
        news.then_some(Event::Registered)
    }

    /// A server that still holds a socket of ours takes the next one in its place without a word. What we send to
    /// ourselves comes back only if we are registered and the server is still there.
    fn send_probe<P: Payload>(&self, io: &impl Io<P>) {
        let payload = Some(P::probe(&self.probe));
        let peer = self.id.clone().unwrap_or_default();
        io.send(&Message { kind: MessageType::Candidate, peer, payload });
    }

    fn lose<P>(&mut self, text: &str) -> Option<Event<P>> {
        self.fail(Event::Lost(PeerError::Network, text.into()))
    }

    /// Nothing more is expected of this attempt.
    fn fail<P>(&mut self, event: Event<P>) -> Option<Event<P>> {
        self.disconnect();
        Some(event)
    }
}
