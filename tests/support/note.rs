use std::rc::Rc;

use peerjs_wasm::proto::message::{ConnectionType, Payload};
use peerjs_wasm::proto::options::{Options, Page, Wishes};

/// A Peer's options, on a server of its own.
pub fn options(token: &str) -> Options {
    let page = Page { host: "page.example".into(), secure: true };
    let wishes = Wishes { host: Some("server.example".into()), ..Wishes::default() };
    Options::decide(wishes, &page, token.into())
}

/// A payload: what is a JS object in a browser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Note {
    pub connection: Option<String>,
    pub kind: Option<ConnectionType>,
    pub text: Option<String>,
    pub closes: bool,
    pub failed: bool,
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

    fn probe(connection_id: &str) -> Self {
        Self { connection: Some(connection_id.into()), ..Self::default() }
    }
}
