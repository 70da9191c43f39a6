//! Calls.

mod tracks;

use std::cell::RefCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use serde::de::DeserializeOwned;
use web_sys::{MediaStream, RtcPeerConnection};

use super::connect_options::SdpTransform;
use super::connection::Common;
use super::error::Error;
use super::link::{Handle, Link, Linked, State, text};
use super::media::Remote;
use super::states::States;
use crate::proto::connection::Stage;
use crate::proto::connection::end::Reason;
use crate::web;
use crate::web::connection::Setup;
use crate::web::face::{ConnectionEvent, ConnectionListener};
use crate::web::js::get;

/// What hears of a call.
pub(super) struct Listener {
    pub(super) link: Link,
    remote: Rc<Remote>,
    pub(super) common: Rc<Common>,
    /// What a call over another connection sends when it is open.
    first: RefCell<Option<MediaStream>>,
}

/// A call that a peer makes. Dropped without an answer it is declined.
pub struct IncomingCall(Handle<Listener>);

/// A call that was made or answered.
///
/// Cheap to clone; all clones are the same call. It is hung up when the last of them is dropped.
#[derive(Clone)]
pub struct Call(pub(super) Rc<Handle<Listener>>);

fn new(peer: &Rc<web::peer::Peer>, common: &Rc<Common>, far: &str, setup: Setup) -> Handle<Listener> {
    let listener = Rc::new(Listener {
        link: Link::new(),
        remote: Rc::default(),
        common: Rc::clone(common),
        first: RefCell::default(),
    });
    Handle::new(peer, listener, far, setup)
}

impl IncomingCall {
    pub(super) fn new(peer: &Rc<web::peer::Peer>, common: &Rc<Common>, far: &str, setup: Setup) -> Self {
        Self(new(peer, common, far, setup))
    }

    /// The id of the peer that calls.
    pub fn peer(&self) -> &str {
        &self.0.connection.remote
    }

    /// What the caller wants us to know, as a type of one's own; an `Option`, if there may be nothing.
    ///
    /// # Errors
    /// [`Error::Deserialize`] when it is of another type.
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.0.metadata()
    }

    /// Waits until the caller has hung up, or the call is lost.
    pub async fn cancelled(&self) {
        // Why makes no difference to somebody who has not answered.
        let _ = self.0.listener.link.until_closed().await;
    }

    /// Passes the answer's SDP through a function before it is set and sent: to limit a bandwidth, say.
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Call, Error, IncomingCall};
    /// # fn example(ringing: IncomingCall, camera: web_sys::MediaStream) -> Result<Call, Error> {
    /// let slow = |sdp: String| sdp.replace("a=mid:1\r\n", "a=mid:1\r\nb=AS:500\r\n");
    /// ringing.sdp_transform(slow).answer(Some(&camera))
    /// # }
    /// ```
    #[must_use = "it is to be answered"]
    pub fn sdp_transform(self, transform: impl Fn(String) -> String + 'static) -> Self {
        self.0.connection.set_transform(SdpTransform::new(transform).into_js());
        self
    }

    /// Answers with a stream of one's own, or without one, to receive only.
    ///
    /// # Errors
    /// [`Error::Closed`] when the caller has hung up meanwhile.
    pub fn answer(self, stream: Option<&MediaStream>) -> Result<Call, Error> {
        self.0.listener.first.replace(stream.cloned());
        if !self.0.connection.start(stream) {
            return Err(self.0.listener.link.why_closed());
        }
        self.0.connection.opened();
        Ok(Call(Rc::new(self.0)))
    }

    /// Declines, as dropping it does.
    pub fn decline(self) {}
}

impl Call {
    pub(super) fn new(
        peer: &Rc<web::peer::Peer>,
        common: &Rc<Common>,
        far: &str,
        stream: Option<&MediaStream>,
        setup: Setup,
    ) -> Self {
        let handle = new(peer, common, far, setup);
        handle.listener.first.replace(stream.cloned());
        handle.connection.start(stream);
        Self(Rc::new(handle))
    }

    /// The id of the far peer.
    pub fn peer(&self) -> &str {
        &self.0.connection.remote
    }

    /// What the caller wants the other side to know, as a type of one's own; an `Option`, if there may be nothing.
    ///
    /// # Errors
    /// [`Error::Deserialize`] when it is of another type.
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.0.metadata()
    }

    /// How far it has come.
    pub fn state(&self) -> State {
        self.0.listener.link.state()
    }

    /// The state now and each later one: when the path is lost and found again, for example. Of states that follow each
    /// other before the stream is polled only the last one comes. Ends after [`State::Closed`].
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

    /// Whether it was answered and is not over.
    pub fn is_open(&self) -> bool {
        self.0.listener.link.stage() == Stage::Open
    }

    /// Waits until the far side answers, with a stream or without one. A call that was answered by this side is open.
    ///
    /// A page with PeerJS tells nobody that it declines a call, or that nobody answers there: without a time-out this waits
    /// for as long as both are there. To ring for half a minute:
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Call, Error};
    /// use futures::future::{Either, select};
    ///
    /// # async fn example(call: Call) -> Result<(), Error> {
    /// let answered = std::pin::pin!(call.answered());
    /// let half_a_minute = gloo_timers::future::TimeoutFuture::new(30_000);
    /// match select(answered, half_a_minute).await {
    ///     Either::Left((answered, _)) => answered?,
    ///     Either::Right(_) => call.close(),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Why it never will: [`Error::PeerUnavailable`], [`Error::NegotiationFailed`], or [`Error::Closed`] when the call was
    /// declined or hung up.
    pub async fn answered(&self) -> Result<(), Error> {
        self.0.listener.link.until_open(|| Some(())).await
    }

    /// Waits for what the far side sends: the newest stream, if there was more than one.
    ///
    /// The far side may answer without a stream, and then this waits until the call is over. See
    /// [`answered`](Self::answered) for a time-out.
    ///
    /// # Errors
    /// Why there will be none: [`Error::PeerUnavailable`], [`Error::NegotiationFailed`], or [`Error::Closed`] when the
    /// call was declined or hung up.
    pub async fn stream(&self) -> Result<MediaStream, Error> {
        let Listener { link, remote, .. } = &*self.0.listener;
        let look = || match remote.streams().pop() {
            Some(stream) => Some(Ok(stream)),
            None => (link.stage() == Stage::Closed).then(|| Err(link.why_closed())),
        };
        link.changed.until(look).await
    }

    /// Hangs up.
    pub fn close(&self) {
        self.0.connection.close(Reason::Local);
    }

    /// Waits until it is over, by whomever.
    ///
    /// # Errors
    /// What broke it: [`Error::ConnectionClosed`], [`Error::NegotiationFailed`], [`Error::PeerUnavailable`].
    pub async fn closed(&self) -> Result<(), Error> {
        self.0.listener.link.until_closed().await
    }

    /// The browser's own connection, while there is one.
    pub fn peer_connection(&self) -> Option<RtcPeerConnection> {
        self.0.connection.pc()
    }
}

impl fmt::Debug for IncomingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingCall").field("peer", &self.peer()).finish()
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Call {}

impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Rc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("peer", &self.peer()).finish()
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
            ConnectionEvent::Channel(channel) => {
                if let Some(connection) = self.link.connection() {
                    connection.attach(channel);
                }
            }
            ConnectionEvent::Open => {
                if let (Some(connection), Some(stream)) = (self.link.connection(), self.first.take())
                    && let Err(error) = connection.send_first(&stream)
                {
                    self.link.fail(Error::WebRtc(text(&error)));
                }
                self.link.set_stage(Stage::Open);
            }
            ConnectionEvent::Rtc(event) if !get(event, "track").is_undefined() => {
                self.remote.receive(event);
                self.link.changed.wake();
            }
            ConnectionEvent::Rtc(event) => self.link.rtc(event),
            ConnectionEvent::Error(kind, error) => self.link.fail(self.link.error(kind, error)),
            ConnectionEvent::Closed { .. } => {
                if let Some(connection) = self.link.connection() {
                    connection.stop_tracks();
                }
                self.remote.end();
                // Whoever waits for the end is told why.
                let _ = self.link.close();
            }
            ConnectionEvent::Reconnecting(_) => self.link.set_reconnecting(true),
            ConnectionEvent::Reconnected(_) => self.link.set_reconnecting(false),
            ConnectionEvent::WillCloseOnRemote | ConnectionEvent::IceState(_) | ConnectionEvent::Ending => {}
        }
    }

    fn serialization(&self) -> String {
        String::new()
    }
}
