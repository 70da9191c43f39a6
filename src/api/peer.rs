//! A Peer.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use wasm_bindgen::JsValue;
use web_sys::{MediaStream, console};

use super::call::{Call, IncomingCall};
use super::connect_options::{CallOptions, ConnectOptions};
use super::connection::{Common, Connection};
use super::error::Error;
use super::link::{peer_error, text};
use super::options::PeerBuilder;
use super::presence::{Presences, Watched};
use super::queue::{Queue, Waiting};
use super::serialization::Serialization;
use super::signaling::{Factory, Shared, as_function};
use crate::proto::border::LogLevel;
use crate::proto::error::PeerError;
use crate::proto::message::ConnectionType;
use crate::proto::peer::Peer as Core;
use crate::web;
use crate::web::connection::Setup;
use crate::web::face::{PeerEvent, PeerListener};
use crate::web::js::{get_text, set};
use crate::web::peer_server::Failure;

/// So many connections, calls and events wait for somebody to take them. What comes then is refused, and of the events the
/// first is forgotten.
const BACKLOG: usize = 64;

/// One's own end: known to a PeerServer under an id, by which others connect to it.
///
/// Cheap to clone; all clones are the same Peer. When the last of them is dropped it is destroyed, with all its connections
/// and calls. Its streams do not keep it alive.
#[derive(Clone)]
pub struct Peer(pub(super) Rc<Handle>);

pub(super) struct Handle {
    pub(super) peer: Rc<web::peer::Peer>,
    pub(super) listener: Rc<Listener>,
}

/// What hears of it.
#[derive(Default)]
pub(super) struct Listener {
    peer: OnceCell<Weak<web::peer::Peer>>,
    debug: u8,
    common: Rc<Common>,
    /// The application's own signalling, and what makes the connections to it.
    signaling: Option<(Shared, Factory)>,
    watched: Rc<Watched>,
    /// The id under which the server knew us last.
    id: RefCell<String>,
    /// Why we are not at the server.
    failure: RefCell<Option<Error>>,
    pub(super) changed: Waiting,
    pub(super) incoming: Queue<Connection>,
    calls: Queue<IncomingCall>,
    events: Queue<Event>,
}

/// What happens to a [`Peer`] that nobody waits for: [`Peer::events`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// The server does not know it any longer. Its connections live on; there are no new ones before it is back.
    Disconnected {
        /// When it tries to come back [by itself](PeerBuilder::reconnect), if it does. Otherwise
        /// [`Peer::reconnect`] brings it back.
        retry_in: Option<Duration>,
    },
    /// The server knows it again.
    Reconnected,
    /// Something went wrong. What ends the Peer, or its connection to the server, is told before that ends.
    Error(Error),
}

impl PeerBuilder {
    /// Goes to the server and waits until that knows this peer. Gives up when dropped.
    ///
    /// # Errors
    /// What went wrong: [`Error::UnavailableId`], [`Error::InvalidId`], [`Error::Network`], [`Error::ServerError`],
    /// [`Error::InvalidKey`], [`Error::SocketError`] or [`Error::BrowserIncompatible`].
    pub async fn open(self) -> Result<Peer, Error> {
        let peer = self.start()?;
        peer.open().await?;
        Ok(peer)
    }

    /// Goes to the server, and gives the Peer at once, before the server knows it: [`Peer::open`] waits for that, and
    /// dropping the Peer gives up.
    ///
    /// # Errors
    /// [`Error::BrowserIncompatible`] where there is no browser: natively.
    pub fn start(self) -> Result<Peer, Error> {
        if cfg!(not(target_arch = "wasm32")) {
            return Err(Error::BrowserIncompatible("A Peer needs a browser: the target wasm32.".into()));
        }
        Ok(Peer::start(self))
    }
}

impl Peer {
    /// Says where it is to be; [`PeerBuilder::open`] goes there.
    pub fn builder() -> PeerBuilder {
        PeerBuilder::default()
    }

    pub(super) fn start(builder: PeerBuilder) -> Self {
        let options = builder.to_js();
        let PeerBuilder { id, debug, limits, signaling, .. } = builder;
        let watched = Rc::<Watched>::default();
        let signaling = signaling.map(|it| (it.clone(), it.factory(&watched)));
        if let Some((_, factory)) = &signaling {
            set(&options, "signaling", as_function(factory));
        }
        let global = js_sys::global();
        let common = Common::new(limits);
        let listener = Rc::new(Listener { debug, common, signaling, watched, ..Listener::default() });
        let peer = web::peer::Peer::new(options, &global, Rc::<Listener>::clone(&listener));
        // It is new, so that nothing is there yet.
        let _ = listener.peer.set(Rc::downgrade(&peer));
        let this = Self(Rc::new(Handle { peer, listener }));
        this.0.peer.start(id, &global);
        this
    }

    /// Waits until the server knows it, which [`PeerBuilder::open`] does by itself.
    ///
    /// # Errors
    /// Those of [`PeerBuilder::open`], [`Error::Destroyed`], and [`Error::Disconnected`] when it has left the server.
    pub async fn open(&self) -> Result<(), Error> {
        let Handle { peer, listener } = &*self.0;
        let look = || {
            if self.is_open() {
                Some(Ok(()))
            } else if peer.ask(|core| core.is_disconnected() || core.is_destroyed()) {
                let why = || match peer.ask(Core::is_destroyed) {
                    true => Error::Destroyed,
                    false => Error::Disconnected("The peer has left the server.".into()),
                };
                Some(Err(listener.failure.borrow().clone().unwrap_or_else(why)))
            } else {
                None
            }
        };
        listener.changed.until(look).await
    }

    /// The id under which the server knows it, or knew it last.
    pub fn id(&self) -> String {
        self.0.listener.id.borrow().clone()
    }

    /// Whether the server knows it, so that it can connect and be connected to.
    pub fn is_open(&self) -> bool {
        self.0.peer.ask(Core::is_open)
    }

    /// Connects to a peer. It need not be open before one [sends](Connection::send).
    ///
    /// # Errors
    /// [`Error::Disconnected`] when this peer has left or lost the server, [`Error::Destroyed`] when it is destroyed. That
    /// nobody has the id comes from [`Connection::open`].
    pub fn connect(&self, id: &str, options: ConnectOptions) -> Result<Connection, Error> {
        may_connect(&self.0.peer)?;
        let Handle { peer, listener } = &*self.0;
        let setup = Setup::outgoing(ConnectionType::Data, &options.to_js()?.into());
        Ok(Connection::new(peer, &listener.common, id, options.serialization, setup))
    }

    /// Calls a peer and sends it a stream, or none, to receive only.
    ///
    /// ```no_run
    /// # use peerjs_wasm::{CallOptions, Error, Peer};
    /// # async fn example(peer: Peer, camera: web_sys::MediaStream) -> Result<(), Error> {
    /// let call = peer.call("bob", Some(&camera), CallOptions::new())?;
    /// let theirs = call.stream().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As with [`connect`](Self::connect).
    pub fn call(&self, id: &str, stream: Option<&MediaStream>, options: CallOptions) -> Result<Call, Error> {
        may_connect(&self.0.peer)?;
        let Handle { peer, listener } = &*self.0;
        let setup = Setup::outgoing(ConnectionType::Media, &options.to_js()?.into());
        Ok(Call::new(peer, &listener.common, id, stream, setup))
    }

    /// The connections that others make, each given once. They may not be open yet.
    ///
    /// Up to 64 wait until somebody takes them; what comes then is closed at once.
    ///
    /// ```no_run
    /// # use peerjs_wasm::Peer;
    /// # async fn example(peer: Peer) {
    /// let mut incoming = peer.incoming();
    /// while let Some(connection) = incoming.next().await {
    ///     wasm_bindgen_futures::spawn_local(async move {
    ///         let _ = connection.send("Welcome").await;
    ///     });
    /// }
    /// # }
    /// ```
    pub fn incoming(&self) -> Incoming {
        Incoming(Rc::clone(&self.0.listener))
    }

    /// The connections that are not closed, this peer's and those of others, in the order in which they were made. Those
    /// that nobody has taken from [`incoming`](Self::incoming) are among them.
    pub fn connections(&self) -> Vec<Connection> {
        self.0.listener.common.connections()
    }

    /// The calls that others make, each given once. Up to 64 ring until somebody takes them.
    ///
    /// ```no_run
    /// # use peerjs_wasm::Peer;
    /// # async fn example(peer: Peer, camera: web_sys::MediaStream) -> Result<(), peerjs_wasm::Error> {
    /// if let Some(ringing) = peer.calls().next().await {
    ///     let call = ringing.answer(Some(&camera))?;
    ///     let theirs = call.stream().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn calls(&self) -> Calls {
        Calls(Rc::clone(&self.0.listener))
    }

    /// What happens that nobody waits for, each event given once. The last 64 are kept until somebody takes them.
    pub fn events(&self) -> Events {
        Events(Rc::clone(&self.0.listener))
    }

    /// Which other peers come and go, as far as a [`Signaling`](super::Signaling) tells by
    /// [`Line::presence`](super::Line::presence); a PeerServer does not. First come those that are there, each change is
    /// given once, and one that is undone before it is taken is not given. When the signalling is lost all go
    /// [offline](super::Presence::Offline), and come again once it is back.
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Peer, Presence};
    /// # async fn example(peer: Peer) {
    /// let mut presence = peer.presence();
    /// while let Some(change) = presence.next().await {
    ///     match change {
    ///         Presence::Online(id) => web_sys::console::log_2(&"here:".into(), &id.into()),
    ///         Presence::Offline(id) => web_sys::console::log_2(&"gone:".into(), &id.into()),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn presence(&self) -> Presences {
        Presences(Rc::clone(&self.0.listener.watched))
    }

    /// Leaves the server. Connections live on; there are no new ones.
    pub fn disconnect(&self) {
        self.0.peer.command(Core::disconnect);
    }

    /// Comes back to the server under the same id, and waits until that knows it again.
    ///
    /// # Errors
    /// As with [`PeerBuilder::open`], and [`Error::Destroyed`] when it is destroyed. There is nothing to do when it is open.
    pub async fn reconnect(&self) -> Result<(), Error> {
        if self.is_open() {
            return Ok(());
        }
        self.0.listener.failure.take();
        self.0.peer.command(Core::reconnect).map_err(|_| Error::Destroyed)?;
        self.open().await
    }

    /// The ids of all peers that the server knows, its own among them, if the server tells.
    ///
    /// # Errors
    /// [`Error::ServerError`]: most servers do not, and a [`Signaling`](super::Signaling) only if it implements
    /// [`peers`](super::Signaling::peers), whose error is passed on.
    pub async fn list_all_peers(&self) -> Result<Vec<String>, Error> {
        if let Some((signaling, _)) = &self.0.listener.signaling {
            return signaling.0.peers().await;
        }
        let reply = Rc::new((RefCell::new(None), Waiting::default()));
        let done = Rc::clone(&reply);
        self.0.peer.all_peers(move |ids| {
            done.0.replace(Some(ids));
            done.1.wake();
        });
        let ids = reply.1.until(|| reply.0.take()).await.map_err(|failure| {
            let why = match failure {
                Failure::NotAllowed { .. } => {
                    "The server does not list its peers: see its `allow_discovery`.".into()
                }
                Failure::Status(status) => {
                    format!("The server does not list its peers: HTTP status {status}.")
                }
                Failure::Error(error) => text(&error),
            };
            Error::ServerError(why)
        })?;
        Ok(ids.iter().filter_map(|id| id.as_string()).collect())
    }

    /// Leaves the server and closes all connections and calls, for good.
    pub fn destroy(&self) {
        self.0.peer.destroy();
    }
}

/// An error while a Peer cannot make a new connection.
pub(super) fn may_connect(peer: &web::peer::Peer) -> Result<(), Error> {
    peer.ask(|core| match core.may_connect() {
        Ok(()) => Ok(()),
        Err(_) if core.is_destroyed() => Err(Error::Destroyed),
        Err(why) => Err(Error::Disconnected(why.into())),
    })
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.peer.destroy();
    }
}

impl PartialEq for Peer {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Peer {}

impl Hash for Peer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Rc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("id", &self.id()).finish()
    }
}

impl PeerListener for Listener {
    fn on(&self, event: PeerEvent<'_>) {
        match event {
            PeerEvent::Open(id) => {
                let last = self.id.replace(id.into());
                if !last.is_empty() {
                    self.tell(Event::Reconnected);
                }
            }
            PeerEvent::Disconnected(_, retry) => {
                let retry_in = retry.map(|wait| Duration::from_millis(wait as u64));
                self.tell(Event::Disconnected { retry_in });
            }
            PeerEvent::Close => {
                self.incoming.clear();
                self.calls.clear();
                self.watched.end();
                self.events.end();
            }
            PeerEvent::Error(kind, error) => {
                let error = peer_error(kind, error);
                // The others are those of a connection.
                if !matches!(kind, PeerError::PeerUnavailable | PeerError::WebRtc) {
                    self.failure.borrow_mut().get_or_insert_with(|| error.clone());
                }
                self.tell(Event::Error(error));
            }
            PeerEvent::Offer { peer, kind, payload } => self.offered(peer, kind, payload),
            PeerEvent::Log(level, what, about) => self.log(level, what, about),
        }
        self.changed.wake();
    }
}

impl Listener {
    fn tell(&self, event: Event) {
        if self.events.len() == BACKLOG {
            self.events.drop_first();
        }
        self.events.push(event);
    }

    fn offered(&self, far: &str, kind: ConnectionType, payload: &JsValue) {
        let Some(peer) = self.peer.get().and_then(Weak::upgrade) else { return };
        let Some((_, over)) = peer.take_offer() else { return };
        let setup = Setup::offered(kind, payload, over);
        if kind == ConnectionType::Media {
            let call = IncomingCall::new(&peer, &self.common, far, setup);
            return self.keep(&self.calls, call, far);
        }
        let Some(serialization) = get_text(payload, "serialization").and_then(|it| Serialization::parse(&it))
        else {
            return self.log(LogLevel::Warnings, "Offer with unknown serialization from", &far.into());
        };
        let connection = Connection::new(&peer, &self.common, far, serialization, setup);
        self.keep(&self.incoming, connection, far);
    }

    /// What is not kept is dropped, and so closed.
    fn keep<T>(&self, queue: &Queue<T>, item: T, far: &str) {
        if queue.len() < BACKLOG {
            queue.push(item);
        } else {
            self.log(LogLevel::Warnings, "Nobody takes connections; refused one from", &far.into());
        }
    }

    fn log(&self, level: LogLevel, what: &str, about: &JsValue) {
        if level as u8 > self.debug {
            return;
        }
        let what = format!("peerjs-wasm: {what}").into();
        match level {
            LogLevel::Errors => console::error_2(&what, about),
            LogLevel::Warnings => console::warn_2(&what, about),
            LogLevel::All => console::log_2(&what, about),
        }
    }
}

macro_rules! stream {
    ($(#[$doc:meta])* $name:ident($queue:ident) -> $item:ty) => {
        $(#[$doc])*
        pub struct $name(Rc<Listener>);

        impl $name {
            /// Takes the next one if there is one now.
            pub fn try_next(&mut self) -> Option<$item> {
                self.0.$queue.take()
            }

            /// Waits for the next one; `None` when the Peer is destroyed.
            pub async fn next(&mut self) -> Option<$item> {
                std::future::poll_fn(|context| self.0.$queue.poll(context)).await
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("waiting", &self.0.$queue.len()).finish()
            }
        }

        impl Stream for $name {
            type Item = $item;

            fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<$item>> {
                self.0.$queue.poll(context)
            }
        }
    };
}

stream! {
    /// The connections that others make: [`Peer::incoming`].
    Incoming(incoming) -> Connection
}

stream! {
    /// The calls that others make: [`Peer::calls`].
    Calls(calls) -> IncomingCall
}

stream! {
    /// What happens to a Peer: [`Peer::events`].
    Events(events) -> Event
}
