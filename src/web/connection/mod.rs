//! A connection: carries out what its core decides, with an RTCPeerConnection.

mod branch;
mod config;
mod control;
mod descriptions;
#[cfg(feature = "npm")]
mod handle;
mod media;
mod routed;
mod rtc;
mod setup;
#[cfg(feature = "rust-api")]
mod tracks;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, MediaStream, RtcDataChannel, RtcPeerConnection};

#[cfg(feature = "npm")]
pub(super) use self::handle::ConnectionHandle;
pub(crate) use self::setup::Setup;

use self::branch::Branches;
use self::control::Control;
use self::descriptions::{Settle, Then};
use self::rtc::Rtc;
use super::channel::Channel;
use super::channel::outbound::SendFailure;
use super::face::{ConnectionEvent, ConnectionListener};
use super::js::{get, now};
use super::listener::EventListener;
use super::payload::JsPayload;
use super::peer::Peer;
use super::promise::settle;
use super::timer::Alarm;
use crate::proto::border::LogLevel;
use crate::proto::connection::end::{Reason, describe};
use crate::proto::connection::wire::Details;
use crate::proto::connection::{Connection as Core, Identity, Output, Stage};
use crate::proto::error::ConnectionError;
use crate::proto::message::{ConnectionType, Message, MessageType, wire_serialization};
use crate::proto::registry::Key;

/// Which of the handlers is that of `datachannel`: the fourth.
const DATA_CHANNEL: usize = 3;

/// A connection and what it owns in the browser.
pub(crate) struct Connection {
    this: Weak<Self>,
    pub(crate) peer: Rc<Peer>,
    core: RefCell<Core>,
    /// The remote peer.
    pub(crate) remote: String,
    pub(crate) id: String,
    setup: Setup,
    /// The connections over its RTCPeerConnection.
    branches: RefCell<Branches>,
    /// Whether it listens to the event `track`.
    hears_tracks: Cell<bool>,
    /// What the application makes of a local SDP: of an answer it says so late.
    transform: RefCell<JsValue>,
    key: Cell<Key>,
    listener: RefCell<Option<Rc<dyn ConnectionListener>>>,
    pc: RefCell<Option<RtcPeerConnection>>,
    handlers: RefCell<Vec<EventListener>>,
    settle: RefCell<Option<Settle>>,
    then: Cell<Then>,
    /// Why the browser's last operation has failed.
    browser_error: RefCell<JsValue>,
    alarm: Alarm,
    /// Whether the core need not be told that something was sent.
    watching: Cell<bool>,
    control: Control,
    pub(crate) channel: Channel,
}

impl Connection {
    /// Registers a connection with the peer `remote`; nothing happens before [`Connection::start`].
    pub(crate) fn new(
        peer: &Rc<Peer>,
        listener: Rc<dyn ConnectionListener>,
        remote: String,
        setup: Setup,
    ) -> Rc<Self> {
        let id = setup.id.clone();
        let policy = peer.resume_policy();
        let resumes = policy.timeout > 0.0;
        let identity = Identity { kind: setup.kind, peer: remote.clone(), id: id.clone(), resumes };
        let mut core = Core::new(identity, setup.direction.clone(), setup.features, policy);
        if setup.place.is_some() {
            core.share();
        }
        let connection = Rc::new_cyclic(|this| Self {
            this: this.clone(),
            peer: Rc::clone(peer),
            core: RefCell::new(core),
            remote,
            id,
            branches: RefCell::default(),
            hears_tracks: Cell::new(setup.kind == ConnectionType::Media),
            transform: RefCell::new(setup.transform.clone()),
            setup,
            key: Cell::default(),
            listener: RefCell::new(Some(listener)),
            pc: RefCell::default(),
            handlers: RefCell::default(),
            settle: RefCell::default(),
            then: Cell::default(),
            browser_error: RefCell::default(),
            alarm: Alarm::default(),
            watching: Cell::new(true),
            control: Control::default(),
            channel: Channel::new(report_to(this.clone())),
        });
        match &connection.setup.place {
            Some((carrier, number)) => carrier.branches.borrow_mut().push((*number, Rc::clone(&connection))),
            None => {
                connection.key.set(peer.adopt(Rc::<Self>::clone(&connection), connection.is_incoming()));
            }
        }
        connection
    }

    /// Makes the RTCPeerConnection and begins to negotiate: answers the offer, if there is one, or offers. A call sends
    /// `stream`, or only receives. False if it was begun or closed already.
    pub(crate) fn start(self: &Rc<Self>, stream: Option<&MediaStream>) -> bool {
        if !self.is_live() || self.settle.borrow().is_some() {
            self.peer.log(LogLevel::Warnings, "Already answered or closed:", &(&self.id).into());
            return false;
        }
        *self.settle.borrow_mut() = Some(Settle::new(&self.this));
        match self.setup.place {
            Some(_) => self.begin_branch(),
            None => self.ask_config(stream.cloned()),
        }
        true
    }

    fn begin(self: &Rc<Self>, stream: Option<&MediaStream>, config: &JsValue) {
        let made = self.make(stream, config);
        self.input(Core::start);
        if let Err(error) = made {
            // Later, when whoever is about to get this connection has had a chance to listen.
            let this = Rc::clone(self);
            settle(Err(error), move |result| this.browser_failed(result.err().unwrap_or_default()));
        }
        if self.is_incoming() {
            self.peer.input(|core| core.connection_ready(self.key.get()));
        }
    }

    fn make(self: &Rc<Self>, stream: Option<&MediaStream>, config: &JsValue) -> Result<(), JsValue> {
        if self.peer.ask(|core| core.id() == Some(&self.remote)) {
            return Err(JsError::new("A peer cannot connect to itself.").into());
        }
        let pc = RtcPeerConnection::new_with_configuration(config.unchecked_ref())?;
        self.on(&pc, "icecandidate", |this, event| this.found_candidate(&get(event, "candidate")));
        self.on(&pc, "iceconnectionstatechange", |this, _| {
            let Some(pc) = this.pc() else { return };
            let state = get(&pc, "iceConnectionState");
            this.tell_all(&|each| each.tell(ConnectionEvent::IceState(&state)));
            // Firefox before 113 has no other. Where there is one, that also knows whether the remote has agreed.
            if get(&pc, "connectionState").is_undefined() {
                this.path_changed(&state);
            }
        });
        self.on(&pc, "connectionstatechange", |this, _| {
            if let Some(pc) = this.pc() {
                this.path_changed(&get(&pc, "connectionState"));
            }
        });
        self.on(&pc, "datachannel", |this, event| {
            // A program may keep further channels for itself.
            if let Some(handler) = this.handlers.borrow().get(DATA_CHANNEL) {
                handler.unlisten();
            }
            this.tell(ConnectionEvent::Channel(get(event, "channel").unchecked_ref()));
        });
        self.on(&pc, "icecandidateerror", tell_rtc);
        let rtc: &Rtc = pc.unchecked_ref();
        if self.setup.kind == ConnectionType::Media {
            self.on(&pc, "track", |this, event| this.track_came(event));
            match stream {
                Some(stream) => media::send(rtc, stream)?,
                None if !self.is_incoming() => media::receive_only(rtc)?,
                None => {}
            }
        }
        if !self.is_incoming() {
            let channel = rtc.create_data_channel(&self.setup.label, &self.setup.channel)?;
            self.tell(ConnectionEvent::Channel(&channel));
        }
        *self.pc.borrow_mut() = Some(pc);
        Ok(())
    }

    /// Uses `channel`, which is open or will be. A call has one only to tell the remote of its end.
    pub(crate) fn attach(self: &Rc<Self>, channel: &RtcDataChannel) {
        self.on(channel, "open", |this, _| this.input(Core::channel_opened));
        self.on(channel, "close", |this, _| this.close(Reason::Remote));
        self.channel.attach(channel);
    }

    /// The connection is open: its data channel is, or the call was answered.
    pub(crate) fn opened(self: &Rc<Self>) {
        self.input(Core::opened);
    }

    /// What an answer's SDP is passed through, if it is a function.
    pub(crate) fn set_transform(&self, transform: JsValue) {
        self.transform.replace(transform);
    }

    /// Something was sent, which is not to be lost.
    pub(crate) fn watch(self: &Rc<Self>) {
        if !self.watching.get() {
            self.trunk().input(|core| core.watch(now()));
        }
    }

    /// Restarts ICE. False if the remote does not know how.
    pub(crate) fn restart(self: &Rc<Self>) -> bool {
        self.trunk().input(Core::restart)
    }

    /// Closes the connection.
    pub(crate) fn close(self: &Rc<Self>, reason: Reason) {
        self.input(|core| core.close(reason));
    }

    /// Closes once everything that was sent has arrived at the remote, which was asked to close it or not.
    pub(crate) fn drain(self: &Rc<Self>, asked: bool) {
        if asked {
            self.channel.outbound.asked();
        }
        let connection = self.this.clone();
        self.channel.outbound.finish(move || {
            if let Some(connection) = connection.upgrade() {
                connection.close(Reason::Done);
            }
        });
    }

    /// The label of its data channel.
    #[cfg(feature = "rust-api")]
    pub(crate) fn label(&self) -> &str {
        &self.setup.label
    }

    /// What the end that has connected wants the other to know.
    #[cfg(feature = "rust-api")]
    pub(crate) fn metadata(&self) -> &JsValue {
        &self.setup.metadata
    }

    pub(super) fn is_live(&self) -> bool {
        self.core.borrow().stage() != Stage::Closed
    }

    /// Whether the remote has offered it.
    pub(super) fn is_incoming(&self) -> bool {
        self.core.borrow().is_incoming()
    }

    /// Whether the remote has the control channel, over which pings and renegotiations go.
    pub(crate) fn has_control(&self) -> bool {
        self.carrier().core.borrow().features().control()
    }

    /// The RTCPeerConnection, unless the connection is not started or closed.
    pub(crate) fn pc(&self) -> Option<RtcPeerConnection> {
        self.carrier().pc.borrow().clone()
    }

    pub(super) fn tell(&self, event: ConnectionEvent<'_>) {
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener.on(event);
        }
    }

    pub(super) fn report(&self, failure: SendFailure) {
        let (kind, error) = failure.describe();
        self.fail(kind, &error);
    }

    pub(super) fn fail(&self, kind: ConnectionError, error: &JsValue) {
        self.tell(ConnectionEvent::Error(kind, error));
    }

    /// Lets the core decide about something, and does what it says.
    fn input<T>(self: &Rc<Self>, input: impl FnOnce(&mut Core) -> T) -> T {
        let result = input(&mut self.core.borrow_mut());
        self.carry_out();
        result
    }

    #[inline(never)]
    fn carry_out(self: &Rc<Self>) {
        while let Some(output) = self.poll() {
            self.perform(output);
        }
        let this = Rc::clone(self);
        self.watching.set(self.core.borrow().is_watching());
        let deadline = self.core.borrow().deadline();
        self.alarm.set(deadline, move || {
            this.alarm.fired();
            let drained = this.drained();
            this.input(|core| core.tick(now(), drained));
        });
    }

    #[inline(never)]
    fn poll(&self) -> Option<Output> {
        self.core.borrow_mut().poll(now())
    }

    #[inline(never)]
    fn perform(self: &Rc<Self>, output: Output) {
        match output {
            Output::OpenControl => self.open_control(),
            Output::SetLocal(side) => self.set_local(side),
            Output::SetRemote(side, sdp) => self.set_remote(side, &sdp),
            Output::Rollback => self.roll_back(),
            Output::RestartIce => self.restart_ice(),
            Output::AddCandidate(json) => self.add_candidate(&json),
            Output::ConfigLate => self.no_config(),
            Output::Offer(sdp) => self.send_offer(&sdp),
            Output::Signal(kind, payload) => self.signal(kind, payload),
            Output::SendControl(frame) => self.control.send(&frame),
            Output::Relay(payload) => {
                if self.peer.ask(|core| core.is_open()) {
                    self.signal(MessageType::Candidate, payload);
                }
            }
            Output::AwaitPath => self.peer.input(|core| core.connection_awaited(self.key.get(), now())),
            Output::FoundPath => self.peer.note(|core| core.connection_opened(self.key.get())),
            Output::Open => self.tell_open(),
            Output::Reconnecting(cause) => {
                self.tell_all(&|each| {
                    each.channel.outbound.pause(true);
                    each.tell(ConnectionEvent::Reconnecting(cause));
                });
            }
            Output::Reconnected(after) => {
                self.tell_all(&|each| {
                    each.channel.outbound.pause(false);
                    each.tell(ConnectionEvent::Reconnected(after));
                });
            }
            Output::WillCloseOnRemote => self.tell(ConnectionEvent::WillCloseOnRemote),
            Output::Error(kind) => {
                let error = match kind {
                    ConnectionError::Config => self.browser_error.take(),
                    _ => describe(kind, &self.remote).into(),
                };
                self.fail(kind, &error);
            }
            Output::BrowserError => {
                let error = self.browser_error.take();
                self.peer.webrtc_error(&error);
                self.fail(ConnectionError::NegotiationFailed, &error);
            }
            Output::ReportUnsent { broken } => {
                if let Some(text) = self.channel.unsent(broken) {
                    self.fail(ConnectionError::SendFailed, &text.into());
                }
            }
            Output::Ending => self.tell(ConnectionEvent::Ending),
            Output::Shut { graceful } => self.shut(graceful),
            Output::Closed { expected } => self.tell_closed(!expected),
            Output::Pong(id, after) => self.control.replied(id, after),
            Output::Limit(bytes) => self.channel.outbound.set_limit(bytes),
            Output::Branch(message) => self.heard_of(&message),
            Output::EndBranches { failed } => self.end_branches(failed),
            Output::Leave => self.leave(),
            Output::Say(said) => self.say(said),
            Output::Warn(what) => self.peer.log(LogLevel::Warnings, what, &(&self.remote).into()),
        }
    }

    fn send_offer(self: &Rc<Self>, sdp: &str) {
        let setup = &self.setup;
        let metadata = match JSON::stringify(&setup.metadata) {
            Ok(json) => json.as_string(),
            Err(error) => return self.browser_failed(error),
        };
        let details = Details {
            metadata,
            label: setup.label.clone(),
            reliable: setup.reliable,
            serialization: self.serialization(),
        };
        let payload = self.core.borrow().identity().offer(sdp, &details);
        self.signal(MessageType::Offer, payload);
    }

    /// Its name on the wire.
    fn serialization(&self) -> String {
        let listener = self.listener.borrow().clone();
        let name = listener.map(|listener| listener.serialization()).unwrap_or_default();
        wire_serialization(&name).into()
    }

    fn signal(&self, kind: MessageType, payload: String) {
        let message =
            Message { kind, peer: self.remote.clone(), payload: Some(JsPayload::outgoing(payload)) };
        self.peer.input(|core| core.send(message));
    }

    fn tell_open(&self) {
        if self.setup.kind == ConnectionType::Data
            && let Some(pc) = self.pc()
        {
            if self.is_incoming() {
                // Chromium tells of a channel that the remote has made before its own network thread has opened it, and loses
                // what is sent meanwhile: one time in a thousand on a busy machine. This waits for that thread.
                get(&pc, "canTrickleIceCandidates");
            }
            self.channel.opened(&pc, self.core.borrow().features());
        }
        self.tell(ConnectionEvent::Open);
    }

    fn shut(self: &Rc<Self>, graceful: bool) {
        let handlers = self.handlers.take();
        handlers.iter().for_each(EventListener::stop);
        // Dropped with the connection: a program that has wrapped one may be about to call it.
        self.handlers.replace(handlers);
        self.settle.take();
        let (this, pc) = (Rc::clone(self), self.pc.take());
        let over = move || {
            this.end_as_branch();
            this.channel.close();
            this.control.close();
            if let Some(pc) = pc {
                pc.close();
            }
        };
        if graceful {
            self.channel.outbound.part(over);
        } else {
            over();
        }
    }

    fn tell_closed(&self, news: bool) {
        self.peer.release(self.key.get());
        self.tell(ConnectionEvent::Closed { news });
        self.listener.take();
    }

    fn path_changed(self: &Rc<Self>, state: &JsValue) {
        let state = state.as_string().unwrap_or_default();
        self.input(|core| core.path_changed(&state, now()));
    }

    fn on(self: &Rc<Self>, target: &EventTarget, name: &'static str, then: fn(&Rc<Self>, &JsValue)) {
        let this = self.this.clone();
        let handler = EventListener::with_property(target, name, move |event| {
            if let Some(this) = this.upgrade().filter(|this| this.is_live()) {
                this.peer.log(LogLevel::All, &[&this.id, " ", name].concat(), event);
                then(&this, event);
            }
        });
        self.handlers.borrow_mut().push(handler);
    }
}

fn tell_rtc(connection: &Rc<Connection>, event: &JsValue) {
    connection.tell(ConnectionEvent::Rtc(event));
}

fn report_to(connection: Weak<Connection>) -> impl Fn(SendFailure) {
    move |failure| {
        if let Some(connection) = connection.upgrade() {
            connection.report(failure);
        }
    }
}
