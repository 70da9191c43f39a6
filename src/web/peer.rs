//! A Peer: carries out what the core decides.

#[cfg(feature = "npm")]
use std::cell::Ref;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
#[cfg(feature = "rust-api")]
use js_sys::Array;
#[cfg(feature = "npm")]
use js_sys::Function;
use js_sys::Object;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::api::{self, Failure};
use super::face::{PeerEvent, PeerListener};
use super::js::{get, now};
use super::options;
use super::payload::JsPayload;
use super::socket::Socket;
use crate::proto::connection::end::Reason;
use crate::proto::error::PeerError;
use crate::proto::inbound::LIMIT;
use crate::proto::message::Message;
use crate::proto::options::Options;
use crate::proto::peer::{Output, Peer as Core};
use crate::proto::registry::Key;

const NOT_ALLOWED: &str = "It doesn't look like you have permission to list peers IDs. ";
const NOT_ALLOWED_CLOUD: &str = "It looks like you're using the cloud server. You can email team@peerjs.com to enable peer listing for your API key.";
const NOT_ALLOWED_OWN: &str =
    "You need to enable `allow_discovery` on your self-hosted PeerServer to use this feature.";

/// A connection, as its Peer sees it.
pub(super) trait Routed {
    /// The id of the remote peer.
    fn remote(&self) -> &str;
    /// The id of the connection.
    fn id(&self) -> &str;
    /// The JS object that stands for the connection, while somebody listens to it.
    fn face(&self) -> Option<JsValue>;
    /// A message of the remote came through the server.
    fn receive(self: Rc<Self>, message: Message<JsPayload>);
    /// The Peer goes away: the remote is to be told at once.
    fn abandon(self: Rc<Self>);
    /// The connection is to close.
    fn close(self: Rc<Self>, reason: Reason);
}

/// A Peer and what it owns in the browser.
pub(crate) struct Peer {
    core: RefCell<Core<JsPayload>>,
    /// The merged options of the application, for what the core does not know: `config`, `referrerPolicy`.
    options: Object,
    listener: RefCell<Option<Rc<dyn PeerListener>>>,
    socket: RefCell<Option<Socket>>,
    /// The one timer, and when it fires.
    timer: RefCell<Option<Timeout>>,
    armed: Cell<Option<f64>>,
    /// What is heard of the page: that it goes away, that it is online again.
    page: RefCell<Option<[EventListener; 2]>>,
    connections: RefCell<Vec<(Key, Rc<dyn Routed>)>>,
    /// The offer that a connection is being made of.
    offer: RefCell<Option<JsValue>>,
}

impl Peer {
    /// A Peer that tells `listener`, not started yet.
    pub(crate) fn new(options: Object, global: &JsValue, listener: Rc<dyn PeerListener>) -> Rc<Self> {
        let mut core = Core::new(options::decide(&options, global));
        if let Some(backoff) = options::backoff(&options) {
            core.come_back(backoff);
        }
        Rc::new(Self {
            core: RefCell::new(core),
            options,
            listener: RefCell::new(Some(listener)),
            socket: RefCell::default(),
            timer: RefCell::default(),
            armed: Cell::default(),
            page: RefCell::default(),
            connections: RefCell::default(),
            offer: RefCell::default(),
        })
    }

    /// Goes to the server.
    pub(crate) fn start(self: &Rc<Self>, id: Option<String>, global: &JsValue) {
        let supported = get(global, "RTCPeerConnection").is_function();
        let on = |name: &'static str, then: fn(&Rc<Self>)| {
            let peer = Rc::downgrade(self);
            EventListener::new(global.unchecked_ref(), name, move |_| {
                if let Some(peer) = peer.upgrade() {
                    then(&peer);
                }
            })
        };
        *self.page.borrow_mut() = Some([
            // A page that goes away says so: the far side then sees `close` within milliseconds.
            on("pagehide", |peer| {
                for (_, connection) in peer.leave() {
                    connection.close(Reason::Done);
                }
            }),
            on("online", |peer| peer.input(|core| core.online(now()))),
        ]);
        self.input(|core| core.start(id, supported, now()));
    }

    /// Ends everything.
    pub(crate) fn destroy(self: &Rc<Self>) {
        self.leave();
        self.input(Core::destroy);
    }

    /// Lets the core decide about something, and does what it says.
    pub(crate) fn input<T>(self: &Rc<Self>, input: impl FnOnce(&mut Core<JsPayload>) -> T) -> T {
        let result = input(&mut self.core.borrow_mut());
        self.settle();
        result
    }

    #[inline(never)]
    fn settle(self: &Rc<Self>) {
        while let Some(output) = self.poll() {
            self.perform(output);
        }
        self.arm();
    }

    fn poll(&self) -> Option<Output<JsPayload>> {
        self.core.borrow_mut().poll()
    }

    /// Tells the core something that nothing follows from.
    pub(super) fn note<T>(&self, input: impl FnOnce(&mut Core<JsPayload>) -> T) -> T {
        input(&mut self.core.borrow_mut())
    }

    /// Asks the core something.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Core<JsPayload>) -> T) -> T {
        question(&self.core.borrow())
    }

    /// The ids of all peers.
    #[cfg(feature = "rust-api")]
    pub(crate) async fn all_peers(&self) -> Result<Array, Failure> {
        api::list_peers(&self.server(), &self.options).await
    }

    /// What a message that is not complete may take, in bytes.
    pub(super) fn receive_limit(&self) -> f64 {
        let wish = get(&self.options, "receiveLimit").as_f64();
        wish.filter(|limit| *limit > 0.0).unwrap_or(LIMIT as f64)
    }

    /// The configuration of RTCPeerConnections.
    pub(super) fn config(&self) -> JsValue {
        get(&self.options, "config")
    }

    /// Reports the browser's own error.
    pub(super) fn webrtc_error(&self, error: &JsValue) {
        self.tell(PeerEvent::Error(PeerError::WebRtc, error));
    }

    pub(super) fn log(&self, level: u8, what: &str, about: &JsValue) {
        self.tell(PeerEvent::Log(level, what, about));
    }

    /// The offer that is being accepted, unless a connection was made of it.
    #[cfg(feature = "npm")]
    pub(super) fn take_offer(&self) -> Option<JsValue> {
        self.offer.take()
    }

    /// Registers a connection.
    pub(super) fn adopt(&self, connection: Rc<dyn Routed>) -> Key {
        let key = self.note(|core| core.add(connection.remote(), connection.id()));
        self.connections.borrow_mut().push((key, connection));
        key
    }

    /// Forgets a connection.
    pub(super) fn release(&self, key: Key) {
        self.connections.borrow_mut().retain(|(known, _)| *known != key);
        self.note(|core| core.connection_closed(key));
    }

    /// Tells the far sides of all connections that end, while the server still takes it.
    fn leave(&self) -> Vec<(Key, Rc<dyn Routed>)> {
        let connections = self.connections.borrow().clone();
        for (_, connection) in &connections {
            Rc::clone(connection).abandon();
        }
        connections
    }

    /// All connections, oldest first.
    #[cfg(feature = "npm")]
    pub(super) fn connections(&self) -> Ref<'_, Vec<(Key, Rc<dyn Routed>)>> {
        self.connections.borrow()
    }

    fn connection(&self, key: Key) -> Option<Rc<dyn Routed>> {
        self.connections.borrow().iter().find(|(known, _)| *known == key).map(|(_, found)| Rc::clone(found))
    }

    fn tell(&self, event: PeerEvent<'_>) {
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener.on(event);
        }
    }

    fn perform(self: &Rc<Self>, output: Output<JsPayload>) {
        match output {
            Output::FetchId { attempt } => self.fetch_id(attempt),
            Output::OpenSocket { attempt, url } => match Socket::open(&url, self, attempt) {
                Ok(socket) => *self.socket.borrow_mut() = Some(socket),
                Err(error) => {
                    let why = get(&error, "message").as_string().unwrap_or_default();
                    self.input(|core| core.socket_refused(attempt, why));
                }
            },
            Output::CloseSocket => {
                let socket = self.socket.borrow_mut().take();
                drop(socket);
            }
            Output::Transmit(message) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send(&message);
                }
            }
            Output::Opened(id) => self.tell(PeerEvent::Open(&id)),
            Output::Disconnected(id, retry) => self.tell(PeerEvent::Disconnected(id.as_deref(), retry)),
            Output::Closed => {
                self.tell(PeerEvent::Close);
                // The face stays with whoever holds it; we let go of it.
                self.listener.take();
                self.page.take();
            }
            Output::Error(kind, text) => self.tell(PeerEvent::Error(kind, &text.into())),
            Output::Offer { peer, kind, payload, .. } => {
                self.offer.replace(Some(payload.0.clone()));
                self.tell(PeerEvent::Offer { peer: &peer, kind, payload: &payload.0 });
                self.offer.take();
            }
            Output::Deliver(key, message) => {
                if let Some(connection) = self.connection(key) {
                    connection.receive(message);
                }
            }
            Output::CloseConnection(key, error) => {
                if let Some(connection) = self.connection(key) {
                    connection.close(error.map_or(Reason::Done, Reason::Failed));
                }
            }
            Output::Warn(what, peer) => self.log(2, what, &peer.into()),
        }
    }

    fn fetch_id(self: &Rc<Self>, attempt: u32) {
        let peer = Rc::clone(self);
        spawn_local(async move {
            let options = peer.server();
            match api::fetch_id(&options, &peer.options).await {
                Ok(id) => peer.input(|core| core.id_received(attempt, id, now())),
                Err(failure) => {
                    peer.log_failure("Error retrieving ID", &failure);
                    peer.input(|core| core.id_failed(attempt, now()));
                }
            }
        });
    }

    #[cfg(feature = "npm")]
    pub(super) fn list_peers(self: &Rc<Self>, callback: Function) {
        let peer = Rc::clone(self);
        spawn_local(async move {
            let options = peer.server();
            match api::list_peers(&options, &peer.options).await {
                Ok(ids) => super::js::rethrow_later(callback.call1(&JsValue::UNDEFINED, &ids).map(drop)),
                Err(failure) => {
                    peer.log_failure("Error retrieving list peers", &failure);
                    let (why, remedy) = match failure {
                        Failure::Status(401) if options.is_cloud() => (NOT_ALLOWED, NOT_ALLOWED_CLOUD),
                        Failure::Status(401) => (NOT_ALLOWED, NOT_ALLOWED_OWN),
                        _ => ("", ""),
                    };
                    let text = ["Could not get list peers from the server. ", why, remedy].concat();
                    peer.input(|core| core.fail(PeerError::ServerError, text));
                }
            }
        });
    }

    fn server(&self) -> Options {
        self.ask(|core| core.options().clone())
    }

    fn log_failure(&self, what: &str, failure: &Failure) {
        match failure {
            Failure::Status(status) => self.log(1, what, &(*status).into()),
            Failure::Error(error) => self.log(1, what, error),
        }
    }

    /// Sets the one timer to the core's next deadline.
    fn arm(self: &Rc<Self>) {
        let deadline = self.ask(Core::deadline);
        if deadline == self.armed.replace(deadline) {
            return;
        }
        let timer = deadline.map(|at| {
            let peer = Rc::clone(self);
            // setTimeout takes 31 bits; a timer that fires early only looks at the clock and is set again.
            let wait = (at - now()).clamp(0.0, 2e9) as u32;
            Timeout::new(wait, move || {
                peer.armed.set(None);
                peer.input(|core| core.tick(now()));
            })
        });
        let previous = std::mem::replace(&mut *self.timer.borrow_mut(), timer);
        drop(previous);
    }
}
