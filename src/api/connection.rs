//! A connection for messages.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;
use js_sys::{JSON, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::{RtcDataChannel, RtcDataChannelType, RtcPeerConnection};

use super::codec::{Format, to_packed};
use super::error::Error;
use super::inbox::{Inbox, Limits, Then};
use super::link::{Handle, Link, Linked, connection_error, text};
use super::options::Serialization;
use super::queue::Line;
use super::task::in_next_task;
use super::value::{to_json, to_raw};
use crate::proto::codec::packed::{Cursor, Packed, Segment};
use crate::proto::connection::Stage;
use crate::proto::connection::end::Reason;
use crate::web;
use crate::web::channel::JSON_LIMIT;
use crate::web::channel::outbound::{Outbound, SendFailure};
use crate::web::connection::Setup;
use crate::web::face::{ConnectionEvent, ConnectionListener};
use crate::web::js::get;
use crate::web::listener::EventListener;

/// A MessagePack stream is cut into frames of this many bytes, as PeerJS cuts it.
const PIECE: u64 = 32_768;

const TOO_BIG: &str = "The message is larger than the connection can carry.";

/// A connection to another peer, for messages.
///
/// Cheap to clone; all clones are the same connection. It closes when the last of them is dropped, with what is not sent
/// yet: [`finish`](Self::finish) is the way to let everything arrive first. Its streams do not keep it open.
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
    this: Weak<Self>,
    link: Link,
    serialization: Serialization,
    /// With what hears of its messages.
    pub(super) channel: RefCell<Option<(RtcDataChannel, EventListener)>>,
    inbox: Inbox,
    /// Whoever wants to send.
    line: Line,
}

impl Connection {
    pub(super) fn new(
        peer: &Rc<web::peer::Peer>,
        limits: Limits,
        far: &str,
        serialization: Serialization,
        setup: Setup,
    ) -> Self {
        let listener = Rc::new_cyclic(|this| Listener {
            this: this.clone(),
            link: Link::new(),
            serialization,
            channel: RefCell::default(),
            inbox: Inbox::new(serialization, limits),
            line: Line::default(),
        });
        let handle = Handle::new(peer, listener, far, setup);
        handle.connection.start(None);
        Self(Rc::new(handle))
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

    /// Waits until it is open, which sending does by itself.
    ///
    /// # Errors
    /// Why it never will be: [`Error::PeerUnavailable`], [`Error::NegotiationFailed`], [`Error::Closed`].
    pub async fn open(&self) -> Result<(), Error> {
        self.0.listener.link.until_open(|| Some(())).await
    }

    /// Sends a message, which the far side gets as the plain value that it is in JSON: a struct as an object, a `Vec` as
    /// an array, `serde_bytes` as an ArrayBuffer.
    ///
    /// Waits until the connection is open and the data channel takes more, so that messages do not pile up behind a slow
    /// one. Whoever comes first is first. If it is dropped while it waits, nothing is sent; in the middle of a long message
    /// in [MessagePack](Serialization::MsgPack), the connection closes.
    ///
    /// # Errors
    /// [`Error::Serialize`] when JavaScript has no such value: an integer beyond 2⁵³ − 1, say.
    /// [`Error::MessageTooBig`] when the serialization or the far side cannot take so much. In both cases nothing was sent
    /// and the connection lives on. Otherwise why it is closed.
    pub async fn send<T: Serialize + ?Sized>(&self, message: &T) -> Result<(), Error> {
        let Listener { link, line, serialization, .. } = &*self.0.listener;
        let turn = line.join(&link.changed);
        self.room(|| turn.has_come()).await?;
        match serialization {
            Serialization::Binary => {
                let message = to_packed(Format::BinaryPack, message, outside)?;
                self.sent(self.outbound().send_bytes(message))
            }
            Serialization::Json => {
                let json =
                    JSON::stringify(&to_json(message)?).map_err(|error| Error::Serialize(text(&error)))?;
                let mut json = String::from(json);
                if Some(json.as_bytes()) == serialization.close_request() {
                    // With a space before it, it is a value like any other.
                    json.insert(0, ' ');
                }
                if json.len() as u64 >= JSON_LIMIT.into() {
                    return Err(Error::MessageTooBig("JSON of this size cannot be sent.".into()));
                }
                self.frame(json.as_bytes())
            }
            Serialization::Raw => {
                let value = to_raw(message)?;
                self.sent(self.outbound().send_frame(&value))
            }
            Serialization::MsgPack => {
                let message = to_packed(Format::MessagePack, message, outside)?;
                if Some(&*message.bytes) == serialization.close_request() {
                    let why =
                        "it is what asks a connection to close, and MessagePack has no other way to say it";
                    return Err(Error::Serialize(why.into()));
                }
                self.stream(&message).await
            }
        }
    }

    /// What the far side sends, each message as the type that is expected.
    ///
    /// A message that is of another type is [`Error::Deserialize`], and the stream goes on; so it does after
    /// [`Error::InvalidData`] (the far side sent what is none) and [`Error::Unread`] (64 MB of messages waited for somebody
    /// to read them, and no more are kept). It ends with the connection; after the error, if something broke that.
    ///
    /// Each message is given once. Whoever calls this twice gets each in one of the two streams; for messages of several
    /// types there are enums.
    pub fn messages<T: DeserializeOwned>(&self) -> Messages<T> {
        Messages { listener: Rc::clone(&self.0.listener), expected: PhantomData }
    }

    /// Closes at once, with what is not sent yet. The browser's own connection closes when the far side has agreed, or has
    /// not for 10 s.
    pub fn close(&self) {
        self.0.connection.close(Reason::Local);
    }

    /// Closes once everything that was sent has come to the far side, and waits for that. Nothing can be sent meanwhile.
    ///
    /// # Errors
    /// Why the connection was closed before.
    pub async fn finish(&self) -> Result<(), Error> {
        let Listener { link, line, serialization, channel, .. } = &*self.0.listener;
        {
            let turn = line.join(&link.changed);
            self.room(|| turn.has_come()).await?;
            // On an unordered channel it could overtake what it is to follow. Closing the channel never does.
            let ordered = channel.borrow().as_ref().is_some_and(|(it, _)| get(it, "ordered").is_truthy());
            let request = serialization.close_request().filter(|_| ordered);
            let asked = request.is_some();
            if let Some(request) = request {
                self.frame(request)?;
                self.outbound().asked();
            }
            self.0.connection.drain(asked);
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

    /// The browser's own connection, while there is one: for statistics, say.
    pub fn peer_connection(&self) -> Option<RtcPeerConnection> {
        self.0.connection.pc()
    }

    fn outbound(&self) -> &Outbound {
        &self.0.connection.channel.outbound
    }

    /// Waits for an open connection whose channel takes more, and for `also`.
    async fn room(&self, also: impl Fn() -> bool) -> Result<(), Error> {
        let has_room = || (also() && self.outbound().has_room()).then_some(());
        self.0.listener.link.until_open(has_room).await
    }

    fn frame(&self, bytes: &[u8]) -> Result<(), Error> {
        self.sent(self.outbound().send_frame(&Uint8Array::from(bytes)))
    }

    /// Sends part after part, which only together are something.
    async fn stream(&self, message: &Packed<Uint8Array>) -> Result<(), Error> {
        let Packed { bytes, bodies } = message;
        let (torn, mut sent, mut left) = (Torn(self), Cursor::default(), message.len());
        while left > 0 {
            self.room(|| true).await?;
            let end = left.min(PIECE);
            let (frame, mut at) = (Uint8Array::new_with_length(end as u32), 0);
            while let Some(segment) = sent.next(bytes.len(), bodies, end - at) {
                let part = match &segment {
                    Segment::Bytes(range) => outside(bytes.get(range.clone()).unwrap_or_default()),
                    Segment::Body(index, range) => bodies[*index].source.subarray(range.start, range.end),
                };
                frame.set(&part, at as u32);
                at += segment.len();
            }
            self.sent(self.outbound().send_frame(&frame))?;
            left -= end;
        }
        std::mem::forget(torn);
        Ok(())
    }

    fn sent(&self, result: Result<(), SendFailure>) -> Result<(), Error> {
        result.map_err(|failure| match failure {
            SendFailure::TooBig => Error::MessageTooBig(TOO_BIG.into()),
            SendFailure::Closed => self.0.listener.link.why_closed(),
            SendFailure::Channel(error) | SendFailure::Unreadable(error) => Error::SendFailed(text(&error)),
        })
    }
}

/// Copies bytes out of the memory of this module, which never shrinks.
fn outside(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

/// Closes a connection over which half a message went, unless it is forgotten.
struct Torn<'a>(&'a Connection);

impl Drop for Torn<'_> {
    fn drop(&mut self) {
        self.0.close();
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
                let error = connection_error(kind, error);
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
            ConnectionEvent::Stream(_)
            | ConnectionEvent::WillCloseOnRemote
            | ConnectionEvent::IceState(_)
            | ConnectionEvent::Ending => {}
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
            }
        });
        *self.channel.borrow_mut() = Some((channel.clone(), messages));
        connection.attach(channel);
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

impl<T: DeserializeOwned> Messages<T> {
    /// The next one; `None` when there will be no more.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| self.listener.inbox.poll(context)).await
    }
}

impl<T: DeserializeOwned> Stream for Messages<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.listener.inbox.poll(context)
    }
}
