//! The one place where the JS face is called: it listens to the same events as a Rust application does.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::RtcDataChannel;

use super::js::rethrow_later;
use crate::proto::border::LogLevel;
use crate::proto::connection::resume::Cause;
use crate::proto::error::{ConnectionError, PeerError};
use crate::proto::message::ConnectionType;

/// What a Peer tells.
pub(crate) enum PeerEvent<'a> {
    /// The server knows us under this id.
    Open(&'a str),
    /// The server does not know us any longer under the id that we had, if we had one; we come back in so many
    /// milliseconds, or not.
    Disconnected(Option<&'a str>, Option<f64>),
    /// The Peer is destroyed.
    Close,
    /// Something went wrong; a text or the browser's error.
    Error(PeerError, &'a JsValue),
    /// A peer wants a connection. Who takes it makes one of it before this returns.
    Offer { peer: &'a str, kind: ConnectionType, payload: &'a JsValue },
    /// For the log: how bad, what, and about what.
    Log(LogLevel, &'a str, &'a JsValue),
}

/// Who listens to a Peer.
pub(crate) trait PeerListener {
    fn on(&self, event: PeerEvent<'_>);
    /// Hears of the socket to the server: `socket`, with the WebSocket or undefined, `message` and `disconnected`. Whether
    /// it sees to it that a message takes effect.
    fn heard(&self, _event: &str, _value: &JsValue) -> bool {
        false
    }
}

/// What a connection tells.
pub(crate) enum ConnectionEvent<'a> {
    /// There is a data channel.
    Channel(&'a RtcDataChannel),
    /// Ready for read and write.
    Open,
    /// The path is lost; another one is looked for.
    Reconnecting(Cause),
    /// There is a path again, after so many milliseconds.
    Reconnected(f64),
    /// The RTCPeerConnection's event `track`, or `icecandidateerror` of an ICE server that cannot be used.
    Rtc(&'a JsValue),
    /// From now on the far side learns at once when a call is hung up.
    WillCloseOnRemote,
    /// Something went wrong; a text or the browser's error.
    Error(ConnectionError, &'a JsValue),
    /// The `iceConnectionState` is now this.
    IceState(&'a JsValue),
    /// The far side or a failure ends the connection: close it.
    Ending,
    /// It is closed. Whether that is news to the application.
    Closed { news: bool },
}

/// Who listens to a connection.
pub(crate) trait ConnectionListener {
    fn on(&self, event: ConnectionEvent<'_>);
    /// What the far side is told about how messages are serialized.
    fn serialization(&self) -> String;
}

#[wasm_bindgen]
extern "C" {
    /// `Emitter` of `js/emitter.js`.
    pub type Emitter;

    #[wasm_bindgen(method, catch, variadic)]
    fn emit(this: &Emitter, event: &str, values: &Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = emitError)]
    fn emit_error(this: &Emitter, kind: &str, error: &JsValue) -> Result<(), JsValue>;

    /// `Peer` of `js/peer.js`.
    #[wasm_bindgen(extends = Emitter)]
    pub type PeerFace;

    #[wasm_bindgen(method, catch, js_name = _accept)]
    fn accept(this: &PeerFace, peer: &str, kind: &str, payload: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = _heard)]
    fn hear(this: &PeerFace, event: &str, value: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = _log)]
    fn log(this: &PeerFace, level: u8, what: &str, about: &JsValue) -> Result<(), JsValue>;

    /// The connections of `js/connection.js` and what an application derives from them.
    #[wasm_bindgen(extends = Emitter)]
    pub type ConnectionFace;

    #[wasm_bindgen(method, catch, js_name = _initializeDataChannel)]
    fn channel(this: &ConnectionFace, channel: &RtcDataChannel) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = _opened)]
    fn opened(this: &ConnectionFace) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = _path)]
    fn path(this: &ConnectionFace, event: &str, value: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = _rtcEvent)]
    fn rtc_event(this: &ConnectionFace, event: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn close(this: &ConnectionFace) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = _closed)]
    fn closed(this: &ConnectionFace, news: bool) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter)]
    fn serialization(this: &ConnectionFace) -> Option<String>;
}

impl PeerListener for PeerFace {
    fn on(&self, event: PeerEvent<'_>) {
        rethrow_later(match event {
            PeerEvent::Open(id) => self.emit("open", &Array::of1(&id.into())),
            PeerEvent::Disconnected(id, retry) => {
                let values = Array::of1(&id.map_or(JsValue::NULL, JsValue::from));
                if let Some(delay) = retry {
                    values.push(&delay.into());
                }
                self.emit("disconnected", &values)
            }
            PeerEvent::Close => self.emit("close", &Array::new()),
            PeerEvent::Error(kind, error) => self.emit_error(kind.as_str(), error),
            PeerEvent::Offer { peer, kind, payload } => self.accept(peer, kind.as_str(), payload),
            PeerEvent::Log(level, what, about) => self.log(level as u8, what, about),
        });
    }

    fn heard(&self, event: &str, value: &JsValue) -> bool {
        rethrow_later(self.hear(event, value));
        true
    }
}

impl ConnectionListener for ConnectionFace {
    fn on(&self, event: ConnectionEvent<'_>) {
        rethrow_later(match event {
            ConnectionEvent::Channel(channel) => self.channel(channel),
            ConnectionEvent::Open => self.opened(),
            ConnectionEvent::Reconnecting(cause) => self.path("reconnecting", &cause.as_str().into()),
            ConnectionEvent::Reconnected(after) => self.path("reconnected", &after.into()),
            ConnectionEvent::Rtc(event) => self.rtc_event(event),
            ConnectionEvent::WillCloseOnRemote => self.emit("willCloseOnRemote", &Array::new()),
            ConnectionEvent::Error(kind, error) => self.emit_error(kind.as_str(), error),
            ConnectionEvent::IceState(state) => self.emit("iceStateChanged", &Array::of1(state)),
            ConnectionEvent::Ending => self.close(),
            ConnectionEvent::Closed { news } => self.closed(news),
        });
    }

    fn serialization(&self) -> String {
        self.serialization().unwrap_or_default()
    }
}
