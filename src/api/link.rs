//! What connections and calls have in common: they open, break and close, and are closed when nobody holds them.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::diagnosis::{ConnectionFailure, Diagnosis, IceServerError};
use super::error::Error;
use super::queue::Waiting;
use super::value::from_js;
use crate::proto::connection::Stage;
use crate::proto::connection::end::Reason;
use crate::proto::error::{ConnectionError, PeerError};
use crate::proto::peer::Peer as Core;
use crate::web::channel::outbound::SendFailure;
use crate::web::connection::{Connection, Setup};
use crate::web::face::ConnectionListener;
use crate::web::js::{get, get_text, to_text};
use crate::web::peer::Peer;

/// How far a connection or a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Not open yet; a call rings.
    Connecting,
    /// Open; a call is answered.
    Open,
    /// Open, but the path to the remote is lost and another one is looked for. What is sent meanwhile waits.
    Reconnecting,
    /// Over.
    Closed,
}

/// How far it has come.
pub(super) struct Link {
    peer: OnceCell<Weak<Peer>>,
    connection: OnceCell<Weak<Connection>>,
    stage: Cell<Stage>,
    reconnecting: Cell<bool>,
    /// What was said of ICE servers.
    ice_errors: RefCell<Vec<IceServerError>>,
    /// Why it closed, or will.
    error: RefCell<Option<Error>>,
    /// Whoever waits for anything of it.
    pub(super) changed: Waiting,
}

impl Link {
    pub(super) fn new() -> Self {
        Self {
            peer: OnceCell::new(),
            connection: OnceCell::new(),
            stage: Cell::new(Stage::Negotiating),
            reconnecting: Cell::default(),
            ice_errors: RefCell::default(),
            error: RefCell::default(),
            changed: Waiting::default(),
        }
    }

    /// The connection, which holds the listener that holds this.
    pub(super) fn connection(&self) -> Option<Rc<Connection>> {
        self.connection.get()?.upgrade()
    }

    pub(super) fn stage(&self) -> Stage {
        self.stage.get()
    }

    pub(super) fn state(&self) -> State {
        match self.stage() {
            Stage::Negotiating => State::Connecting,
            Stage::Open if self.reconnecting.get() => State::Reconnecting,
            Stage::Open => State::Open,
            Stage::Closed => State::Closed,
        }
    }

    pub(super) fn set_stage(&self, stage: Stage) {
        self.stage.set(stage);
        self.changed.wake();
    }

    pub(super) fn set_reconnecting(&self, reconnecting: bool) {
        self.reconnecting.set(reconnecting);
        self.changed.wake();
    }

    /// It is over. Why, if nobody wanted that.
    pub(super) fn close(&self) -> Result<(), Error> {
        self.set_stage(Stage::Closed);
        self.error.borrow().clone().map_or(Ok(()), Err)
    }

    /// It is about to close for this reason, unless there is an earlier one.
    pub(super) fn fail(&self, error: Error) {
        self.error.borrow_mut().get_or_insert(error);
    }

    /// An event of the RTCPeerConnection: `icecandidateerror` if it brings no track.
    pub(super) fn rtc(&self, event: &JsValue) {
        if get(event, "track").is_undefined() {
            IceServerError::keep(&mut self.ice_errors.borrow_mut(), event);
        }
    }

    /// The error of the connection.
    pub(super) fn error(&self, kind: ConnectionError, error: &JsValue) -> Error {
        // An error of the browser's own says itself what is wrong.
        let diagnose = |was_open| {
            let pc = self.connection().filter(|_| error.is_string())?.pc()?;
            let peer = self.peer.get().and_then(Weak::upgrade);
            let is_registered = peer.is_some_and(|peer| peer.ask(Core::is_open));
            Some(Diagnosis::of(&pc, self.ice_errors.borrow().clone(), was_open, is_registered))
        };
        let text = text(error);
        match kind {
            ConnectionError::NegotiationFailed => {
                Error::NegotiationFailed(ConnectionFailure::new(text, diagnose(false)))
            }
            ConnectionError::ConnectionClosed => {
                Error::ConnectionClosed(ConnectionFailure::new(text, diagnose(true)))
            }
            ConnectionError::Config => Error::Config(text),
            ConnectionError::PeerUnavailable => Error::PeerUnavailable(text),
            ConnectionError::MessageTooBig => Error::MessageTooBig(text),
            ConnectionError::InvalidData => Error::InvalidData(text),
            ConnectionError::SendFailed => Error::SendFailed(text),
        }
    }

    /// Why nothing can be done with it any more.
    pub(super) fn why_closed(&self) -> Error {
        self.error.borrow().clone().unwrap_or(Error::Closed)
    }

    /// Waits until it is open, and until `ready` finds something then. An error if it closes before.
    pub(super) async fn until_open<T>(&self, mut ready: impl FnMut() -> Option<T>) -> Result<T, Error> {
        self.changed.until(|| self.look(&mut ready)).await
    }

    /// The same, once.
    pub(super) fn poll_open<T>(
        &self,
        context: &Context<'_>,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Poll<Result<T, Error>> {
        match self.look(&mut ready) {
            Some(found) => Poll::Ready(found),
            None => {
                self.changed.register(context);
                Poll::Pending
            }
        }
    }

    fn look<T>(&self, ready: &mut impl FnMut() -> Option<T>) -> Option<Result<T, Error>> {
        match self.stage.get() {
            Stage::Negotiating => None,
            Stage::Open => ready().map(Ok),
            Stage::Closed => Some(Err(self.why_closed())),
        }
    }

    /// Waits until it is closed; an error if it was not closed by one of the two sides.
    pub(super) async fn until_closed(&self) -> Result<(), Error> {
        self.changed.until(|| (self.stage.get() == Stage::Closed).then_some(())).await;
        self.error.borrow().clone().map_or(Ok(()), Err)
    }
}

/// A listener that knows how far its connection has come.
pub(super) trait Linked: ConnectionListener + 'static {
    fn link(&self) -> &Link;

    /// The application has dropped its last handle.
    fn dropped(handle: &Handle<Self>)
    where
        Self: Sized,
    {
        handle.connection.close(Reason::Local);
    }
}

/// What an application holds of a connection. Closes it when dropped.
pub(super) struct Handle<L: Linked> {
    pub(super) connection: Rc<Connection>,
    pub(super) listener: Rc<L>,
}

impl<L: Linked> Handle<L> {
    /// A connection that tells `listener`, not started yet.
    pub(super) fn new(peer: &Rc<Peer>, listener: Rc<L>, remote: &str, setup: Setup) -> Self {
        let connection = Connection::new(peer, Rc::<L>::clone(&listener), remote.into(), setup);
        // It is new, so that nothing is there yet.
        let _ = listener.link().connection.set(Rc::downgrade(&connection));
        let _ = listener.link().peer.set(Rc::downgrade(peer));
        Self { connection, listener }
    }

    pub(super) fn metadata<T: DeserializeOwned>(&self) -> Result<T, Error> {
        from_js(self.connection.metadata())
    }
}

impl<L: Linked> Drop for Handle<L> {
    fn drop(&mut self) {
        L::dropped(self);
    }
}

/// What an error of the browser's, or a text, says.
pub(super) fn text(error: &JsValue) -> String {
    get_text(error, "message").filter(|text| !text.is_empty()).unwrap_or_else(|| to_text(error))
}

pub(super) const TOO_BIG: &str = "The message is larger than the connection can carry.";

/// Why a message was not sent over a connection.
pub(super) fn send_error(failure: SendFailure, link: &Link) -> Error {
    match failure {
        SendFailure::TooBig => Error::MessageTooBig(TOO_BIG.into()),
        SendFailure::Closed => link.why_closed(),
        SendFailure::Channel(error) | SendFailure::Unreadable(error) => Error::SendFailed(text(&error)),
    }
}

/// What PeerServer says of a wrong key. Like PeerJS, the core takes it for any other error of the server's.
const INVALID_KEY: &str = "Invalid key provided";

/// The error of a Peer.
pub(super) fn peer_error(kind: PeerError, error: &JsValue) -> Error {
    (match kind {
        PeerError::ServerError if text(error) == INVALID_KEY => Error::InvalidKey,
        PeerError::BrowserIncompatible => Error::BrowserIncompatible,
        PeerError::Disconnected => Error::Disconnected,
        PeerError::InvalidId => Error::InvalidId,
        PeerError::InvalidKey => Error::InvalidKey,
        PeerError::Network => Error::Network,
        PeerError::PeerUnavailable => Error::PeerUnavailable,
        PeerError::ServerError => Error::ServerError,
        PeerError::SocketError => Error::SocketError,
        PeerError::UnavailableId => Error::UnavailableId,
        PeerError::WebRtc => Error::WebRtc,
    })(text(error))
}
