//! A Peer: carries out what the core decides.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[cfg(feature = "rust-api")]
use js_sys::Array;
#[cfg(feature = "npm")]
use js_sys::Function;
use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::face::{PeerEvent, PeerListener};
use super::js::{get, get_as_text, now, random_token};
use super::listener::EventListener;
use super::options;
use super::payload::JsPayload;
#[cfg(feature = "rust-api")]
use super::peer_server::Failure;
use super::peer_server::PeerServer;
use super::timer::Alarm;
use super::transport::{Client, Transport};
use crate::proto::border::LogLevel;
use crate::proto::connection::end::Reason;
use crate::proto::connection::resume::{News, Policy};
use crate::proto::error::PeerError;
use crate::proto::inbound::LIMIT;
use crate::proto::message::{ConnectionType, Message};
use crate::proto::peer::{Output, Peer as Core};
use crate::proto::registry::Key;
use crate::proto::time::earlier;
use crate::proto::transport::Event;

const NO_WEBRTC: &str = "The current browser does not support WebRTC";
const NO_RANDOM: &str = "crypto.getRandomValues is missing or fails, so that no token can be made";

/// A connection, as its Peer sees it.
pub(super) trait Routed {
    /// The id of the remote peer.
    fn remote(&self) -> &str;
    /// The id of the connection.
    fn id(&self) -> &str;
    /// A message of the remote came through the server.
    fn receive(self: Rc<Self>, message: Message<JsPayload>);
    /// The Peer goes away: the remote is to be told at once.
    fn abandon(self: Rc<Self>);
    /// Something has happened that concerns its path.
    fn heard(self: Rc<Self>, news: News);
    /// The connection is to close.
    fn close(self: Rc<Self>, reason: Reason);
}

/// An offer, and over which connection it comes, if any, as that knows it.
pub(crate) type Offer = (JsValue, Option<Box<dyn Any>>);

/// A Peer and what it owns in the browser.
pub(crate) struct Peer {
    core: RefCell<Core<JsPayload>>,
    /// The merged options of the application, for what the core does not know: `config`.
    options: Object,
    listener: RefCell<Option<Rc<dyn PeerListener>>>,
    pub(super) transport: PeerServer,
    /// Whether outputs are being carried out, so that a listener may be running.
    settling: Cell<bool>,
    alarm: Alarm,
    /// What is heard of the page: that it goes away, that it is online again.
    page: RefCell<Vec<EventListener>>,
    connections: RefCell<Vec<(Key, Rc<dyn Routed>)>>,
    /// The offer that a connection is being made of.
    offer: RefCell<Option<Offer>>,
}

impl Peer {
    /// A Peer that tells `listener`, not started yet.
    pub(crate) fn new(options: Object, global: &JsValue, listener: Rc<dyn PeerListener>) -> Rc<Self> {
        let mut core = Core::default();
        if let Some(backoff) = options::backoff(&options) {
            core.come_back(backoff);
        }
        let decided = options::decide(&options, global);
        Rc::new(Self {
            core: RefCell::new(core),
            transport: PeerServer::new(decided, &options),
            options,
            listener: RefCell::new(Some(listener)),
            settling: Cell::default(),
            alarm: Alarm::default(),
            page: RefCell::default(),
            connections: RefCell::default(),
            offer: RefCell::default(),
        })
    }

    /// Goes to the server.
    pub(crate) fn start(self: &Rc<Self>, id: Option<String>, global: &JsValue) {
        let obstacle = if !get(global, "RTCPeerConnection").is_function() {
            Some(NO_WEBRTC)
        } else {
            get_as_text(&self.options, "token").is_none().then_some(NO_RANDOM)
        };
        let on = |target: &JsValue, name: &'static str, then: fn(&Rc<Self>)| {
            let peer = Rc::downgrade(self);
            EventListener::new(target, name, move |_| {
                if let Some(peer) = peer.upgrade() {
                    then(&peer);
                }
            })
        };
        let mut page = vec![
            // A page that goes away says so: the far side then sees `close` within milliseconds.
            on(global, "pagehide", |peer| {
                for (_, connection) in peer.leave() {
                    connection.close(Reason::Done);
                }
            }),
            on(global, "online", |peer| {
                peer.input(Core::online);
                peer.spread(News::Online);
            }),
            // A page that was hidden may have slept.
            on(global, "visibilitychange", |peer| peer.spread(News::Changed)),
        ];
        let network = get(&get(global, "navigator"), "connection");
        if network.is_object() {
            page.push(on(&network, "change", |peer| peer.spread(News::Changed)));
        }
        self.page.replace(page);
        // Only a PeerServer makes ids.
        let id = id.or_else(|| self.transport.factory().map(|_| random_token()));
        self.input(|core| core.start(id, obstacle));
    }

    /// Ends everything.
    pub(crate) fn destroy(self: &Rc<Self>) {
        self.leave();
        self.command(Core::destroy);
    }

    /// Lets the core decide about something, and does what it says: at once, or after what is being done. So no event is
    /// emitted within another one's listeners.
    pub(crate) fn input<T>(self: &Rc<Self>, input: impl FnOnce(&mut Core<JsPayload>) -> T) -> T {
        let result = self.note(input);
        if !self.settling.get() {
            self.settle();
        }
        result
    }

    /// The same, always at once: the application disconnects, reconnects or destroys, and sees the effect when this
    /// returns.
    pub(crate) fn command<T>(self: &Rc<Self>, input: impl FnOnce(&mut Core<JsPayload>) -> T) -> T {
        let result = self.note(input);
        self.settle();
        result
    }

    #[inline(never)]
    fn settle(self: &Rc<Self>) {
        let outer = self.settling.replace(true);
        while let Some(output) = self.poll() {
            self.perform(output);
        }
        self.settling.set(outer);
        self.arm();
    }

    #[inline(never)]
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

    /// Asks the server for the ids of all peers.
    #[cfg(feature = "rust-api")]
    pub(crate) fn all_peers(&self, done: impl FnOnce(Result<Array, Failure>) + 'static) {
        self.transport.peers(done);
    }

    /// What a message that is not complete may take, in bytes.
    pub(super) fn receive_limit(&self) -> f64 {
        let wish = get(&self.options, "receiveLimit").as_f64();
        wish.filter(|limit| *limit > 0.0).unwrap_or(LIMIT as f64)
    }

    /// How connections are resumed.
    pub(super) fn resume_policy(&self) -> Policy {
        options::resume_policy(&self.options)
    }

    /// The configuration of RTCPeerConnections.
    pub(super) fn config(&self) -> JsValue {
        get(&self.options, "config")
    }

    /// Reports the browser's own error.
    pub(super) fn webrtc_error(&self, error: &JsValue) {
        self.tell(PeerEvent::Error(PeerError::WebRtc, error));
    }

    /// Writes to the log, at this level.
    pub(super) fn log(&self, level: LogLevel, what: &str, about: &JsValue) {
        self.tell(PeerEvent::Log(level, what, about));
    }

    /// The offer that is being accepted, unless a connection was made of it.
    pub(crate) fn take_offer(&self) -> Option<Offer> {
        self.offer.take()
    }

    /// A peer offers a connection over another one. Whether one was made of it.
    pub(super) fn offer_over(
        &self,
        over: Box<dyn Any>,
        peer: &str,
        kind: ConnectionType,
        payload: JsValue,
    ) -> bool {
        self.offer.replace(Some((payload.clone(), Some(over))));
        self.tell(PeerEvent::Offer { peer, kind, payload: &payload });
        self.offer.take().is_none()
    }

    /// Registers a connection.
    pub(super) fn adopt(&self, connection: Rc<dyn Routed>, incoming: bool) -> Key {
        let offered = incoming.then(now);
        let key = self.note(|core| core.add(connection.remote(), connection.id(), offered));
        self.connections.borrow_mut().push((key, connection));
        key
    }

    /// Forgets a connection.
    pub(super) fn release(&self, key: Key) {
        let place = self.connections.borrow().iter().position(|(known, _)| *known == key);
        if let Some(place) = place {
            let connection = self.connections.borrow_mut().remove(place);
            drop(connection);
        }
        self.note(|core| core.connection_closed(key));
    }

    fn spread(&self, news: News) {
        let connections = self.connections.borrow().clone();
        for (_, connection) in connections {
            connection.heard(news);
        }
    }

    /// Tells the far sides of all connections that end, while the server still takes it.
    fn leave(&self) -> Vec<(Key, Rc<dyn Routed>)> {
        let connections = self.connections.borrow().clone();
        for (_, connection) in &connections {
            Rc::clone(connection).abandon();
        }
        connections
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

    #[inline(never)]
    fn perform(self: &Rc<Self>, output: Output<JsPayload>) {
        match output {
            Output::Connect { attempt, id } => self.transport.connect(self, attempt, id),
            Output::Disconnect => {
                self.transport.disconnect();
                self.heard("socket", &JsValue::UNDEFINED);
            }
            Output::Transmit(message) => self.transport.transmit(&message),
            Output::Opened(id) => {
                self.tell(PeerEvent::Open(&id));
                self.spread(News::Server);
            }
            Output::Disconnected(id, retry) => self.tell(PeerEvent::Disconnected(id.as_deref(), retry)),
            Output::Closed => {
                self.tell(PeerEvent::Close);
                // The face stays with whoever holds it; we let go of it.
                self.listener.take();
                self.page.take();
            }
            Output::Error(kind, text) => self.tell(PeerEvent::Error(kind, &text.into())),
            Output::Offer { peer, kind, payload, .. } => {
                self.offer.replace(Some((payload.0.clone(), None)));
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
            Output::Warn(what, peer) => self.log(LogLevel::Warnings, what, &peer.into()),
            Output::Complain(what) => self.log(LogLevel::Errors, what, &"".into()),
        }
    }

    #[cfg(feature = "npm")]
    pub(super) fn list_peers(self: &Rc<Self>, callback: Function) {
        let peer = Rc::clone(self);
        self.transport.peers(move |ids| match ids {
            Ok(ids) => super::js::rethrow_later(callback.call1(&JsValue::UNDEFINED, &ids).map(drop)),
            Err(failure) => {
                failure.log(&*peer, "Error retrieving list peers");
                let text = ["Could not get list peers from the server. ", &failure.remedy()].concat();
                peer.input(|core| core.fail(PeerError::ServerError, text));
            }
        });
    }
}

impl Client<PeerServer> for Peer {
    fn transport(&self) -> &PeerServer {
        &self.transport
    }

    fn report(self: &Rc<Self>, attempt: u32, event: Event<JsPayload>) {
        self.input(|core| core.report(attempt, event, now()));
    }

    /// Sets the one timer to the next deadline.
    fn arm(self: &Rc<Self>) {
        let deadline = earlier(self.ask(Core::deadline), self.transport.deadline());
        let peer = Rc::clone(self);
        self.alarm.set(deadline, move || {
            peer.alarm.fired();
            peer.transport.tick(&peer);
            peer.input(|core| core.tick(now()));
        });
    }

    fn heard(&self, event: &str, value: &JsValue) -> bool {
        let listener = self.listener.borrow().clone();
        listener.is_some_and(|listener| listener.heard(event, value))
    }

    fn log(&self, level: LogLevel, what: &str, about: &JsValue) {
        self.log(level, what, about);
    }
}
