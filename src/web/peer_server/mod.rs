//! Carries out what the [adapter for the PeerServer](crate::proto::peer_server) decides.

mod http;
mod socket;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::js::{get, get_text, now, random_token};
use super::options;
use super::payload::JsPayload;
use super::transport::{Client, Transport};
use crate::proto::border::LogLevel;
use crate::proto::message::Message;
use crate::proto::peer_server::options::Options;
use crate::proto::peer_server::{Io, PeerServer as Core, Report};
use crate::proto::time::Millis;
use crate::proto::transport::Event;
pub(crate) use http::Failure;
use socket::{Socket, message};

/// One client's side of a PeerServer, and what it owns in the browser.
pub(super) struct PeerServer {
    core: RefCell<Core>,
    /// The options of the application, for what the core does not know: `referrerPolicy`.
    options: Object,
    socket: RefCell<Option<Socket>>,
}

impl PeerServer {
    /// The server that `decided` says, for a client with these `options`.
    pub(super) fn new(decided: Options, options: &Object) -> Self {
        Self {
            core: RefCell::new(Core::new(decided, random_token)),
            options: options.clone(),
            socket: RefCell::default(),
        }
    }

    /// The ids of all peers.
    pub(super) fn peers(&self, done: impl FnOnce(Result<Array, Failure>) + 'static) {
        http::list_peers(&self.decided(), &self.options, Box::new(done));
    }

    fn report<C: Client<Self>>(&self, client: &Rc<C>, attempt: u32, report: Report<JsPayload>) {
        self.input(client, attempt, |core, io| core.report(attempt, report, now(), io));
    }

    fn input<C: Client<Self>>(
        &self,
        client: &Rc<C>,
        attempt: u32,
        input: impl FnOnce(&mut Core, &Line<'_, C>) -> Option<Event<JsPayload>>,
    ) {
        let event = input(&mut self.core.borrow_mut(), &Line { server: self, client, attempt });
        if let Some(event) = event {
            client.report(attempt, event);
        }
        client.arm();
    }

    /// What makes something like a WebSocket to a PeerServer, if the application has its own signalling.
    pub(super) fn factory(&self) -> Option<Function> {
        get(&self.options, "signaling").dyn_into().ok()
    }

    /// Takes a message of the server, or one that a program has made.
    pub(super) fn receive<C: Client<Self>>(&self, client: &Rc<C>, object: &JsValue) {
        match message(object) {
            Some(message) => {
                let attempt = self.core.borrow().attempt();
                self.report(client, attempt, Report::Received(message));
            }
            None => client.log(LogLevel::Warnings, "Invalid server message", object),
        }
    }

    /// The options of now: an application may change them at any time.
    fn decided(&self) -> Options {
        options::decide(&self.options, &JsValue::UNDEFINED)
    }
}

/// What is done in one attempt.
struct Line<'a, C> {
    server: &'a PeerServer,
    client: &'a Rc<C>,
    attempt: u32,
}

impl<C: Client<PeerServer>> Io<JsPayload> for Line<'_, C> {
    fn fetch_id(&self, options: &Options) {
        let (client, attempt) = (Rc::clone(self.client), self.attempt);
        let done = move |id: Result<String, Failure>| {
            let id = id.map_err(|failure| failure.log(&*client, "Error retrieving ID"));
            client.transport().report(&client, attempt, Report::Id(id.ok()));
        };
        http::fetch_id(options, &self.server.options, Box::new(done));
    }

    fn open(&self, url: &str) -> Result<(), String> {
        let socket = Socket::open(url, self.client, self.attempt);
        let socket = socket.map_err(|error| get_text(&error, "message").unwrap_or_default())?;
        *self.server.socket.borrow_mut() = Some(socket);
        Ok(())
    }

    fn send(&self, message: &Message<JsPayload>) {
        self.server.transmit(message);
    }
}

impl Transport for PeerServer {
    fn connect<C: Client<Self>>(&self, client: &Rc<C>, attempt: u32, id: Option<String>) {
        let options = self.decided();
        self.input(client, attempt, |core, io| {
            core.set_options(options);
            core.connect(attempt, id, now(), io)
        });
    }

    fn transmit(&self, message: &Message<JsPayload>) {
        if let Some(socket) = &*self.socket.borrow() {
            socket.send(message);
        }
    }

    fn disconnect(&self) {
        self.core.borrow_mut().disconnect();
        let socket = self.socket.take();
        drop(socket);
    }

    fn deadline(&self) -> Millis {
        self.core.borrow().deadline()
    }

    fn tick<C: Client<Self>>(&self, client: &Rc<C>) {
        let attempt = self.core.borrow().attempt();
        self.input(client, attempt, |core, io| core.tick(now(), io));
    }
}
