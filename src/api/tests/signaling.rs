//! Peers whose signalling is the application's own: a map of this page, and a BroadcastChannel.

use std::cell::RefCell;

use super::*;

/// Peers of this page.
#[derive(Clone, Default)]
struct Page(Rc<RefCell<BTreeMap<String, Line>>>);

struct Registered(Page, String);

impl Signaling for Page {
    fn open(&self, id: &str, _token: &str, line: Line) -> Box<dyn Session> {
        match id {
            "refused" => line.refused("No."),
            "lost" => line.lost(),
            _ if self.0.borrow().contains_key(id) => line.taken(),
            _ => {
                self.0.borrow_mut().insert(id.into(), line.clone());
                line.registered();
                return Box::new(Registered(self.clone(), id.into()));
            }
        }
        Box::new(Nobody)
    }
}

impl Session for Registered {
    fn send(&self, message: SignalMessage) {
        let receiver = self.0.0.borrow().get(&message.dst).cloned();
        if let Some(line) = receiver {
            line.received(message);
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.0.0.borrow_mut().remove(&self.1);
    }
}

struct Nobody;

impl Session for Nobody {
    fn send(&self, _: SignalMessage) {}
}

async fn peer(id: &str, signaling: impl Signaling) -> Peer {
    Peer::builder().id(id).ice_servers([]).signaling(signaling).open().await.unwrap()
}

async fn talk(alice: &Peer, bob: &Peer) -> String {
    let out = alice.connect(&bob.id(), ConnectOptions::new()).unwrap();
    let incoming = bob.incoming().next().await.unwrap();
    out.send("hello").await.unwrap();
    incoming.messages().next().await.unwrap().unwrap()
}

#[wasm_bindgen_test]
async fn two_peers_connect_over_the_applications_own_signalling() {
    let page = Page::default();
    let (alice, bob) = (peer("alice", page.clone()).await, peer("bob", page.clone()).await);
    assert_eq!(talk(&alice, &bob).await, "hello");
    assert!(matches!(alice.list_all_peers().await, Err(Error::ServerError(_))));
    drop((alice, bob));
    assert!(page.0.borrow().is_empty(), "they have left");
}

#[wasm_bindgen_test]
async fn a_peer_that_is_not_there_is_unavailable() {
    let alice = peer("alice", Page::default()).await;
    let out = alice.connect("nobody", ConnectOptions::new()).unwrap();
    assert!(matches!(out.open().await, Err(Error::PeerUnavailable(_))));
}

#[wasm_bindgen_test]
async fn what_signalling_says_of_an_attempt_is_a_typed_error() {
    let page = Page::default();
    let _alice = peer("alice", page.clone()).await;
    let open = |id| Peer::builder().id(id).signaling(page.clone()).open();
    assert!(matches!(open("alice").await, Err(Error::UnavailableId(_))));
    assert!(matches!(open("refused").await, Err(Error::ServerError(_))));
    assert!(matches!(open("lost").await, Err(Error::Network(_))));
}

#[wasm_bindgen_test]
async fn a_line_takes_no_message_that_a_peer_may_not_send() {
    let page = Page::default();
    let alice = peer("alice", page.clone()).await;
    let line = page.0.borrow().get("alice").cloned().unwrap();
    let say = |kind: &str, src: &str, dst: &str, payload: &str| {
        let text = format!(r#"{{"type":"{kind}","src":"{src}","dst":"{dst}","payload":{payload}}}"#);
        line.received(SignalMessage::from_json(&text).unwrap());
    };
    for kind in ["OPEN", "ID-TAKEN", "ERROR", "EXPIRE", "HERE", "INVALID-KEY", "junk"] {
        say(kind, "mallory", "alice", r#"{"msg":"x"}"#);
    }
    say("OFFER", "alice", "alice", "{}");
    say("OFFER", "mallory", "bob", "{}");
    say("OFFER", "mallory", "alice", &format!("\"{}\"", "x".repeat(300_000)));
    for junk in ["", "null", "[]", "{}", r#"{"type":"OFFER","src":1,"dst":"alice"}"#] {
        assert_eq!(SignalMessage::from_json(junk), None, "{junk}");
    }
    let bob = peer("bob", page.clone()).await;
    assert_eq!(talk(&bob, &alice).await, "hello");
    assert!(alice.is_open());
}

/// A page on which somebody listens.
#[derive(Clone, Default)]
struct Tapped(Page, Rc<RefCell<Vec<SignalMessage>>>);

struct Tap(Box<dyn Session>, Rc<RefCell<Vec<SignalMessage>>>);

impl Signaling for Tapped {
    fn open(&self, id: &str, token: &str, line: Line) -> Box<dyn Session> {
        Box::new(Tap(self.0.open(id, token, line), self.1.clone()))
    }
}

impl Session for Tap {
    fn send(&self, message: SignalMessage) {
        self.1.borrow_mut().push(message.clone());
        self.0.send(message);
    }
}

#[wasm_bindgen_test]
async fn what_is_replayed_over_a_line_changes_nothing() {
    let page = Tapped::default();
    let (alice, bob) = (peer("alice", page.clone()).await, peer("bob", page.clone()).await);
    let out = bob.connect("alice", ConnectOptions::new()).unwrap();
    let inn = alice.incoming().next().await.unwrap();
    assert_eq!((out.open().await, inn.open().await), (Ok(()), Ok(())));
    let recorded = page.1.take();
    assert!(recorded.iter().any(|message| message.kind == "OFFER"));
    for _ in 0..50 {
        for message in &recorded {
            let line = page.0.0.borrow().get(&message.dst).cloned().unwrap();
            line.received(message.clone());
        }
    }
    assert_eq!(alice.connections(), std::slice::from_ref(&inn));
    assert_eq!(out.send(&1).await, Ok(()));
    assert_eq!(inn.messages::<u8>().next().await, Some(Ok(1)));
    assert!(alice.incoming().try_next().is_none() && bob.incoming().try_next().is_none());
}

#[wasm_bindgen_test]
async fn a_flood_over_a_line_is_bounded() {
    let page = Page::default();
    let alice = peer("alice", page.clone()).await;
    let line = page.0.borrow().get("alice").cloned().unwrap();
    let say = |kind: &str, n: usize| {
        let sdp = r#"{"type":"offer","sdp":"v=0"}"#;
        let fields = format!(r#""type":"data","serialization":"binary","connectionId":"dc_{n}","sdp":{sdp}"#);
        let text = format!(r#"{{"type":"{kind}","src":"m{n}","dst":"alice","payload":{{{fields}}}}}"#);
        line.received(SignalMessage::from_json(&text).unwrap());
    };
    for n in 0..5_000 {
        say("CANDIDATE", n);
        say("ANSWER", n);
    }
    let mut most = 0;
    for n in 0..100 {
        say("OFFER", n);
        most = most.max(alice.connections().len());
    }
    assert!((1..=64).contains(&most), "{most}");
    while alice.incoming().try_next().is_some() {}
    let bob = peer("bob", page).await;
    assert_eq!(talk(&bob, &alice).await, "hello");
}

/// A page that says who is there: all at first, then who comes and goes.
#[derive(Clone, Default)]
struct Watching(Page);

struct Present(Watching, String, Box<dyn Session>);

impl Watching {
    fn say(&self, id: &str, is_online: bool) {
        let lines: Vec<_> = self.0.0.borrow().values().cloned().collect();
        for line in lines {
            line.presence(id, is_online);
        }
    }
}

impl Signaling for Watching {
    fn open(&self, id: &str, token: &str, line: Line) -> Box<dyn Session> {
        let session = self.0.open(id, token, line.clone());
        for other in self.0.0.borrow().keys() {
            line.presence(other, true);
        }
        self.say(id, true);
        Box::new(Present(self.clone(), id.into(), session))
    }

    fn peers(&self) -> Listing {
        let page = self.0.0.clone();
        Box::pin(async move {
            let ids: Vec<_> = page.borrow().keys().cloned().collect();
            if ids.is_empty() { Err(Error::Timeout) } else { Ok(ids) }
        })
    }
}

impl Session for Present {
    fn send(&self, message: SignalMessage) {
        self.2.send(message);
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.say(&self.1, false);
    }
}

#[wasm_bindgen_test]
async fn the_applications_own_signalling_tells_who_is_there() {
    let page = Watching::default();
    let alice = peer("alice", page.clone()).await;
    let mut presence = alice.presence();
    assert_eq!(presence.try_next(), None, "of itself it is not told");
    let bob = peer("bob", page.clone()).await;
    assert_eq!(presence.next().await, Some(Presence::Online("bob".into())));
    assert_eq!(presence.try_next(), None, "each is said once");
    assert_eq!(bob.presence().next().await, Some(Presence::Online("alice".into())));
    assert_eq!(alice.list_all_peers().await, Ok(vec!["alice".into(), "bob".into()]));
    page.say("bob", false);
    page.say("bob", true);
    page.say("carol", false);
    drop(bob);
    assert_eq!(presence.next().await, Some(Presence::Offline("bob".into())));
    assert_eq!(presence.try_next(), None);
    alice.destroy();
    assert_eq!(presence.next().await, None);
    page.say("dave", true);
    assert_eq!(presence.next().await, None);
    assert_eq!(alice.list_all_peers().await, Err(Error::Timeout), "its own error");
}

#[wasm_bindgen_test]
async fn all_are_offline_while_the_signalling_is_lost() {
    let page = Watching::default();
    let (alice, _bob) = (peer("alice", page.clone()).await, peer("bob", page.clone()).await);
    let mut presence = alice.presence();
    assert_eq!(presence.next().await, Some(Presence::Online("bob".into())));
    let line = page.0.0.borrow().get("alice").cloned().unwrap();
    line.lost();
    assert_eq!(presence.next().await, Some(Presence::Offline("bob".into())));
    line.presence("carol", true);
    assert_eq!(alice.reconnect().await, Ok(()));
    assert_eq!(presence.next().await, Some(Presence::Online("bob".into())));
    assert_eq!(presence.try_next(), None, "an attempt that is over has nothing to say");
}

#[wasm_bindgen(inline_js = r#"
export const listen = (channel, hear) => channel.addEventListener("message", ({ data }) => hear(data));
"#)]
extern "C" {
    fn listen(channel: &BroadcastChannel, hear: &JsValue);
}

#[wasm_bindgen]
extern "C" {
    type BroadcastChannel;
    #[wasm_bindgen(constructor)]
    fn new(name: &str) -> BroadcastChannel;
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post(this: &BroadcastChannel, text: &str);
    #[wasm_bindgen(method)]
    fn close(this: &BroadcastChannel);
}

/// Peers of all tabs of the origin; who has an id is not checked.
struct Tabs(&'static str);

struct Tab(
    BroadcastChannel,
    #[allow(dead_code, reason = "kept while the channel calls it")] Closure<dyn Fn(String)>,
);

impl Signaling for Tabs {
    fn open(&self, _id: &str, _token: &str, line: Line) -> Box<dyn Session> {
        let channel = BroadcastChannel::new(self.0);
        line.registered();
        let hear = Closure::<dyn Fn(String)>::new(move |text: String| {
            if let Some(message) = SignalMessage::from_json(&text) {
                line.received(message);
            }
        });
        listen(&channel, hear.as_ref());
        Box::new(Tab(channel, hear))
    }
}

impl Session for Tab {
    fn send(&self, message: SignalMessage) {
        self.0.post(&message.to_json());
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[wasm_bindgen_test]
async fn two_peers_connect_over_a_broadcast_channel() {
    let (alice, bob) = (peer("alice", Tabs("rust")).await, peer("bob", Tabs("rust")).await);
    assert_eq!(talk(&alice, &bob).await, "hello");
    assert_eq!(talk(&bob, &alice).await, "hello");
}
