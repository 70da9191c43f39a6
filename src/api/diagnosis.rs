//! Why a connection has failed, as far as its RTCPeerConnection tells.

use std::fmt;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::RtcPeerConnection;

pub use crate::proto::diagnosis::{Advice, CandidateCount};
use crate::proto::diagnosis::{Facts, contains};
use crate::web::js::{get, get_text, to_text};

/// How many errors of ICE servers are kept.
const MOST_ERRORS: usize = 16;
/// The STUN error code of wrong credentials.
const UNAUTHORIZED: u16 = 401;

/// What [`Error::NegotiationFailed`](super::Error::NegotiationFailed) and
/// [`Error::ConnectionClosed`](super::Error::ConnectionClosed) say: a text, and what is known of the reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionFailure {
    message: String,
    diagnosis: Option<Box<Diagnosis>>,
}

impl ConnectionFailure {
    pub(super) fn new(message: String, diagnosis: Option<Diagnosis>) -> Self {
        Self { message, diagnosis: diagnosis.map(Box::new) }
    }

    /// The text for a person.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is known of the reason. `None` if the browser itself has said what is wrong, or there was no
    /// RTCPeerConnection.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.diagnosis.as_deref()
    }
}

impl fmt::Display for ConnectionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A failure of an application's own.
impl From<String> for ConnectionFailure {
    fn from(message: String) -> Self {
        Self::new(message, None)
    }
}

/// What is known of why a connection has failed, on this end: [`Error::diagnosis`](super::Error::diagnosis).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The candidates of this end.
    pub local: CandidateCount,
    /// The candidates that the remote has told.
    pub remote: CandidateCount,
    /// What the browser said of ICE servers, the first 16. Firefox says nothing.
    pub servers: Vec<IceServerError>,
    /// What is to be done.
    pub advice: Advice,
}

/// What the browser said of an ICE server that it could not use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct IceServerError {
    /// The URL of the server.
    pub url: String,
    /// The error code of STUN, 401 for wrong credentials; 701 if the server was not reached.
    pub code: u16,
    /// The text of the error.
    pub text: String,
}

impl IceServerError {
    /// Keeps what an event `icecandidateerror` says.
    pub(super) fn keep(list: &mut Vec<Self>, event: &JsValue) {
        if list.len() < MOST_ERRORS {
            list.push(Self {
                url: get_text(event, "url").unwrap_or_default(),
                code: get(event, "errorCode").as_f64().map_or(0, |code| code as u16),
                text: get_text(event, "errorText").unwrap_or_default(),
            });
        }
    }
}

impl Diagnosis {
    pub(super) fn of(
        pc: &RtcPeerConnection,
        servers: Vec<IceServerError>,
        was_open: bool,
        is_registered: bool,
    ) -> Self {
        let sdp = |name| get_text(&get(pc, name), "sdp");
        let remote = sdp("remoteDescription");
        let local = CandidateCount::of(&sdp("localDescription").unwrap_or_default());
        let configured = get(&pc.get_configuration(), "iceServers");
        let has_turn = configured.is_object()
            && configured.unchecked_ref::<Array>().iter().any(|server| {
                let urls = to_text(&get(&server, "urls"));
                contains(&urls, b"turn:") || contains(&urls, b"turns:")
            });
        let is_refused = servers.iter().any(|error| error.code == UNAUTHORIZED);
        let facts = Facts { was_open, is_registered, has_turn, is_refused, local, remote: remote.as_deref() };
        let advice = facts.advice();
        Self { local, remote: CandidateCount::of(remote.as_deref().unwrap_or_default()), servers, advice }
    }
}
