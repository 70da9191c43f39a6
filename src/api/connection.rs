//! A connection for messages.

use std::cell::RefCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::{self, Rc};
use std::task::{Context, Poll};

use futures_core::Stream;
use js_sys::Uint8Array;
use serde::de::DeserializeOwned;
use web_sys::{RtcDataChannel, RtcDataChannelType, RtcPeerConnection};

use super::error::Error;
use super::inbox::{Inbox, Limits, Then};
use super::link::{Handle, Link, Linked, State, send_error};
use super::queue::Line;
use super::serialization::Serialization;
use super::states::States;
use super::task::in_next_task;
use crate::proto::connection::Stage;
use crate::proto::connection::end::Reason;
use crate::web;
use crate::web::channel::outbound::Outbound;
use crate::web::connection::Setup;
use crate::web::face::{ConnectionEvent, ConnectionListener};
use crate::web::js::get;
use crate::web::listener::EventListener;

/// A connection to another peer, for messages.
///
/// Cheap to clone; all clones are the same connection. When the last of them is dropped it closes as by
/// [`finish`](Self::finish), but nobody waits: what was sent still arrives, unless the Peer is dropped or the page goes
/// away before. [`close`](Self::close) closes at once. Streams of messages do not keep it open.
///
/// ```no_run
/// # use peerjs_wasm::{ConnectOptions, Error, Peer};
/// # async fn example(peer: Peer) -> Result<(), Error> {
/// let connection = peer.connect("bob", ConnectOptions::new())?;
/// connection.send("Hello").await?;
/// let mut messages = connection.messages::<String>();
/// while let Some(message) = messages.next().await {
///     web_sys::console::log_1(&message?.into());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Connection(pub(super) Rc<Handle<Listener>>);

/// What hears of it.
pub(super) struct Listener {
    this: rc::Weak<Self>,
    pub(super) link: Link,
    pub(super) serialization: Serialization,
    /// With what hears of its messages.
    pub(super) channel: RefCell<Option<(RtcDataChannel, EventListener)>>,
    pub(super) inbox: Inbox,
    /// Whoever wants to send.
    pub(super) line: Line,
    pub(super) common: Rc<Common>,
}

/// What all connections and calls of a Peer have in common.
#[derive(Default)]
pub(super) struct Common {
    pub(super) limits: Limits,
    connections: RefCell<Vec<Weak>>,
}

impl Common {
    pub(super) fn new(limits: Limits) -> Rc<Self> {
        Rc::new(Self { limits, connections: RefCell::default() })
    }

    /// The connections that are not closed, in the order in which they were made.
    pub(super) fn connections(&self) -> Vec<Connection> {
        let connections = self.connections.borrow();
        connections.iter().filter_map(Connection::of).filter(|it| it.state() != State::Closed).collect()
    }

    /// Keeps track of a connection, and no longer of those that are over.
    fn remember(&self, connection: &Connection) {
        let mut connections = self.connections.borrow_mut();
        connections.retain(|other| other.strong_count() > 0);
        connections.push(connection.downgrade());
    }
}

impl Connection {
    pub(super) fn new(
        peer: &Rc<web::peer::Peer>,
        common: &Rc<Common>,
        far: &str,
        serialization: Serialization,
        setup: Setup,
    ) -> Self {
        let listener = Rc::new_cyclic(|this| Listener {
            this: this.clone(),
            link: Link::new(),
            serialization,
            channel: RefCell::default(),
            inbox: Inbox::new(serialization, common.limits),
            line: Line::default(),
            common: Rc::clone(common),
        });
        let handle = Handle::new(peer, listener, far, setup);
        handle.connection.start(None);
        let connection = Self(Rc::new(handle));
        common.remember(&connection);
        connection
    }

    /// The id of the far peer.
    pub fn peer(&self) -> &str {
        &self.0.connection.remote
    }

    /// The id of the connection, the same on both ends.
    pub fn id(&self) -> &str {
        &self.0.connection.id
    }

    /// Its label: what was asked for, or its id.
    pub fn label(&self) -> String {
        self.0.connection.label().into()
    }

    /// What whoever connected wants the other side to know, as a type of one's own; an `Option`, if there may be none.
    ///
    /// # Errors
    /// [`Error::Deserialize`] when it is of another type.
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.0.metadata()
    }

    /// How messages become bytes.
    pub fn serialization(&self) -> Serialization {
        self.0.listener.serialization
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.0.listener.link.stage() == Stage::Open
    }

    /// How far it has come.
    pub fn state(&self) -> State {
        self.0.listener.link.state()
    }

    /// The state now and each later one: when the path is lost and found again, for example. Of states that follow each
    /// other before the stream is polled only the last one comes. Ends after [`State::Closed`].
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Connection, State};
    /// # async fn example(connection: Connection) {
    /// let mut states = connection.states();
    /// while let Some(state) = states.next().await {
    ///     let is_searching = state == State::Reconnecting;
    ///     web_sys::console::log_2(&"looks for another path:".into(), &is_searching.into());
    /// }
    /// # }
    /// ```
    pub fn states(&self) -> States {
        States::new(Rc::<Listener>::clone(&self.0.listener))
    }

    /// Looks for another path by an ICE restart. Not needed when a path is lost:
    /// [`PeerBuilder::resume`](super::PeerBuilder::resume).
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the remote runs PeerJS or has not answered yet.
    pub fn restart_ice(&self) -> Result<(), Error> {
        if self.0.connection.restart() { Ok(()) } else { Err(Error::unsupported("restart_ice")) }
    }

    /// Waits until it is open, which sending does by itself.
    ///
    /// # Errors
    /// Why it never will be: [`Error::PeerUnavailable`], [`Error::NegotiationFailed`], [`Error::Closed`].
    pub async fn open(&self) -> Result<(), Error> {
        self.0.listener.link.until_open(|| Some(())).await
    }

    /// What the far side sends, each message as the type that is expected.
    ///
    /// A message that is of another type is [`Error::Deserialize`], and the stream goes on; so it does after
    /// [`Error::InvalidData`] (the far side sent what is none) and [`Error::Unread`] (64 MB of messages waited for
    /// somebody to read them, and no more are kept). It ends with the connection; after the error, if something broke
    /// that.
    ///
    /// Each message is given once. Whoever calls this twice gets each in one of the two streams; for messages of
    /// several types there are enums.
    pub fn messages<T: DeserializeOwned>(&self) -> Messages<T> {
        Messages { listener: Rc::clone(&self.0.listener), expected: PhantomData }
    }

    /// Closes at once, with what is not sent yet. The browser's own connection closes when the far side has agreed, or
    /// has not for 10 s.
    pub fn close(&self) {
        self.0.connection.close(Reason::Local);
    }

    /// Closes once everything that was sent has come to the far side, and waits for that. Nothing can be sent
    /// meanwhile.
    ///
    /// # Errors
    /// Why the connection was closed before.
    pub async fn finish(&self) -> Result<(), Error> {
        let Listener { link, line, .. } = &*self.0.listener;
        {
            let turn = line.join(&link.changed);
            self.room(|| turn.has_come()).await?;
            self.0.drain()?;
        }
        link.until_closed().await
    }

    /// Waits until it is closed, by whomever.
    ///
    /// # Errors
    /// What broke it: [`Error::ConnectionClosed`], [`Error::NegotiationFailed`], [`Error::PeerUnavailable`].
    pub async fn closed(&self) -> Result<(), Error> {
        self.0.listener.link.until_closed().await
    }

    /// How many bytes the data channel has taken and not sent yet. A message that waits for the channel does not count:
    /// there is one at most where each `send` is awaited.
    pub fn buffered_amount(&self) -> u32 {
        self.outbound().unsent().1
    }

    /// The data channel, once there is one.
    pub fn data_channel(&self) -> Option<RtcDataChannel> {
        self.0.listener.channel.borrow().as_ref().map(|(channel, _)| channel.clone())
    }

    /// The browser's own connection, while there is one: for statistics, say.
    pub fn peer_connection(&self) -> Option<RtcPeerConnection> {
        self.0.connection.pc()
    }
}

impl Handle<Listener> {
    /// Closes once everything that was sent has come to the far side.
    fn drain(&self) -> Result<(), Error> {
        let Listener { link, serialization, channel, .. } = &*self.listener;
        let outbound = &self.connection.channel.outbound;
        // On an unordered channel it could overtake what it is to follow. Closing the channel never does.
        let ordered = channel.borrow().as_ref().is_some_and(|(it, _)| get(it, "ordered").is_truthy());
        let request = serialization.close_request().filter(|_| ordered);
        if let Some(request) = request {
            let sent = outbound.send_frame(&Uint8Array::from(request));
            sent.map_err(|failure| send_error(failure, link))?;
            outbound.asked();
        }
        self.connection.drain(request.is_some());
        Ok(())
    }
}

/// A connection that does not stay open for this.
pub(super) type Weak = rc::Weak<Handle<Listener>>;

impl Connection {
    pub(super) fn downgrade(&self) -> Weak {
        Rc::downgrade(&self.0)
    }

    pub(super) fn of(weak: &Weak) -> Option<Self> {
        weak.upgrade().map(Self)
    }

    pub(super) fn outbound(&self) -> &Outbound {
        &self.0.connection.channel.outbound
    }

    /// Waits for an open connection whose channel takes more, and for `also`.
    pub(super) async fn room(&self, also: impl Fn() -> bool) -> Result<(), Error> {
        let has_capacity = || (also() && self.outbound().has_capacity()).then_some(());
        self.0.listener.link.until_open(has_capacity).await
    }
}

impl PartialEq for Connection {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Connection {}

impl Hash for Connection {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Rc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("peer", &self.peer()).field("id", &self.id()).finish()
    }
}

impl Linked for Listener {
    fn link(&self) -> &Link {
        &self.link
    }

    fn dropped(handle: &Handle<Self>) {
        let is_open = handle.listener.link.stage() == Stage::Open;
        if !is_open || handle.drain().is_err() {
            handle.connection.close(Reason::Local);
        }
    }
}

impl ConnectionListener for Listener {
    fn on(&self, event: ConnectionEvent<'_>) {
        match event {
            ConnectionEvent::Channel(channel) => self.attach(channel),
            ConnectionEvent::Open => {
                if let Some(connection) = self.link.connection() {
                    let this = self.this.clone();
                    connection.channel.outbound.on_room(move || {
                        if let Some(listener) = this.upgrade() {
                            listener.link.changed.wake();
                        }
                    });
                }
                self.link.set_stage(Stage::Open);
            }
            ConnectionEvent::Error(kind, error) => {
                let error = self.link.error(kind, error);
                if matches!(error, Error::SendFailed(_) | Error::MessageTooBig(_)) {
                    self.inbox.fail(error);
                } else {
                    self.link.fail(error);
                }
            }
            ConnectionEvent::Closed { .. } => {
                let channel = self.channel.take();
                drop(channel);
                if let Err(error) = self.link.close() {
                    self.inbox.fail(error);
                }
                self.inbox.end();
            }
            ConnectionEvent::Reconnecting(_) => self.link.set_reconnecting(true),
            ConnectionEvent::Reconnected(_) => self.link.set_reconnecting(false),
            ConnectionEvent::Rtc(event) => self.link.rtc(event),
            ConnectionEvent::WillCloseOnRemote | ConnectionEvent::IceState(_) | ConnectionEvent::Ending => {}
        }
    }

    fn serialization(&self) -> String {
        self.serialization.name().into()
    }
}

impl Listener {
    fn attach(&self, channel: &RtcDataChannel) {
        let Some(connection) = self.link.connection() else { return };
        if self.channel.borrow().is_some() {
            // A remote may make any number of channels, and a connection is one.
            return channel.close();
        }
        channel.set_binary_type(RtcDataChannelType::Arraybuffer);
        let this = self.this.clone();
        let messages = EventListener::new(channel, "message", move |event| {
            if let Some(listener) = this.upgrade() {
                listener.received(listener.inbox.frame(get(event, "data")));
                listener.grant();
            }
        });
        *self.channel.borrow_mut() = Some((channel.clone(), messages));
        connection.attach(channel);
        self.grant();
    }

    /// Takes the next message if there is one.
    fn take<T: DeserializeOwned>(&self) -> Option<Result<T, Error>> {
        let message = self.inbox.take();
        self.grant();
        message
    }

    /// Takes the next message, as a stream does.
    fn poll<T: DeserializeOwned>(&self, context: &Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let message = self.inbox.poll(context);
        self.grant();
        message
    }

    /// Lets the remote send as much as is read. A channel that may lose frames is not told, since its two ends count
    /// differently.
    fn grant(&self) {
        let reliable = self.channel.borrow().as_ref().is_some_and(|(channel, _)| {
            channel.max_retransmits().is_none() && channel.max_packet_life_time().is_none()
        });
        if reliable
            && let Some(bytes) = self.inbox.grant()
            && let Some(connection) = self.link.connection()
        {
            connection.set_limit(bytes);
        }
    }

    /// Does what a frame leads to.
    fn received(&self, then: Then) {
        match then {
            Then::GoOn => {}
            Then::Resume => {
                let this = self.this.clone();
                in_next_task(move || {
                    if let Some(listener) = this.upgrade() {
                        listener.received(listener.inbox.resume());
                    }
                });
            }
            Then::Close => {
                if let Some(connection) = self.link.connection() {
                    connection.close(Reason::Done);
                }
            }
        }
    }
}

/// The messages of a connection: [`Connection::messages`].
pub struct Messages<T> {
    listener: Rc<Listener>,
    expected: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Messages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned> Messages<T> {
    /// Takes the next one if it is here: for a loop that draws frames, say. `None` where none is here, and where there
    /// will be no more: [`Connection::state`] tells.
    pub fn try_next(&mut self) -> Option<Result<T, Error>> {
        self.listener.take()
    }

    /// Waits for the next one; `None` when there will be no more.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| self.listener.poll(context)).await
    }
}

impl<T: DeserializeOwned> Stream for Messages<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.listener.poll(context)
    }
}
