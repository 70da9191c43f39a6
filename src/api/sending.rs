//! Sending messages.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_sink::Sink;
use js_sys::{JSON, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::codec::{Format, binary_head, to_packed};
use super::connection::{Connection, Listener, Messages};
use super::error::Error;
use super::link::{State, TOO_BIG, send_error, text};
use super::serialization::Serialization;
use super::value::{Js, to_json, to_raw};
use crate::proto::chunk::split::{PEERJS_PIECE, STREAM_PIECE};
use crate::proto::codec::msgpack::encode::MSGPACK;
use crate::proto::codec::packed::{Body, Cursor, Packed, Segment};
use crate::web::channel::outbound::{Outbound, SendFailure};

impl Connection {
    /// Sends a message, which the far side gets as the plain value that it is in JSON: a struct as an object, a `Vec`
    /// as an array, `serde_bytes` as an ArrayBuffer.
    ///
    /// Waits until the connection is open and the data channel takes more, so that messages do not pile up behind a
    /// slow one. Whoever comes first is first. If it is dropped while it waits, nothing is sent; in the middle of a
    /// long message in [MessagePack](Serialization::MsgPack), the connection closes.
    ///
    /// # Errors
    /// [`Error::Serialize`] when JavaScript has no such value: an integer beyond 2⁵³ − 1, say. [`Error::MessageTooBig`]
    /// when the serialization or the far side cannot take so much. In both cases nothing was sent and the connection
    /// lives on. Otherwise why it is closed.
    pub async fn send<T: Serialize + ?Sized>(&self, message: &T) -> Result<(), Error> {
        self.send_when_due(&|| self.encode(message)).await
    }

    /// Sends a JavaScript value: null, booleans, numbers, strings, arrays, objects of these, and binary (an
    /// `ArrayBuffer` or a view of one). Everything else is as with [`send`](Self::send).
    ///
    /// # Errors
    /// Those of [`send`](Self::send); [`Error::Serialize`] for a function, a Blob in an object and the like.
    pub async fn send_js(&self, value: &JsValue) -> Result<(), Error> {
        self.send(&Js::new(value)).await
    }

    /// Sends the bytes of a `Blob`, or of a `File`, which is one: the far side gets them as binary. They are read as
    /// they are sent, so that a file of any size takes next to no memory here. The far side has it whole in the end.
    ///
    /// # Errors
    /// Those of [`send`](Self::send). [`Error::Serialize`] in JSON and MessagePack, which cannot carry it. That it
    /// cannot be read is an [`Error::SendFailed`] among the [`messages`](Self::messages).
    pub async fn send_blob(&self, blob: &Blob) -> Result<(), Error> {
        self.send_when_due(&|| match self.serialization() {
            Serialization::Binary => {
                let len = blob.size();
                if len > f64::from(u32::MAX) {
                    return Err(Error::MessageTooBig(TOO_BIG.into()));
                }
                let bytes = binary_head(Format::BinaryPack, len as u32);
                let bodies = vec![Body { at: bytes.len(), len: len as u32, source: blob.into() }];
                Ok(Encoded::Packed(Packed { bytes, bodies }))
            }
            Serialization::Raw => Ok(Encoded::Frame(blob.into())),
            Serialization::Json | Serialization::MsgPack => {
                Err(Error::Serialize("only binary and raw connections carry a Blob".into()))
            }
        })
        .await
    }

    /// Sends a message if that needs no waiting.
    ///
    /// # Errors
    /// [`Error::NotOpen`] before the connection is open. [`Error::Full`] when the data channel takes no more at the
    /// moment: try again later, or drop the message where the next one replaces it. Otherwise those of
    /// [`send`](Self::send).
    pub fn try_send<T: Serialize + ?Sized>(&self, message: &T) -> Result<(), Error> {
        let Listener { link, line, .. } = &*self.0.listener;
        match link.state() {
            State::Connecting => Err(Error::NotOpen),
            State::Closed => Err(link.why_closed()),
            State::Open | State::Reconnecting if !line.is_empty() || !self.outbound().has_capacity() => {
                Err(Error::Full)
            }
            State::Open | State::Reconnecting => self.send_now(self.encode(message)?),
        }
    }

    /// A [`Sink`] of messages of one type.
    pub fn sender<T: Serialize>(&self) -> Sender<T> {
        Sender { connection: self.clone(), closing: None, takes: PhantomData }
    }

    /// Both directions apart: a [`Sink`] of what is sent and a [`Stream`](futures_core::Stream) of what comes. The sink
    /// keeps the connection open, the stream does not.
    pub fn split<Out: Serialize, In: DeserializeOwned>(self) -> (Sender<Out>, Messages<In>) {
        (self.sender(), self.messages())
    }

    /// Waits for this message's turn and for room, and sends it. One function for all types of messages, since each copy of
    /// it would be 9 KB of wasm.
    async fn send_when_due(&self, encode: &dyn Fn() -> Result<Encoded, Error>) -> Result<(), Error> {
        let Listener { link, line, .. } = &*self.0.listener;
        let turn = line.join(&link.changed);
        self.room(|| turn.has_come()).await?;
        match encode()? {
            Encoded::Stream(message) => self.stream(&message).await,
            encoded => self.send_now(encoded),
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, message: &T) -> Result<Encoded, Error> {
        let serialization = self.serialization();
        Ok(match serialization {
            Serialization::Binary => Encoded::Packed(to_packed(self.outbound().format(), message, copy)?),
            Serialization::Json => {
                let json = JSON::stringify(&to_json(message)?);
                let mut json = String::from(json.map_err(|error| Error::Serialize(text(&error)))?);
                if Some(json.as_bytes()) == serialization.close_request() {
                    // With a space before it, it is a value like any other.
                    json.insert(0, ' ');
                }
                if json.len() as u64 >= PEERJS_PIECE.into() {
                    return Err(Error::MessageTooBig("JSON of this size cannot be sent.".into()));
                }
                Encoded::Frame(Uint8Array::from(json.as_bytes()).into())
            }
            Serialization::Raw => Encoded::Frame(to_raw(message)?),
            Serialization::MsgPack => {
                let message = to_packed(&MSGPACK, message, outside)?;
                if Some(&*message.bytes) == serialization.close_request() {
                    let why = "it is the request to close, which cannot be sent in MessagePack";
                    return Err(Error::Serialize(why.into()));
                }
                Encoded::Stream(message)
            }
        })
    }

    fn send_now(&self, message: Encoded) -> Result<(), Error> {
        match message {
            Encoded::Packed(message) => self.sent(self.outbound().send_bytes(message)),
            Encoded::Frame(frame) => self.sent(self.outbound().send_frame(&frame)),
            Encoded::Stream(message) => {
                let mut pieces = StreamPieces::new(&message);
                while let Some(piece) = pieces.next() {
                    self.sent(self.outbound().send_frame(&piece))?;
                }
                Ok(())
            }
        }
    }

    /// Sends part after part, which only together are something.
    async fn stream(&self, message: &Packed<Uint8Array>) -> Result<(), Error> {
        let torn = Torn(self);
        let mut pieces = StreamPieces::new(message);
        while let Some(piece) = pieces.next() {
            self.room(|| true).await?;
            self.sent(self.outbound().send_frame(&piece))?;
        }
        std::mem::forget(torn);
        Ok(())
    }

    fn sent(&self, result: Result<(), SendFailure>) -> Result<(), Error> {
        self.0.connection.watch();
        result.map_err(|failure| send_error(failure, &self.0.listener.link))
    }
}

/// A message that can be sent.
enum Encoded {
    /// BinaryPack.
    Packed(Packed<JsValue>),
    /// One frame.
    Frame(JsValue),
    /// A part of a MessagePack stream.
    Stream(Packed<Uint8Array>),
}

/// Copies bytes out of the memory of this module, which never shrinks.
fn outside(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

fn copy(bytes: &[u8]) -> JsValue {
    outside(bytes).into()
}

/// The frames of one message of a MessagePack stream.
struct StreamPieces<'a> {
    message: &'a Packed<Uint8Array>,
    sent: Cursor,
    left: u64,
}

impl<'a> StreamPieces<'a> {
    fn new(message: &'a Packed<Uint8Array>) -> Self {
        Self { message, sent: Cursor::default(), left: message.len() }
    }

    fn next(&mut self) -> Option<Uint8Array> {
        let Packed { bytes, bodies } = self.message;
        let len = self.left.min(STREAM_PIECE.into());
        if len == 0 {
            return None;
        }
        let (frame, mut at) = (Uint8Array::new_with_length(len as u32), 0);
        while let Some(segment) = self.sent.next(bytes.len(), bodies, len - at) {
            let part = match &segment {
                Segment::Bytes(range) => outside(bytes.get(range.clone()).unwrap_or_default()),
                Segment::Body(index, range) => bodies[*index].source.subarray(range.start, range.end),
            };
            frame.set(&part, at as u32);
            at += segment.len();
        }
        self.left -= len;
        Some(frame)
    }
}

/// Closes a connection over which half a message went, unless it is forgotten.
struct Torn<'a>(&'a Connection);

impl Drop for Torn<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

type Closing = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// A [`Sink`] of messages: [`Connection::sender`].
///
/// It is ready when the connection is open and the data channel takes more, flushed when the data channel has sent
/// everything, and closing it is [`Connection::finish`].
pub struct Sender<T> {
    connection: Connection,
    closing: Option<Closing>,
    takes: PhantomData<fn(T)>,
}

impl<T> Sender<T> {
    /// The connection that it sends over.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    fn poll_until(
        &self,
        context: &Context<'_>,
        is_so: impl Fn(&Outbound) -> bool,
    ) -> Poll<Result<(), Error>> {
        let link = &self.connection.0.listener.link;
        let look = || is_so(self.connection.outbound()).then_some(());
        link.poll_open(context, look)
    }
}

impl<T: Serialize> Sink<T> for Sender<T> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_until(context, Outbound::has_capacity)
    }

    fn start_send(self: Pin<&mut Self>, message: T) -> Result<(), Error> {
        self.connection.send_now(self.connection.encode(&message)?)
    }

    /// Done when nothing waits for the data channel any more.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_until(context, |outbound| outbound.buffer_size() == 0)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let connection = self.connection.clone();
        let closing = self.closing.get_or_insert_with(|| Box::pin(async move { connection.finish().await }));
        closing.as_mut().poll(context)
    }
}

impl<T> Unpin for Sender<T> {}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { connection: self.connection.clone(), closing: None, takes: PhantomData }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.connection).finish()
    }
}
