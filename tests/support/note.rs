use std::cell::RefCell;
use std::rc::Rc;

use peerjs_wasm::proto::message::{ConnectionType, Message, Payload};
use peerjs_wasm::proto::peer_server::Io;
use peerjs_wasm::proto::peer_server::options::{Options, PageOrigin, RequestedOptions};

/// Options with a self-hosted server.
pub fn options(token: &str) -> Options {
    let page = PageOrigin { host: "page.example".into(), secure: true };
    let host = Some("server.example".into());
    let requested = RequestedOptions { host, token: Some(token.into()), ..RequestedOptions::default() };
    Options::decide(requested, &page)
}

/// Returns a unique text.
pub fn nonce() -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static MADE: AtomicUsize = AtomicUsize::new(0);
    format!("nonce{}", MADE.fetch_add(1, Ordering::Relaxed))
}

/// An action that the adapter has requested of the browser.
#[derive(Debug, PartialEq)]
pub enum Action {
    FetchId,
    Open(String),
    Send(Message<Note>),
}

/// An `Io` that only records the actions. With an error, it refuses to open sockets.
#[derive(Default)]
pub struct Recorder {
    pub actions: RefCell<Vec<Action>>,
    pub refusal: Option<&'static str>,
}

impl Io<Note> for Recorder {
    fn fetch_id(&self, _: &Options) {
        self.actions.borrow_mut().push(Action::FetchId);
    }

    fn open(&self, url: &str) -> Result<(), String> {
        self.actions.borrow_mut().push(Action::Open(url.into()));
        self.refusal.map_or(Ok(()), |why| Err(why.into()))
    }

    fn send(&self, message: &Message<Note>) {
        self.actions.borrow_mut().push(Action::Send(message.clone()));
    }
}

/// A payload for tests: in a browser it is a JS object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Note {
    pub connection: Option<String>,
    pub kind: Option<ConnectionType>,
    pub text: Option<String>,
    pub closes: bool,
    pub failed: bool,
    pub controls: bool,
    /// Counts how many payloads of a test are still kept somewhere.
    pub alive: Rc<()>,
}

impl Note {
    pub fn data(connection: &str) -> Self {
        Self { connection: Some(connection.into()), kind: Some(ConnectionType::Data), ..Self::default() }
    }

    pub fn media(connection: &str) -> Self {
        Self { kind: Some(ConnectionType::Media), ..Self::data(connection) }
    }

    pub fn text(text: &str) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }
}

impl Payload for Note {
    fn connection_id(&self) -> Option<String> {
        self.connection.clone()
    }

    fn connection_type(&self) -> Option<ConnectionType> {
        self.kind
    }

    fn closes(&self) -> Option<bool> {
        self.closes.then_some(self.failed)
    }

    fn sdp(&self) -> Option<String> {
        self.text.clone()
    }

    fn error_message(&self) -> Option<String> {
        self.text.clone()
    }

    fn controls(&self) -> bool {
        self.controls
    }

    fn end(connection_id: &str) -> Self {
        Self { closes: true, ..Self::probe(connection_id) }
    }

    fn probe(connection_id: &str) -> Self {
        Self { connection: Some(connection_id.into()), ..Self::default() }
    }
}
