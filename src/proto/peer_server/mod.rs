//! The PeerServer of PeerJS as a [transport](super::transport): ids over HTTP, a WebSocket, heartbeats, the probe.
//!
//! Each input acts through [`Io`] and returns the event for the Peer, if there is one. The owner calls
//! [`PeerServer::tick`] when [`PeerServer::deadline`] is reached; the deadline may change with every input.

pub mod options;

use super::error::PeerError;
use super::message::{Message, MessageType, Payload};
use super::time::{Millis, NEVER, earlier};
use super::transport::Event;
use options::Options;

/// How long the server may take to assign an id, and then to register the peer, before it counts as lost.
pub const TIMEOUT: Millis = 20_000.0;
/// How long a server that has answered probes may be silent before it counts as lost: see also [`UNANSWERED`].
const SILENCE: Millis = 15_000.0;
/// How many probes must be unanswered before a silent server counts as lost: a page that was suspended for [`SILENCE`]
/// has sent only one.
const UNANSWERED: u8 = 3;

const NO_ANSWER: &str = "The server did not answer in time.";
const NO_ID: &str = "Could not get an ID from the server.";
const PATH_HINT: &str = " If you passed in a `path` to your self-hosted PeerServer, you'll also need to pass in that \
                         same path when creating a new Peer.";
const EXPOSED: &str = "Without `secure: true`, the network can read the token and the key that are sent to";

/// The network operations of this adapter in one attempt. No method may call the adapter before it returns.
pub trait Io<P> {
    /// Requests an id from the server over HTTP. Its result is passed to [`PeerServer::report`] later, as
    /// [`Report::Id`].
    fn fetch_id(&self, options: &Options);
    /// Opens a WebSocket to this URL. Its events are passed to [`PeerServer::report`] later.
    ///
    /// # Errors
    /// The reason for which the browser refuses to make the WebSocket.
    fn open(&self, url: &str) -> Result<(), String>;
    /// Sends a message on the WebSocket.
    fn send(&self, message: &Message<P>);
}

/// A result of [`Io`], for one attempt.
#[derive(Debug, PartialEq)]
pub enum Report<P> {
    /// The server has answered the request for an id with this text; `None` if the request failed.
    Id(Option<String>),
    /// The WebSocket is open. The server may not have registered the peer yet.
    Opened,
    /// The WebSocket has closed.
    Closed,
    /// The server has sent this message.
    Received(Message<P>),
}

/// The client of a PeerServer, for one peer.
pub struct PeerServer {
    options: Options,
    nonce: fn() -> String,
    attempt: u32,
    /// Whether the attempt is under way or has succeeded.
    live: bool,
    id: Option<String>,
    /// Whether the server may still hold an earlier socket of this peer. Then it registers the new socket without
    /// `OPEN`.
    returning: bool,
    /// The connection id of the probes of this attempt. It is new and random, because another client receives the
    /// probes if it has taken over the id of this peer.
    probe: String,
    registered: bool,
    /// Deadline of the current step of the attempt.
    until: Millis,
    next_ping: Millis,
    /// When the server last sent a message, and how many probes it has not answered since. `None` until the first
    /// answer in this attempt: there are servers that do not deliver messages to their sender.
    answered: Option<(Millis, u8)>,
}

impl PeerServer {
    /// A client of the server in `options`, not connected. `nonce` returns a new random text on each call.
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

    /// Sets the options for the next attempts.
    pub fn set_options(&mut self, options: Options) {
        self.options = Options { exposed: self.options.exposed, ..options };
    }

    /// Returns the number of the latest attempt.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Begins an attempt to register under `id`, or under an id that the server chooses. Reports of the attempt before
    /// are ignored from now on.
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

    /// Ends the attempt. The caller closes the WebSocket, if there is one.
    pub fn disconnect(&mut self) {
        self.live = false;
        self.until = NEVER;
        self.next_ping = NEVER;
    }

    /// Handles a report of [`Io`]. Reports of earlier attempts are ignored.
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

    /// Returns when [`PeerServer::tick`] must be called.
    pub fn deadline(&self) -> Millis {
        earlier(self.until, self.next_ping)
    }

    /// Handles the deadlines up to `now`.
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
        // Any message proves that the server is alive and the peer registered; the answer to a probe may be queued
        // after it.
        if let Some(answered) = &mut self.answered {
            *answered = (now, 0);
        }
        let (kind, text) = match message.kind {
            MessageType::Open => {
                if self.answered.is_none() {
                    // Finds out whether this server answers probes, for the detection of silence.
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

    /// Sends a message to the local peer itself, which comes back only if the peer is registered and the server alive.
    /// Needed because a server that still holds an earlier socket of the peer replaces it without sending `OPEN`.
    fn send_probe<P: Payload>(&self, io: &impl Io<P>) {
        let payload = Some(P::probe(&self.probe));
        let peer = self.id.clone().unwrap_or_default();
        io.send(&Message { kind: MessageType::Candidate, peer, payload });
    }

    fn lose<P>(&mut self, text: &str) -> Option<Event<P>> {
        self.fail(Event::Lost(PeerError::Network, text.into()))
    }

    /// Ends the attempt with this event.
    fn fail<P>(&mut self, event: Event<P>) -> Option<Event<P>> {
        self.disconnect();
        Some(event)
    }
}
