//! What the JS face of a connection holds.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{MediaStream, RtcDataChannel, RtcPeerConnection};

use super::{Connection, Setup};
use crate::proto::border::received;
use crate::proto::chunk::frame::CLOSE;
use crate::proto::chunk::split::PEERJS_PIECE;
use crate::proto::connection::end::Reason;
use crate::proto::error::ConnectionError;
use crate::proto::inbound::{LONG_FRAME, LONGEST_FRAME};
use crate::proto::message::ConnectionType;
use crate::web::channel::inbound::{Inbound, Reader, Received};
use crate::web::channel::outbound::SendFailure;
use crate::web::face::ConnectionFace;
use crate::web::js::{get, now, rethrow_later};

/// A connection as JavaScript holds it.
#[wasm_bindgen]
pub struct ConnectionHandle(Rc<Connection>);

impl ConnectionHandle {
    pub(in crate::web) fn new(connection: Rc<Connection>) -> Self {
        Self(connection)
    }

    fn sent(&self, result: Result<(), SendFailure>) {
        match result {
            Ok(()) => self.0.watch(),
            Err(failure) => self.0.report(failure),
        }
    }
}

#[wasm_bindgen]
impl ConnectionHandle {
    /// How many more connections may share its RTCPeerConnection; undefined if the remote knows no such.
    pub fn room(&self) -> Option<u32> {
        self.0.room().map(|room| room as u32)
    }

    /// Registers a new connection over its RTCPeerConnection, as [`PeerHandle::connection`](crate::web::peer_handle::PeerHandle::connection) does one of its own.
    pub fn connection(&self, face: ConnectionFace, media: bool, peer: String, options: &JsValue) -> Self {
        let kind = if media { ConnectionType::Media } else { ConnectionType::Data };
        let setup = Setup::outgoing(kind, options);
        let setup = match self.0.claim(kind) {
            Some(place) => setup.over(place),
            None => setup,
        };
        Self::new(Connection::new(&self.0.peer, Rc::new(face), peer, setup))
    }

    /// Begins; a call with what it is to send, and with the options of its answer. False if it was begun or closed already.
    pub fn start(&self, stream: Option<MediaStream>, options: &JsValue) -> bool {
        if options.is_object() {
            self.0.set_transform(get(options, "sdpTransform"));
        }
        self.0.start(stream.as_ref())
    }

    /// An incoming call is open as soon as it is answered.
    pub fn opened(&self) {
        self.0.opened();
    }

    /// The remote asked to close.
    pub fn end(&self) {
        self.0.close(Reason::Remote);
    }

    /// Its id, the same on both ends.
    pub fn id(&self) -> String {
        self.0.id.clone()
    }

    /// The RTCPeerConnection, while there is one.
    pub fn peer_connection(&self) -> Option<RtcPeerConnection> {
        self.0.pc()
    }

    /// Uses a data channel.
    pub fn attach(&self, channel: &RtcDataChannel) {
        self.0.attach(channel);
    }

    /// Closes at once.
    pub fn close(&self) {
        self.0.close(Reason::Local);
    }

    /// Asks the remote whether it is there, and calls back with the milliseconds that took, or with undefined if there is no
    /// reply. False if it cannot be asked.
    pub fn ping(&self, callback: Function) -> bool {
        self.0.ping(Box::new(move |after| {
            rethrow_later(callback.call1(&JsValue::UNDEFINED, &after.into()).map(drop));
        }))
    }

    /// Whether the remote has the control channel, over which pings and renegotiations go.
    pub fn has_control(&self) -> bool {
        self.0.has_control()
    }

    /// Negotiates what has changed, where the browser does not ask for it by itself.
    pub fn negotiate(&self) {
        self.0.negotiation_needed();
    }

    /// Tells the remote the metadata, as JSON, of a stream whose tracks are about to be added. False if it is too long.
    pub fn describe(&self, stream: String, json: String) -> bool {
        self.0.describe(stream, json)
    }

    /// The metadata of a stream that the remote sends.
    pub fn metadata_of(&self, stream: &str) -> JsValue {
        self.0.metadata_of(stream)
    }

    /// Restarts ICE.
    pub fn restart_ice(&self) {
        self.0.restart();
    }

    /// Messages that wait for the channel.
    pub fn buffer_size(&self) -> u32 {
        self.0.channel.outbound.buffer_size()
    }

    /// Sends what is written on the tape.
    pub fn send_tape(&self, slots: u32, bodies: &JsValue) {
        self.sent(self.0.channel.outbound.send_tape(slots, bodies));
    }

    /// Sends one frame as it is.
    pub fn send_frame(&self, frame: &JsValue) {
        self.sent(self.0.channel.outbound.send_frame(frame));
    }

    /// Asks the remote to close, in BinaryPack.
    pub fn send_close(&self) {
        self.send_frame(&Uint8Array::from(CLOSE));
    }

    /// Sends JSON.
    pub fn send_json(&self, json: &Uint8Array) {
        if json.length() < PEERJS_PIECE {
            self.send_frame(json);
        } else {
            let text = "Message too big for JSON channel";
            self.0.fail(ConnectionError::MessageTooBig, &text.into());
        }
    }

    /// Takes in a BinaryPack frame, or without one goes on with what has come. Returns what that leads to, of [`received`].
    pub fn receive(&self, reader: &Reader, frame: Option<ArrayBuffer>) -> u32 {
        let inbound =
            self.0.channel.inbound.get_or_init(|| Inbound::new(reader.clone(), self.receive_limit()));
        match inbound.take_in(frame, now) {
            Received::Nothing => {}
            Received::Unfinished => return received::UNFINISHED,
            Received::Value => return received::VALUE,
            Received::Batch => return received::BATCH,
            Received::Close => self.end(),
            Received::Invalid(why) => self.invalid_data(&why.into()),
        }
        received::NOTHING
    }

    /// Whether a frame is no longer than peers send them; reports it if it is.
    pub fn accepts(&self, length: u32) -> bool {
        let accepts = length <= LONGEST_FRAME;
        if !accepts {
            self.invalid_data(&LONG_FRAME.into());
        }
        accepts
    }

    /// What a message may take that is not complete, in bytes.
    pub fn receive_limit(&self) -> f64 {
        self.0.peer.receive_limit()
    }

    /// Reports that the remote sent what is not valid.
    pub fn invalid_data(&self, error: &JsValue) {
        self.0.fail(ConnectionError::InvalidData, error);
    }

    /// Closes once everything that was sent has arrived at the remote, which was asked to close it or not.
    pub fn finish(&self, asked: bool) {
        self.0.drain(asked);
    }
}
