//! Peers of one page at a PeerServer that is part of it.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Promise};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::externref_heap_live_count;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MediaStream;

use super::inbox::{Inbox, Limits};
use super::*;
use crate::web::js::get_text;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = r#"
const sockets = new Map();
const Real = globalThis.WebSocket;
const realFetch = globalThis.fetch;
const HOST = "in.page:443";

export function serve() {
  globalThis.fetch = async (url, init) => {
    if (!url.includes(HOST)) return realFetch(url, init);
    return url.includes("/id?") ? new Response(crypto.randomUUID()) : Response.json([...sockets.keys()]);
  };
  globalThis.WebSocket = class extends EventTarget {
    constructor(url) {
      super();
      const { host, searchParams } = new URL(url);
      if (host !== HOST) return new Real(url);
      this.id = searchParams.get("id");
      setTimeout(() => {
        if (this.closed) return;
        const type = sockets.has(this.id) ? "ID-TAKEN" : "OPEN";
        if (type === "OPEN") sockets.set(this.id, this);
        this.dispatchEvent(new Event("open"));
        this.tell({ type, payload: { msg: "Taken" } });
      });
    }
    send(text) {
      const { type, dst, payload } = JSON.parse(text);
      if (!dst) return;
      setTimeout(() => {
        const to = sockets.get(dst);
        if (to) to.tell({ type, src: this.id, dst, payload });
        else if (type === "OFFER") this.tell({ type: "EXPIRE", src: dst, dst: this.id });
      });
    }
    tell(message) {
      this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
    }
    close() {
      this.closed = true;
      if (sockets.get(this.id) === this) sockets.delete(this.id);
    }
  };
}

export function lose(id) {
  const socket = sockets.get(id);
  sockets.delete(id);
  socket.dispatchEvent(new Event("close"));
}
export const atServer = (id) => sockets.has(id);
export const tick = () => new Promise((resolve) => setTimeout(resolve));
export function picture() {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d");
  return canvas.captureStream();
}
"#)]
extern "C" {
    fn serve();
    fn lose(id: &str);
    #[wasm_bindgen(js_name = atServer)]
    fn at_server(id: &str) -> bool;
    fn tick() -> Promise;
    fn picture() -> MediaStream;
}

/// A panic drops nothing: what is left of a test that has failed must not fail the next one.
fn unique(name: &str) -> String {
    thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
    let count = COUNT.get() + 1;
    COUNT.set(count);
    format!("{name} {count}")
}

fn builder(id: &str) -> PeerBuilder {
    serve();
    Peer::builder().id(id).host("in.page").secure(false).ice_servers([])
}

async fn peer(name: &str) -> Peer {
    builder(&unique(name)).open().await.expect("the page's server takes everybody")
}

/// Two peers, and a connection between them: near end, far end.
struct Pair {
    near: Peer,
    far: Peer,
    out: Connection,
    inn: Connection,
}

async fn pair(options: ConnectOptions) -> Pair {
    let (near, far) = (peer("near").await, peer("far").await);
    let out = near.connect(&far.id(), options).expect("near is open");
    let inn = far.incoming().next().await.expect("far lives");
    assert_eq!(out.open().await, Ok(()));
    assert_eq!(inn.open().await, Ok(()));
    Pair { near, far, out, inn }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Talk {
    Hello { name: String, age: u8 },
    Bytes(ByteBuf),
    Numbers(Vec<f64>),
    Bye,
}

fn talk() -> [Talk; 4] {
    [
        Talk::Hello { name: "Ada 👋".into(), age: 36 },
        Talk::Bytes(ByteBuf::from([0, 1, 255])),
        Talk::Numbers(vec![0.5, -1.0, 1e300]),
        Talk::Bye,
    ]
}

#[wasm_bindgen_test]
async fn opening_fails_with_a_type() {
    let refused = || Peer::builder().host("127.0.0.1").port(9).secure(false).ice_servers([]);
    assert!(matches!(refused().id("me").open().await, Err(Error::Network(_))));
    assert!(matches!(refused().open().await, Err(Error::ServerError(_))));
    assert!(matches!(refused().id("not/valid").open().await, Err(Error::InvalidId(_))));
    let first = peer("taken").await;
    let second = builder(&first.id()).open().await;
    assert!(matches!(second, Err(Error::UnavailableId(_))), "{second:?}");
}

#[wasm_bindgen_test]
async fn types_of_an_application_go_both_ways_in_every_serialization() {
    for serialization in [Serialization::Binary, Serialization::MsgPack] {
        let options = ConnectOptions::new().serialization(serialization).label("talk");
        let Pair { out, inn, near, far } = pair(options.metadata(&talk()[0]).expect("JSON has it")).await;
        assert_eq!(inn.metadata(), Ok(talk()[0].clone()));
        assert_eq!(inn.metadata::<Option<Talk>>(), Ok(Some(talk()[0].clone())));
        assert_eq!((inn.label(), inn.peer(), out.peer()), ("talk".into(), &*near.id(), &*far.id()));
        assert_eq!((inn.id(), inn.serialization()), (out.id(), serialization));
        for (from, to) in [(&out, &inn), (&inn, &out)] {
            let mut messages = to.messages::<Talk>();
            for message in talk() {
                assert_eq!(from.send(&message).await, Ok(()));
                assert_eq!(messages.next().await, Some(Ok(message)));
            }
        }
    }
}

#[wasm_bindgen_test]
async fn json_has_a_limit_and_raw_only_text_and_bytes() {
    let Pair { out, inn, near: _near, far: _far } =
        pair(ConnectOptions::new().serialization(Serialization::Json)).await;
    let long = "x".repeat(16_300);
    assert!(matches!(out.send(&long).await, Err(Error::MessageTooBig(_))));
    assert!(matches!(out.send(&u64::MAX).await, Err(Error::Serialize(_))));
    assert_eq!(out.send(&("ü", [1, 2])).await, Ok(()));
    assert_eq!(inn.messages().next().await, Some(Ok(("ü".to_owned(), [1, 2]))));
    assert_eq!(inn.metadata::<Option<u8>>(), Ok(None));

    let Pair { out, inn, near: _near, far: _far } =
        pair(ConnectOptions::new().serialization(Serialization::Raw)).await;
    assert!(matches!(out.send(&5).await, Err(Error::Serialize(_))));
    assert_eq!(out.send("text").await, Ok(()));
    assert_eq!(out.send(&ByteBuf::from([1, 2])).await, Ok(()));
    assert_eq!(inn.messages::<String>().next().await, Some(Ok("text".into())));
    assert_eq!(inn.messages::<ByteBuf>().next().await, Some(Ok(ByteBuf::from([1, 2]))));
}

#[wasm_bindgen_test]
async fn a_wrong_message_is_an_error_and_the_next_one_comes() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    let channel = out.0.listener.channel.borrow().as_ref().map(|(it, _)| it.clone()).expect("open");
    assert_eq!(out.send("text").await, Ok(()));
    assert!(channel.send_with_u8_array(&[0xd9, 0xff]).is_ok());
    assert!(channel.send_with_str("text").is_ok());
    assert_eq!(out.send(&7).await, Ok(()));
    let mut messages = inn.messages::<u8>();
    assert!(matches!(messages.next().await, Some(Err(Error::Deserialize(_)))));
    for _ in 0..2 {
        assert!(matches!(messages.next().await, Some(Err(Error::InvalidData(_)))));
    }
    assert_eq!(messages.next().await, Some(Ok(7)));
}

#[wasm_bindgen_test]
async fn send_waits_for_room_and_finish_for_arrival() {
    const COUNT: u32 = 24;
    for serialization in [Serialization::Binary, Serialization::MsgPack] {
        let Pair { out, inn, near: _near, far: _far } =
            pair(ConnectOptions::new().serialization(serialization)).await;
        let (waited, sender) = (Rc::new(Cell::new(false)), out.clone());
        let seen = Rc::clone(&waited);
        spawn_local(async move {
            let bulk = ByteBuf::from(vec![7; 1 << 20]);
            for n in 0..COUNT {
                let waiting = sender.0.connection.channel.outbound.buffer_size();
                assert!(waiting <= 1, "{waiting} messages are queued");
                seen.set(seen.get() || waiting > 0);
                sender.send(&(n, &bulk)).await.expect("open");
            }
            assert_eq!(sender.finish().await, Ok(()));
        });
        drop(out);
        let mut messages = inn.messages::<(u32, ByteBuf)>();
        for n in 0..COUNT {
            let (number, bulk) = messages.next().await.expect("not lost").expect("valid");
            assert_eq!((number, bulk.len()), (n, 1 << 20));
        }
        assert_eq!(messages.next().await, None, "it ends without an error");
        assert!(waited.get() || serialization == Serialization::MsgPack, "nothing ever had to wait");
    }
}

#[wasm_bindgen_test]
async fn a_burst_of_one_task_is_bounded_and_comes_in_order() {
    const COUNT: u32 = 20_000;
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    spawn_local(async move {
        for n in 0..COUNT {
            let waiting = out.0.connection.channel.outbound.buffer_size();
            assert!(waiting <= 1024, "{waiting} messages are queued");
            out.send(&n).await.expect("open");
        }
        assert_eq!(out.finish().await, Ok(()));
    });
    let mut messages = inn.messages::<u32>();
    for n in 0..COUNT {
        assert_eq!(messages.next().await, Some(Ok(n)));
    }
    assert_eq!(messages.next().await, None);
}

#[wasm_bindgen_test]
async fn senders_wait_in_line_and_may_leave_it() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    // So much is not taken at once.
    out.send(&ByteBuf::from(vec![0; 8 << 20])).await.expect("open");
    for n in 0..3 {
        let out = out.clone();
        spawn_local(async move { out.send(&n).await.expect("open") });
    }
    let soon = Promise::resolve(&JsValue::UNDEFINED);
    JsFuture::from(soon).await.expect("what was spawned has begun");
    {
        let mut given_up = std::pin::pin!(out.send(&99));
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(given_up.as_mut().poll(context)));
        assert!(polled.await.is_pending());
    }
    out.send(&3).await.expect("open");
    assert_eq!(inn.messages().next().await.map(|it| it.map(|bytes: ByteBuf| bytes.len())), Some(Ok(8 << 20)));
    let mut messages = inn.messages::<u8>();
    for n in 0..4 {
        assert_eq!(messages.next().await, Some(Ok(n)));
    }
}

#[wasm_bindgen_test]
async fn what_is_dropped_is_closed_and_leaves_nothing() {
    let Pair { near, far, out, inn } = pair(ConnectOptions::new()).await;
    let (listener, connection) = (Rc::downgrade(&out.0.listener), Rc::downgrade(&out.0.connection));
    let pc = out.peer_connection().expect("open");
    let second = out.clone();
    drop(out);
    assert!(second.is_open(), "there is still a clone");
    drop(second);
    assert_eq!(inn.closed().await, Ok(()));
    let closed = || get_text(&pc, "connectionState").as_deref() == Some("closed");
    assert!(soon(closed).await, "an RTCPeerConnection is left");
    assert_eq!(inn.messages::<u8>().next().await, None);
    assert_eq!(inn.send(&1).await, Err(Error::Closed));
    let gone = || listener.strong_count() + connection.strong_count() == 0;
    assert!(soon(gone).await, "a connection is left");

    // In the middle of a negotiation, with a connection that nobody has taken.
    let untaken = near.connect(&far.id(), ConnectOptions::new()).expect("open");
    far.0.listener.changed.until(|| (far.0.listener.incoming.len() > 0).then_some(())).await;
    let (listener, peer) = (Rc::downgrade(&far.0.listener), Rc::downgrade(&far.0.peer));
    let mut incoming = far.incoming();
    let id = far.id();
    drop((far, inn));
    assert!(!at_server(&id));
    assert!(incoming.next().await.is_none());
    drop(incoming);
    assert_eq!(untaken.open().await, Err(Error::Closed));
    assert!(soon(|| listener.strong_count() + peer.strong_count() == 0).await, "a peer is left");
}

#[wasm_bindgen_test]
async fn what_is_over_keeps_no_js_value() {
    async fn whole_life() {
        let Pair { near: _near, far: _far, out, inn } = pair(ConnectOptions::new()).await;
        out.send(&1).await.expect("open");
        assert_eq!(inn.messages::<u8>().next().await, Some(Ok(1)));
        assert_eq!(out.finish().await, Ok(()));
        assert_eq!(inn.closed().await, Ok(()));
    }
    // Makes what is made once and kept.
    whole_life().await;
    let before = externref_heap_live_count();
    whole_life().await;
    let left = || externref_heap_live_count().saturating_sub(before);
    assert!(soon(|| left() == 0).await, "{} are left", left());
}

/// Whether it is so once what is under way is done.
async fn soon(is_so: impl Fn() -> bool) -> bool {
    for _ in 0..1000 {
        if is_so() {
            return true;
        }
        JsFuture::from(tick()).await.expect("a tick");
    }
    false
}

#[wasm_bindgen_test]
async fn opening_that_is_given_up_leaves_the_server_alone() {
    {
        let mut opening = std::pin::pin!(builder("shy").open());
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(opening.as_mut().poll(context)));
        assert!(polled.await.is_pending());
    }
    JsFuture::from(tick()).await.expect("a tick");
    assert!(!at_server("shy"));
}

#[wasm_bindgen_test]
async fn the_server_makes_ids_up_and_tells_them() {
    serve();
    let peer = Peer::builder().host("in.page").secure(false).ice_servers([]).open().await;
    let peer = peer.expect("the page's server takes everybody");
    assert!(at_server(&peer.id()));
    let ids = peer.list_all_peers().await.expect("this server tells");
    assert!(ids.contains(&peer.id()), "{ids:?}");
}

#[wasm_bindgen_test]
async fn nobody_there_is_told_by_the_connection_and_the_peer() {
    let near = peer("near").await;
    let connection = near.connect("nobody", ConnectOptions::new()).expect("open");
    assert!(matches!(connection.send(&1).await, Err(Error::PeerUnavailable(_))));
    assert!(matches!(connection.open().await, Err(Error::PeerUnavailable(_))));
    assert!(matches!(connection.closed().await, Err(Error::PeerUnavailable(_))));
    let mut messages = connection.messages::<u8>();
    assert!(matches!(messages.next().await, Some(Err(Error::PeerUnavailable(_)))));
    assert_eq!(messages.next().await, None);
    assert!(matches!(near.events().next().await, Some(Event::Error(Error::PeerUnavailable(_)))));
    let call = near.call("nobody", None, CallOptions::new()).expect("open");
    assert!(matches!(call.stream().await, Err(Error::PeerUnavailable(_))));
}

#[wasm_bindgen_test]
async fn a_peer_leaves_loses_and_finds_the_server() {
    let near = peer("near").await;
    let id = near.id();
    let mut events = near.events();
    near.disconnect();
    assert_eq!(events.next().await, Some(Event::Disconnected { retry_in: None }));
    let refused = near.connect("far", ConnectOptions::new());
    assert!(matches!(refused, Err(Error::Disconnected(_))));
    assert_eq!(near.reconnect().await, Ok(()));
    assert_eq!(events.next().await, Some(Event::Reconnected));
    lose(&near.id());
    assert!(matches!(events.next().await, Some(Event::Error(Error::Network(_)))));
    assert_eq!(events.next().await, Some(Event::Disconnected { retry_in: None }));
    assert!(!near.is_open());
    assert_eq!(near.reconnect().await, Ok(()));
    assert_eq!((near.is_open(), near.id()), (true, id));
    near.destroy();
    assert_eq!(near.reconnect().await, Err(Error::Closed));
    assert!(matches!(near.connect("far", ConnectOptions::new()), Err(Error::Closed)));
}

#[wasm_bindgen_test]
async fn a_peer_comes_back_by_itself_if_told() {
    let near =
        builder(&unique("near")).reconnect(true).open().await.expect("the page's server takes everybody");
    let mut events = near.events();
    lose(&near.id());
    assert!(matches!(events.next().await, Some(Event::Error(Error::Network(_)))));
    assert!(matches!(events.next().await, Some(Event::Disconnected { retry_in: Some(_) })));
    assert_eq!(events.next().await, Some(Event::Reconnected));
    assert!(near.is_open());
}

#[wasm_bindgen_test]
async fn calls_are_answered_declined_and_hung_up() {
    let (near, far) = (peer("near").await, peer("far").await);
    let (mut ringing, picture) = (far.calls(), picture());
    let options = CallOptions::new().metadata("urgent").expect("text");
    let call = near.call(&far.id(), Some(&picture), options).expect("open");
    let incoming = ringing.next().await.expect("far lives");
    assert_eq!((incoming.peer(), incoming.metadata()), (&*near.id(), Ok("urgent".to_owned())));
    let answered = incoming.answer(None).expect("not hung up");
    let stream = answered.stream().await.expect("near sends one");
    assert_eq!(stream.get_video_tracks().length(), 1);
    drop(answered);
    assert_eq!(call.closed().await, Ok(()));
    assert_eq!(call.stream().await.map(|_| ()), Err(Error::Closed));

    let call = near.call(&far.id(), Some(&picture), CallOptions::new()).expect("open");
    ringing.next().await.expect("far lives").decline();
    assert_eq!(call.closed().await, Ok(()));

    let call = near.call(&far.id(), None, CallOptions::new()).expect("open");
    let incoming = ringing.next().await.expect("far lives");
    drop(call);
    incoming.cancelled().await;
    assert_eq!(incoming.answer(None).map(|_| ()), Err(Error::Closed));
}

/// The messages that an inbox has now: their lengths, or errors.
fn unread(inbox: &Inbox) -> Vec<Result<usize, Error>> {
    let context = std::task::Context::from_waker(std::task::Waker::noop());
    let next = || inbox.poll::<ByteBuf>(&context).map(|it| it.map(|it| it.map(|bytes| bytes.len())));
    std::iter::from_fn(|| match next() {
        std::task::Poll::Ready(message) => message,
        std::task::Poll::Pending => None,
    })
    .collect()
}

#[wasm_bindgen_test]
fn what_nobody_reads_is_counted_and_not_kept() {
    let inbox = Inbox::new(Serialization::Raw, Limits { unread: 6 << 10, ..Limits::default() });
    for _ in 0..6 {
        inbox.frame(ArrayBuffer::new(2 << 10).into());
    }
    assert_eq!(unread(&inbox), [Ok(2 << 10), Ok(2 << 10), Err(Error::Unread(4))]);
    inbox.frame(ArrayBuffer::new(2 << 10).into());
    assert_eq!(unread(&inbox), [Ok(2 << 10)]);
}

#[wasm_bindgen_test]
fn an_empty_inbox_takes_a_message_of_any_length() {
    let inbox = Inbox::new(Serialization::Raw, Limits { unread: 1, ..Limits::default() });
    for len in [2 << 10, 0] {
        inbox.frame(ArrayBuffer::new(len).into());
        inbox.frame(ArrayBuffer::new(1).into());
        assert_eq!(unread(&inbox), [Ok(len as usize), Err(Error::Unread(1))]);
    }
}

#[wasm_bindgen_test]
async fn a_message_longer_than_what_may_wait_arrives() {
    const LEN: usize = 65 << 20;
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    spawn_local(async move {
        out.send(&ByteBuf::from(vec![7; LEN])).await.expect("open");
        out.finish().await.expect("arrives");
    });
    let mut messages = inn.messages::<ByteBuf>();
    assert_eq!(messages.next().await.map(|it| it.map(|bytes| bytes.len())), Some(Ok(LEN)));
    assert_eq!(messages.next().await, None);
}

#[wasm_bindgen_test]
async fn a_receive_limit_refuses_one_message_and_the_next_one_comes() {
    let (near, id) = (peer("near").await, unique("far"));
    let far = builder(&id).receive_limit(1 << 20).open().await.expect("the page's server takes everybody");
    let out = near.connect(&id, ConnectOptions::new()).expect("near is open");
    let inn = far.incoming().next().await.expect("far lives");
    out.send(&ByteBuf::from(vec![0; 2 << 20])).await.expect("open");
    out.send("next").await.expect("open");
    let mut messages = inn.messages::<String>();
    assert!(matches!(messages.next().await, Some(Err(Error::InvalidData(_)))));
    assert_eq!(messages.next().await, Some(Ok("next".into())));
}

#[wasm_bindgen_test]
async fn a_second_channel_of_the_remote_takes_nothing_from_the_first() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    let second = out.peer_connection().expect("open").create_data_channel("second");
    let closed = Promise::new(&mut |resolve, _| second.set_onclose(Some(&resolve)));
    JsFuture::from(closed).await.expect("the far side closes it");
    assert_eq!(out.send("first").await, Ok(()));
    assert_eq!(inn.messages::<String>().next().await, Some(Ok("first".into())));
    assert!(inn.is_open() && out.is_open());
}
