//! The adapter for the PeerServer: ids, the WebSocket, heartbeats, the probe.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use peerjs_wasm::proto::error::PeerError;
use peerjs_wasm::proto::message::{Message, MessageType};
use peerjs_wasm::proto::peer_server::options::Options;
use peerjs_wasm::proto::peer_server::{PeerServer, Report, TIMEOUT};
use peerjs_wasm::proto::time::NEVER;
use peerjs_wasm::proto::transport::Event;
use support::note::{Action, Note, Recorder, nonce, options};

/// An adapter and a recorder in place of the browser.
struct Line {
    server: PeerServer,
    io: Recorder,
}

impl Line {
    fn new(options: Options) -> Self {
        Self { server: PeerServer::new(options, nonce), io: Recorder::default() }
    }

    /// An adapter that registers "me", with an open socket.
    fn dialled() -> Self {
        let mut line = Self::new(options("secret"));
        assert_eq!(line.connect(1, Some("me")), None);
        let actions = line.io.actions.take();
        assert!(
            matches!(&actions[..], [Action::Open(url)] if url.contains("&id=me&token=secret&")),
            "{actions:?}"
        );
        assert_eq!(line.report(1, Report::Opened, 0.0), None);
        line
    }

    fn connect(&mut self, attempt: u32, id: Option<&str>) -> Option<Event<Note>> {
        self.server.connect(attempt, id.map(String::from), 0.0, &self.io)
    }

    fn report(&mut self, attempt: u32, report: Report<Note>, now: f64) -> Option<Event<Note>> {
        self.server.report(attempt, report, now, &self.io)
    }

    fn tick(&mut self, now: f64) -> Option<Event<Note>> {
        self.server.tick(now, &self.io)
    }

    /// Returns the connection id of the last probe.
    fn probe(&self) -> String {
        let Some(Action::Send(probe)) = self.io.actions.borrow_mut().pop() else { panic!("no probe") };
        assert_eq!((probe.kind, &probe.peer[..]), (MessageType::Candidate, "me"));
        probe.payload.unwrap().connection.unwrap()
    }
}

fn candidate(peer: &str, id: &str) -> Report<Note> {
    let payload = Some(Note::data(id));
    Report::Received(Message { kind: MessageType::Candidate, peer: peer.into(), payload })
}

fn open() -> Report<Note> {
    Report::Received(support::open())
}

#[test]
fn hints_at_the_path_only_where_it_may_be_wrong() {
    let text = |path: &str, host: &str| {
        let mut options = options("t");
        options.path = path.into();
        options.host = host.into();
        let mut line = Line::new(options);
        assert_eq!(line.connect(1, None), None);
        assert_eq!(line.io.actions.take(), [Action::FetchId]);
        let event = line.report(1, Report::Id(None), 0.0);
        let Some(Event::Lost(PeerError::ServerError, text)) = event else { panic!("{event:?}") };
        text
    };
    assert!(text("/", "server.example").contains("`path`"));
    assert_eq!(text("/mine/", "server.example"), "Could not get an ID from the server.");
    assert_eq!(text("/", "0.peerjs.com"), "Could not get an ID from the server.");
}

#[test]
fn an_id_of_the_server_is_told_and_registered() {
    let mut line = Line::new(options("t"));
    line.connect(1, None);
    assert_eq!(line.report(1, Report::Id(Some("given".into())), 0.0), Some(Event::Assigned("given".into())));
    let actions = line.io.actions.take();
    assert!(matches!(&actions[1..], [Action::Open(url)] if url.contains("&id=given&")), "{actions:?}");
    assert_eq!(line.report(1, Report::Id(Some("other".into())), 0.0), None, "and no second one");
    assert_eq!(line.io.actions.take(), []);
}

#[test]
fn a_refused_socket_is_an_error_of_its_own() {
    for id in [Some("me"), None] {
        let mut line = Line::new(options("t"));
        line.io.refusal = Some("blocked by policy");
        let first = line.connect(1, id);
        let event = first.or_else(|| line.report(1, Report::Id(Some("given".into())), 0.0));
        let expected = Event::Refused(PeerError::SocketError, "blocked by policy".into());
        assert_eq!(event, Some(expected));
        assert_eq!(line.server.deadline(), NEVER);
    }
}

#[test]
fn a_failure_is_reported_once() {
    let mut lost = Line::dialled();
    assert!(lost.report(1, Report::Closed, 0.0).is_some());
    let mut silent = Line::dialled();
    assert!(silent.tick(TIMEOUT).is_some());
    for mut line in [lost, silent] {
        assert_eq!(line.report(1, Report::Closed, 0.0), None);
        assert_eq!(line.server.deadline(), NEVER);
    }
}

#[test]
fn reports_of_an_attempt_that_is_over_do_not_count() {
    let mut line = Line::dialled();
    line.server.disconnect();
    for report in [Report::Id(Some("x".into())), Report::Opened, Report::Closed, open()] {
        assert_eq!(line.report(1, report, 0.0), None);
    }
    assert_eq!(line.server.deadline(), NEVER);
    line.connect(2, None);
    line.io.actions.take();
    assert_eq!(line.report(1, Report::Id(Some("x".into())), 0.0), None);
    assert_eq!(line.io.actions.take(), []);
}

// The probe.

#[test]
fn only_what_comes_from_ourselves_and_has_the_nonce_proves_that_we_are_registered() {
    let mut line = Line::dialled();
    line.tick(5_000.0);
    let nonce = line.probe();
    let from_me = line.report(1, candidate("me", "dc_1"), 0.0);
    assert!(matches!(from_me, Some(Event::Received(_))), "{from_me:?}");
    let from_mallory = line.report(1, candidate("mallory", &nonce), 0.0);
    assert!(matches!(from_mallory, Some(Event::Received(_))), "{from_mallory:?}");
    assert_eq!(line.report(1, candidate("me", &nonce), 0.0), Some(Event::Registered));
    assert_eq!(line.report(1, candidate("me", &nonce), 0.0), None, "once");
}

/// If another client has taken over the id, PeerServer sends the probe to that client.
#[test]
fn the_probe_tells_nobody_the_token() {
    let mut line = Line::dialled();
    let mut seen = Vec::new();
    for attempt in 1..4 {
        line.report(attempt, open(), 0.0);
        seen.push(line.probe());
        line.server.disconnect();
        line.connect(attempt + 1, Some("me"));
        line.report(attempt + 1, Report::Opened, 0.0);
        seen.push(line.probe());
    }
    assert!(seen.iter().all(|id| !id.contains("secret")), "{seen:?}");
    seen.dedup();
    assert_eq!(seen.len(), 4, "a new one with each attempt: {seen:?}");
}

#[test]
fn a_server_that_delivers_is_there_though_its_answer_has_to_wait() {
    let mut line = Line::dialled();
    line.report(1, open(), 0.0);
    let nonce = line.probe();
    line.report(1, candidate("me", &nonce), 0.0);
    for second in 1..100 {
        let now = f64::from(second) * 1000.0;
        line.report(1, candidate("b", "dc"), now);
        assert_eq!(line.tick(now), None, "after {second} s");
    }
    let silent = (100..130).find(|second| line.tick(f64::from(*second) * 1000.0).is_some());
    assert!(silent.is_some_and(|second| second <= 125), "{silent:?}");
}

#[test]
fn the_application_is_warned_once_of_a_line_that_others_can_read() {
    let mut options = options("t");
    options.exposed = true;
    let mut line = Line::new(options);
    let first = line.connect(1, Some("a"));
    assert!(matches!(&first, Some(Event::Warning(_, host)) if host == "server.example"), "{first:?}");
    assert_eq!(line.connect(2, Some("a")), None);
}
