//! Real channels between two RTCPeerConnections of the page.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::proto::chunk::split::HEADER;
use crate::proto::codec::tape::{TOKEN, write};
use crate::proto::message::Features;
use crate::web::codec_write::write_tape;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = r#"
export async function pair(ordered) {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
  const channel = a.createDataChannel("test", { ordered });
  const far = new Promise((resolve) => (b.ondatachannel = (event) => resolve(event.channel)));
  const open = new Promise((resolve) => (channel.onopen = resolve));
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  const received = [];
  let wanted = Infinity;
  let done;
  const other = await far;
  other.binaryType = "arraybuffer";
  const check = () => received.length >= wanted && done(received);
  other.onmessage = ({ data }) => {
    received.push(typeof data === "string" ? data : new Uint8Array(data));
    check();
  };
  const closed = new Promise((resolve) => (other.onclose = () => resolve(received)));
  await open;
  const receive = (count) => new Promise((resolve) => { wanted = count; done = resolve; check(); });
  return { channel, most: a.sctp.maxMessageSize, receive, closed, end: () => { a.close(); b.close(); } };
}
export function random(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}
export const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
export const brokenBlob = (size) => ({
  size,
  slice: () => ({ arrayBuffer: async () => { throw new DOMException("changed", "NotReadableError"); } }),
});
export const blob = (bytes) => new Blob([bytes]);
"#)]
extern "C" {
    type Pair;
    #[wasm_bindgen(catch)]
    async fn pair(ordered: bool) -> Result<JsValue, JsValue>;
    fn random(length: u32) -> Uint8Array;
    fn same(a: &Uint8Array, b: &Uint8Array) -> bool;
    #[wasm_bindgen(js_name = brokenBlob)]
    fn broken_blob(size: u32) -> JsValue;
    fn blob(bytes: &Uint8Array) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn channel(this: &Pair) -> RtcDataChannel;
    #[wasm_bindgen(method, getter)]
    fn most(this: &Pair) -> f64;
    #[wasm_bindgen(method)]
    fn receive(this: &Pair, count: u32) -> Promise;
    #[wasm_bindgen(method, getter)]
    fn closed(this: &Pair) -> Promise;
    #[wasm_bindgen(method)]
    fn end(this: &Pair);
}

struct Link {
    pair: Pair,
    outbound: Outbound,
    failures: Rc<RefCell<Vec<SendFailure>>>,
}

impl Link {
    async fn new(ordered: bool) -> Self {
        Self::between(ordered, false).await
    }

    /// Between two of our own peers, or from one to PeerJS.
    async fn between(ordered: bool, batches: bool) -> Self {
        let pair: Pair = pair(ordered).await.expect("the pages' two ends connect").unchecked_into();
        let failures = Rc::new(RefCell::new(Vec::new()));
        let outbound = Outbound::new({
            let failures = failures.clone();
            move |failure| failures.borrow_mut().push(failure)
        });
        let mut features = Features::default();
        if batches {
            features.add("batch");
        }
        outbound.attach(&pair.channel(), pair.most(), features);
        Self { pair, outbound, failures }
    }

    fn send_number(&self, number: f64) {
        let slots = write_tape(&[number.to_bits()]);
        assert!(self.outbound.send_tape(slots, &JsValue::UNDEFINED).is_ok());
    }

    fn send_body(&self, source: &JsValue, len: u32) {
        let slots = write_tape(&[token(write::BODY, len)]);
        assert!(self.outbound.send_tape(slots, &Array::of1(source)).is_ok());
    }

    async fn receive(&self, count: u32) -> Vec<JsValue> {
        list(JsFuture::from(self.pair.receive(count)).await)
    }

    async fn closed(&self) -> Vec<JsValue> {
        list(JsFuture::from(self.pair.closed()).await)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.pair.end();
    }
}

fn list(values: Result<JsValue, JsValue>) -> Vec<JsValue> {
    values.expect("never rejected").unchecked_into::<Array>().to_vec()
}

fn token(tag: u32, payload: u32) -> u64 {
    u64::from(TOKEN | tag) << 32 | u64::from(payload)
}

fn bytes(value: &JsValue) -> Vec<u8> {
    value.unchecked_ref::<Uint8Array>().to_vec()
}

/// What the pieces carry, after checking that they are the pieces of message `id`, in order.
fn joined(frames: &[JsValue], id: u32) -> Vec<u8> {
    let total = frames.len() as f64;
    let mut message = Vec::new();
    for (n, frame) in frames.iter().enumerate() {
        let frame = bytes(frame);
        let key = frame.windows(5).take(HEADER).position(|part| part == b"\xb4data").expect("a piece");
        let head = &frame[..key];
        assert!(head.starts_with(b"\x84\xba__peerData"));
        assert!(head[12..].starts_with(&integer(id.into())), "piece of another message");
        let n = [b"\xb1n".to_vec(), integer(n as f64), b"\xb5total".to_vec(), integer(total)].concat();
        assert!(head.ends_with(&n), "piece out of order");
        let data = match frame[key + 5] {
            0xda => &frame[key + 8..],
            0xdb => &frame[key + 10..],
            short => &frame[key + 6..][..usize::from(short & 0xf)],
        };
        message.extend_from_slice(data);
    }
    message
}

fn integer(number: f64) -> Vec<u8> {
    let slots = write_tape(&[number.to_bits()]);
    let (packed, _) = packed(&BINARYPACK, slots, &JsValue::UNDEFINED).expect("memory");
    packed.buffer[..packed.used].to_vec()
}

#[wasm_bindgen_test]
async fn values_come_in_order_with_blobs_and_pieces_among_them() {
    let link = Link::new(true).await;
    let [large, long] = [random(3_000_000), random(2_500_000)];
    let pieces = |len: u32| (len + 5).div_ceil(FRAME - HEADER as u32) as usize;
    link.send_number(1.0);
    link.send_body(&blob(&random(20)), 20);
    link.send_number(2.0);
    link.send_body(&large, large.length());
    link.send_number(3.0);
    link.send_body(&blob(&long), long.length());
    link.send_number(4.0);
    let expected = large.slice(0, large.length());
    large.fill(0, 0, large.length());

    let count = 5 + pieces(large.length()) + pieces(long.length());
    let frames = link.receive(count as u32).await;
    assert_eq!(link.outbound.buffer_size(), 0);
    assert_eq!(bytes(&frames[0]), [1]);
    assert_eq!(bytes(&frames[1]).len(), 23, "the Blob is overtaken");
    assert_eq!(bytes(&frames[2]), [2]);
    let middle = 3 + pieces(large.length());
    assert!(joined(&frames[3..middle], 1)[5..] == expected.to_vec()[..], "the bytes changed after send");
    assert_eq!(bytes(&frames[middle]), [3]);
    assert!(joined(&frames[middle + 1..count - 1], 2)[5..] == long.to_vec()[..]);
    assert_eq!(bytes(&frames[count - 1]), [4]);
}

#[wasm_bindgen_test]
async fn twenty_megabytes_drain_and_finish() {
    let link = Link::new(true).await;
    let large = random(20 << 20);
    link.send_body(&large, large.length());
    assert_eq!(link.outbound.buffer_size(), 1, "all of it at once is more than the channel should get");
    let (done, is_done) = promise();
    link.outbound.finish(done);
    assert!(matches!(link.outbound.send_frame(&"late".into()), Err(SendFailure::Closed)));
    let frames = link.closed().await;
    JsFuture::from(is_done).await.expect("done is called");
    assert!(joined(&frames, 1)[5..] == large.to_vec()[..]);
}

#[wasm_bindgen_test]
async fn an_unordered_channel_finishes_without_loss() {
    let link = Link::new(false).await;
    for number in 0..5000 {
        link.send_number(f64::from(number));
    }
    let (done, is_done) = promise();
    link.outbound.finish(done);
    let frames = link.closed().await;
    JsFuture::from(is_done).await.expect("done is called");
    assert_eq!(frames.len(), 5000);
}

// No more: with tens of thousands of tiny frames under way, one lost packet can keep Chromium's SCTP busy for a minute.
#[wasm_bindgen_test]
async fn twenty_thousand_tiny_messages_behind_a_full_channel() {
    let link = Link::new(true).await;
    let large = random(8 << 20);
    link.send_body(&large, large.length());
    for number in 0..20_000 {
        link.send_number(f64::from(number % 100));
    }
    assert_eq!(link.outbound.buffer_size(), 20_001);
    let pieces = (large.length() + 5).div_ceil(FRAME - HEADER as u32);
    let frames = link.receive(pieces + 20_000).await;
    let tiny = frames[pieces as usize..].iter().map(bytes);
    assert!(tiny.enumerate().all(|(n, frame)| frame == [(n % 100) as u8]));
}

#[wasm_bindgen_test]
async fn small_messages_of_a_task_share_frames_and_stay_in_order() {
    let link = Link::between(true, true).await;
    for number in 0..5 {
        link.send_number(f64::from(number));
    }
    assert_eq!(link.outbound.buffer_size(), 4, "the first goes at once");
    link.send_body(&random(5000), 5000);
    link.send_number(5.0);
    link.send_number(6.0);
    assert!(link.outbound.send_frame(&"text".into()).is_ok());
    let frames = link.receive(6).await;
    assert_eq!(bytes(&frames[0]), [0]);
    assert_eq!(bytes(&frames[1]), [0xc4, 0xdc, 0, 4, 1, 2, 3, 4]);
    assert_eq!(bytes(&frames[2]).len(), 5003);
    assert_eq!([bytes(&frames[3]), bytes(&frames[4])], [[5], [6]]);
    assert_eq!(frames[5], "text");
}

#[wasm_bindgen_test]
async fn a_message_is_not_late_because_another_may_follow() {
    let link = Link::between(false, true).await;
    for number in 0..3 {
        link.send_number(f64::from(number));
        assert_eq!(link.outbound.buffer_size(), 0);
        JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await.expect("never rejected");
    }
    let frames: Vec<_> = link.receive(3).await.iter().map(bytes).collect();
    assert_eq!(frames, [[0], [1], [2]]);
}

#[wasm_bindgen_test]
async fn what_has_gathered_is_sent_before_the_end() {
    let link = Link::between(true, true).await;
    for number in 0..3 {
        link.send_number(f64::from(number));
    }
    let (done, is_done) = promise();
    link.outbound.finish(done);
    let frames: Vec<_> = link.closed().await.iter().map(bytes).collect();
    JsFuture::from(is_done).await.expect("done is called");
    assert_eq!(frames, [vec![0], vec![0xc4, 0xdc, 0, 2, 1, 2]]);
}

#[wasm_bindgen_test]
async fn a_million_small_messages_of_one_task_leave_while_it_runs() {
    let link = Link::between(true, true).await;
    let mut most = 0;
    for number in 0..1_000_000 {
        link.send_number(f64::from(number % 100));
        most = most.max(link.outbound.buffer_size());
    }
    assert!(most <= 16 << 10, "{most} waited for the end of the task");
    let frames = link.receive(63).await;
    assert!(frames.iter().all(|frame| bytes(frame).len() <= 16 << 10));
}

#[wasm_bindgen_test]
async fn frames_go_as_they_are_and_in_order() {
    let link = Link::new(true).await;
    let data = random(1000);
    let view = data.subarray(100, 200);
    let sent: [JsValue; 7] = [
        "text".into(),
        data.clone().into(),
        data.buffer().into(),
        view.clone().into(),
        blob(&data),
        "ü".into(),
        5.into(),
    ];
    for frame in &sent {
        assert!(link.outbound.send_frame(frame).is_ok());
    }
    let frames = link.receive(7).await;
    assert_eq!(frames[0], "text");
    for at in [1, 2, 4] {
        assert!(same(frames[at].unchecked_ref(), &data), "frame {at}");
    }
    assert!(same(frames[3].unchecked_ref(), &view));
    assert_eq!(frames[5], "ü");
    assert_eq!(frames[6], "5");
}

#[wasm_bindgen_test]
async fn a_frame_that_is_too_big_is_refused_and_the_channel_lives() {
    let link = Link::new(true).await;
    link.outbound.attach(&link.pair.channel(), 1000.0, Features::default());
    let euros = "€".repeat(334);
    for frame in [random(1001).into(), blob(&random(1001)), euros.as_str().into()] {
        assert!(matches!(link.outbound.send_frame(&frame), Err(SendFailure::TooBig)));
    }
    assert!(link.outbound.send_frame(&euros[3..].into()).is_ok());
    link.send_body(&random(5000), 5000);
    let frames = link.receive(7).await;
    assert_eq!(frames[0], &euros[3..]);
    assert!(frames[1..].iter().all(|frame| bytes(frame).len() <= 1000), "a piece is too big");
    assert_eq!(joined(&frames[1..], 1).len(), 5003);
}

#[wasm_bindgen_test]
async fn a_blob_that_cannot_be_read_fails_alone() {
    let link = Link::new(true).await;
    link.send_body(&broken_blob(100), 100);
    link.send_number(1.0);
    let frames = link.receive(1).await;
    assert_eq!(bytes(&frames[0]), [1]);
    assert!(matches!(link.failures.borrow()[..], [SendFailure::Unreadable(_)]));
}

#[wasm_bindgen_test]
async fn nothing_goes_before_there_is_a_channel_or_after_it_has_closed() {
    let outbound = Outbound::new(|_| {});
    assert!(matches!(outbound.send_frame(&"early".into()), Err(SendFailure::Closed)));
    let (done, is_done) = promise();
    outbound.finish(done);
    JsFuture::from(is_done).await.expect("done is called");

    let link = Link::new(true).await;
    link.pair.channel().close();
    let slots = write_tape(&[0]);
    assert!(matches!(link.outbound.send_tape(slots, &JsValue::UNDEFINED), Err(SendFailure::Closed)));
}

/// A callback and the promise that it has been called.
fn promise() -> (impl FnOnce(), Promise) {
    let resolve = Rc::new(RefCell::new(None));
    let promise = Promise::new(&mut |yes, _| *resolve.borrow_mut() = Some(yes));
    let call = move || {
        if let Some(resolve) = resolve.take() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    };
    (call, promise)
}
