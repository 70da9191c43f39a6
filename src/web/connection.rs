//! A connection: the RTCPeerConnection and what happens to it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, MediaStream, RtcDataChannel, RtcPeerConnection};

use super::data::Data;
use super::face::{ConnectionEvent, ConnectionListener};
use super::js::{get, get_text, now, random_token};
use super::media;
use super::negotiation;
use super::payload::JsPayload;
use super::peer::Peer;
use crate::proto::connection::{Stage, describe, failure, new_id};
use crate::proto::error::ConnectionError;
use crate::proto::message::{ConnectionType, FEATURE_BATCH, Message};
use crate::proto::registry::Key;

/// A connection and what it owns in the browser.
pub(crate) struct Connection {
    pub(super) peer: Rc<Peer>,
    pub(super) kind: ConnectionType,
    /// The far peer.
    pub(crate) far: String,
    pub(crate) id: String,
    /// What the application (or the offer) asked for.
    pub(crate) options: JsValue,
    key: Cell<Key>,
    stage: Cell<Stage>,
    /// Whether there ever was a path to the far side.
    connected: Cell<bool>,
    /// Whether the far side has been told anything of it.
    announced: Cell<bool>,
    /// What the far side has announced that it understands.
    features: RefCell<JsValue>,
    /// Whether something other than the application's own `close()` ends it.
    ending: Cell<bool>,
    /// Whether there is nobody, or no time, for the far side's part in closing.
    hasty: Cell<bool>,
    listener: RefCell<Option<Rc<dyn ConnectionListener>>>,
    pc: RefCell<Option<RtcPeerConnection>>,
    handlers: RefCell<Vec<EventListener>>,
    /// Steps of the negotiation that are under way.
    steps: RefCell<Vec<Waker>>,
    /// The streams that came.
    streams: RefCell<Vec<String>>,
    pub(crate) data: Data,
}

impl Connection {
    /// Registers a connection with `far`; nothing happens before [`Connection::start`].
    pub(crate) fn new(
        peer: &Rc<Peer>,
        listener: Rc<dyn ConnectionListener>,
        kind: ConnectionType,
        far: String,
        options: JsValue,
    ) -> Rc<Self> {
        let id = get_text(&options, "connectionId").unwrap_or_else(|| new_id(kind, &random_token()));
        let features = RefCell::new(get(&get(&options, "_payload"), "features"));
        let connection = Rc::new_cyclic(|this| Self {
            peer: Rc::clone(peer),
            kind,
            far,
            id,
            options,
            key: Cell::default(),
            stage: Cell::new(Stage::Negotiating),
            connected: Cell::default(),
            announced: Cell::default(),
            features,
            ending: Cell::default(),
            hasty: Cell::default(),
            steps: RefCell::default(),
            streams: RefCell::default(),
            listener: RefCell::new(Some(listener)),
            pc: RefCell::default(),
            handlers: RefCell::default(),
            data: Data::new(this.clone()),
        });
        connection.key.set(peer.adopt(&connection));
        connection
    }

    /// Makes the RTCPeerConnection and begins to negotiate: answers the offer, if there is one, or offers. A call sends
    /// `stream`, or only receives.
    /// False if it was begun or closed already.
    pub(crate) fn start(self: &Rc<Self>, stream: Option<&MediaStream>) -> bool {
        if self.stage.get() == Stage::Closed || self.pc.borrow().is_some() {
            self.peer.log(2, "Already answered or closed:", &(&self.id).into());
            return false;
        }
        if let Err(error) = self.try_start(stream) {
            negotiation::fail_later(self, error);
        }
        if self.kind == ConnectionType::Data {
            self.await_path();
        }
        if self.is_incoming() {
            self.peer.input(|core| core.connection_ready(self.key.get()));
        }
        true
    }

    fn try_start(self: &Rc<Self>, stream: Option<&MediaStream>) -> Result<(), JsValue> {
        let pc = RtcPeerConnection::new_with_configuration(self.peer.config().unchecked_ref())?;
        self.on(&pc, "icecandidate", |this, event| {
            negotiation::send_candidate(this, &get(event, "candidate"))
        });
        self.on(&pc, "iceconnectionstatechange", |this, event| {
            let pc = get(event, "target");
            let state = get(&pc, "iceConnectionState");
            this.tell(ConnectionEvent::IceState(&state));
            // Firefox before 113 has no other. Where there is one, that also knows whether the far side has agreed.
            if get(&pc, "connectionState").is_undefined() {
                this.check(&state);
            }
        });
        self.on(&pc, "connectionstatechange", |this, event| {
            this.check(&get(&get(event, "target"), "connectionState"));
        });
        self.on(&pc, "datachannel", |this, event| {
            this.tell(ConnectionEvent::Channel(get(event, "channel").unchecked_ref()));
        });
        *self.pc.borrow_mut() = Some(pc.clone());

        if self.kind == ConnectionType::Media {
            self.on(&pc, "track", media::received);
            match stream {
                Some(stream) => media::send(pc.unchecked_ref(), stream)?,
                None if !self.is_incoming() => media::receive_only(pc.unchecked_ref())?,
                None => {}
            }
        }
        if self.is_incoming() {
            negotiation::answer(self, &pc, &self.offered());
        } else {
            let channel = self.data.create(pc.unchecked_ref(), self)?;
            self.tell(ConnectionEvent::Channel(&channel));
            negotiation::offer(self, &pc);
        }
        Ok(())
    }

    /// Uses `channel`, which is open or will be. A call has one only to tell the far side of its end.
    pub(crate) fn attach(self: &Rc<Self>, channel: &RtcDataChannel) {
        self.on(channel, "open", |this, _| match this.kind {
            ConnectionType::Data => this.opened(),
            ConnectionType::Media => this.tell(ConnectionEvent::WillCloseOnRemote),
        });
        self.on(channel, "close", |this, _| this.end_by_far());
        self.data.attach(channel);
    }

    /// It is open: the data channel is, or the call was answered.
    pub(crate) fn opened(self: &Rc<Self>) {
        if self.stage.get() != Stage::Negotiating {
            return;
        }
        self.stage.set(Stage::Open);
        self.found_path();
        if self.kind == ConnectionType::Media {
            self.await_path();
        } else if self.is_incoming() {
            self.await_channel();
        }
        self.data.opened(self.pc().as_ref(), self.understands(FEATURE_BATCH));
        self.tell(ConnectionEvent::Open);
    }

    /// A message of the far side, through the server.
    pub(super) fn receive_signal(self: &Rc<Self>, message: Message<JsPayload>) {
        if let (Some(pc), Some(JsPayload(payload))) = (self.pc(), message.payload) {
            negotiation::receive(self, &pc, message.kind, &payload);
        }
    }

    /// The far side, the server or a failure ends this connection.
    pub(crate) fn end(self: &Rc<Self>, error: Option<ConnectionError>) {
        let text = error.map(|error| describe(error, &self.far).into());
        self.end_with(error.zip(text));
    }

    /// The same, with a text or the browser's error.
    pub(super) fn end_with(self: &Rc<Self>, error: Option<(ConnectionError, JsValue)>) {
        if self.stage.get() == Stage::Closed {
            return;
        }
        self.ending.set(true);
        if let Some((kind, error)) = error {
            self.hasty.set(true);
            if kind == ConnectionError::NegotiationFailed {
                self.withdraw(self.stage.get(), true);
            }
            self.tell(ConnectionEvent::Error(kind, &error));
            self.report_unsent(true);
        }
        // An application may have a `close` of its own; it is to know. Whatever it does, this is over.
        self.tell(ConnectionEvent::Ending);
        self.close();
    }

    /// The far side closes it, whatever we may still have for it.
    pub(super) fn end_by_far(self: &Rc<Self>) {
        self.report_unsent(false);
        self.end(None);
    }

    fn report_unsent(&self, broken: bool) {
        if let Some(text) = self.data.unsent(broken) {
            self.fail(ConnectionError::SendFailed, &text.into());
        }
    }

    /// Closes. That is news to the application when it was open, or when it did not ask for it.
    pub(crate) fn close(self: &Rc<Self>) {
        let before = self.stage.replace(Stage::Closed);
        if before == Stage::Closed {
            return;
        }
        let news = before == Stage::Open || self.ending.get();
        let handlers = self.handlers.take();
        drop(handlers);
        if !self.ending.get() {
            self.withdraw(before, false);
        }
        self.part();
        self.peer.release(self.key.get());
        self.steps.take().into_iter().for_each(Waker::wake);
        self.tell(ConnectionEvent::Closed { news });
        self.listener.take();
    }

    /// Closes what the browser has of it. A data channel closes first, which is repeated until the far side agrees: of the
    /// end of an RTCPeerConnection it is told once, and if that is lost, which it easily is in mid-transfer, it knows
    /// nothing for half a minute. A call is over at once: nobody is to be seen who has hung up.
    fn part(self: &Rc<Self>) {
        let (this, pc) = (Rc::clone(self), self.pc.take());
        let over = move || {
            this.data.close();
            if let Some(pc) = pc {
                pc.close();
            }
        };
        if self.kind == ConnectionType::Media || self.hasty.get() {
            over();
        } else {
            self.data.outbound.part(over);
        }
    }

    /// Tells the far side of the end of a connection that is at `stage`, if there is no path that it would see vanish.
    fn withdraw(&self, stage: Stage, failed: bool) {
        if stage == Stage::Negotiating || !self.connected.get() {
            negotiation::withdraw(self, failed);
        }
    }

    /// The same for whoever ends them all, at once.
    pub(super) fn leave(&self) {
        self.hasty.set(true);
        self.withdraw(self.stage.get(), false);
    }

    /// The label of its data channel.
    pub(crate) fn label(&self) -> String {
        get_text(&self.options, "label").filter(|label| !label.is_empty()).unwrap_or_else(|| self.id.clone())
    }

    pub(super) fn is_live(&self) -> bool {
        self.stage.get() != Stage::Closed
    }

    /// Has a step of the negotiation know of the end.
    pub(super) fn wake_at_end(&self, step: &Waker) {
        self.steps.borrow_mut().push(step.clone());
    }

    /// Whether this stream has not been told of yet.
    pub(super) fn is_new_stream(&self, id: String) -> bool {
        let mut streams = self.streams.borrow_mut();
        let new = !streams.contains(&id);
        if new {
            streams.push(id);
        }
        new
    }

    /// Whether the far side has offered it.
    pub(super) fn is_incoming(&self) -> bool {
        get(&self.options, "_payload").is_truthy()
    }

    /// The description that the far side has offered.
    pub(super) fn offered(&self) -> JsValue {
        get(&get(&self.options, "_payload"), "sdp")
    }

    /// The far side is told of this connection.
    pub(super) fn announce(&self) {
        self.announced.set(true);
    }

    /// Whether the far side has been told of this connection.
    pub(super) fn is_announced(&self) -> bool {
        self.announced.get()
    }

    /// The far side has answered with this.
    pub(super) fn answered(&self, payload: &JsValue) {
        *self.features.borrow_mut() = get(payload, "features");
    }

    /// Whether the far side has announced this, with its offer or its answer.
    pub(super) fn understands(&self, feature: &str) -> bool {
        let features = self.features.borrow();
        features.dyn_ref::<Array>().is_some_and(|features| features.includes(&feature.into(), 0))
    }

    /// The RTCPeerConnection, unless the connection is not started or closed.
    pub(crate) fn pc(&self) -> Option<RtcPeerConnection> {
        self.pc.borrow().clone()
    }

    /// The face, while there is somebody who listens.
    pub(super) fn face(&self) -> Option<JsValue> {
        self.listener.borrow().as_ref().and_then(|listener| listener.face())
    }

    pub(super) fn serialization(&self) -> String {
        self.listener.borrow().as_ref().map(|listener| listener.serialization()).unwrap_or_default()
    }

    pub(super) fn tell(&self, event: ConnectionEvent<'_>) {
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener.on(event);
        }
    }

    pub(super) fn fail(&self, kind: ConnectionError, error: &JsValue) {
        self.tell(ConnectionEvent::Error(kind, error));
    }

    /// It is to find a path to the far side in time. A call rings for as long as it likes.
    fn await_path(&self) {
        self.peer.input(|core| core.connection_awaited(self.key.get(), now()));
    }

    /// Chromium tells of a channel that the far side has made before its own network thread has opened it, and loses what
    /// is sent meanwhile: one time in a thousand on a busy machine. This it asks of the thread that sees to that.
    fn await_channel(&self) {
        if let Some(pc) = self.pc() {
            get(&pc, "canTrickleIceCandidates");
        }
    }

    fn found_path(&self) {
        self.peer.note(|core| core.connection_opened(self.key.get()));
    }

    fn check(self: &Rc<Self>, state: &JsValue) {
        let state = state.as_string().unwrap_or_default();
        if state == "connected" {
            self.connected.set(true);
            if self.kind == ConnectionType::Media {
                self.found_path();
            }
        } else if let Some(error) = failure(&state, self.connected.get()) {
            self.end(Some(error));
        }
    }

    fn on(self: &Rc<Self>, target: &EventTarget, name: &'static str, then: fn(&Rc<Self>, &JsValue)) {
        let this = Rc::clone(self);
        let handler = EventListener::new(target, name, move |event| then(&this, event));
        self.handlers.borrow_mut().push(handler);
    }
}

/// What the JS face of a connection holds.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub struct ConnectionHandle(pub(super) Rc<Connection>);

#[cfg(feature = "npm")]
impl ConnectionHandle {
    pub(super) fn new(connection: Rc<Connection>) -> Self {
        Self(connection)
    }
}

#[cfg(feature = "npm")]
#[wasm_bindgen]
impl ConnectionHandle {
    /// Begins; a call with what it is to send. False if it was begun or closed already.
    pub fn start(&self, stream: Option<MediaStream>) -> bool {
        self.0.start(stream.as_ref())
    }

    /// An incoming call is open as soon as it is answered.
    pub fn opened(&self) {
        self.0.opened();
    }

    /// The far side asked to close.
    pub fn end(&self) {
        self.0.end_by_far();
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
        self.0.close();
    }
}
