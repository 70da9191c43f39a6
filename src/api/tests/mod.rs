//! Peers of one page at a PeerServer that is part of it.

mod handles;
mod lives;
mod messages;
mod paths;
mod sharing;
mod signaling;
mod tracks;
mod values;

use std::cell::Cell;
use std::collections::BTreeMap;
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
let refused = false;

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
        if (refused) return this.dispatchEvent(new Event("close"));
        const wrong = searchParams.get("key") === "wrong";
        const type = wrong ? "ERROR" : sockets.has(this.id) ? "ID-TAKEN" : "OPEN";
        if (type === "OPEN") sockets.set(this.id, this);
        this.dispatchEvent(new Event("open"));
        this.tell({ type, payload: { msg: "Invalid key provided" } });
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

export const refuse = (all) => (refused = all);
export function lose(id) {
  const socket = sockets.get(id);
  sockets.delete(id);
  socket.dispatchEvent(new Event("close"));
}
export const atServer = (id) => sockets.has(id);
export const tick = () => new Promise((resolve) => setTimeout(resolve));
export const online = () => dispatchEvent(new Event("online"));
export function picture() {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d");
  return canvas.captureStream();
}
"#)]
extern "C" {
    fn serve();
    fn lose(id: &str);
    fn refuse(all: bool);
    #[wasm_bindgen(js_name = atServer)]
    fn at_server(id: &str) -> bool;
    fn tick() -> Promise;
    fn online();
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
