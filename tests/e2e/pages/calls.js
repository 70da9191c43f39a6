// Calls between two peers, of one page or of two, and whether what is sent is seen.

globalThis.calls = (() => {
  const EVENTS = ["stream", "close", "error", "iceStateChanged", "willCloseOnRemote"];

  /** What the (fake) camera and microphone give: `kinds` are "audio" and "video". */
  async function capture(...kinds) {
    if (kinds.length === 0) return undefined;
    const wanted = Object.fromEntries(kinds.map((kind) => [kind, true]));
    const capturing = navigator.mediaDevices.getUserMedia(wanted);
    const stream = await e2e.awaited("the camera", capturing);
    e2e.atEnd(() => {
      for (const track of stream.getTracks()) track.stop();
    });
    return stream;
  }

  const watchCall = (call, side) => {
    e2e.watchConnection(call, side);
    for (const event of ["stream", "willCloseOnRemote"]) {
      call.on(event, () => e2e.note(`${side} call  ${event}`));
    }
    return call;
  };

  /** Bytes of `kind` that the connection has received. */
  async function received(pc, kind) {
    let bytes = 0;
    for (const report of (await pc.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === kind) bytes += report.bytesReceived;
    }
    return bytes;
  }

  /**
   * Plays `stream` until its clock runs, its picture has a size (if it is to have one) and the bytes
   * of each of its `kinds` have been counted twice, more the second time.
   */
  async function play(stream, pc, kinds) {
    const element = document.createElement("video");
    Object.assign(element, { muted: true, srcObject: stream });
    document.body.append(element);
    // `autoplay` would wait for the tab to be seen.
    element.play();
    let before;
    const plays = async () => {
      const now = await Promise.all(kinds.map((kind) => received(pc, kind)));
      const [bytes, time] = [now, element.currentTime];
      const grew = before?.bytes.every((was, i) => was > 0 && was < bytes[i]);
      const ran = before?.time < time;
      const isSeen = !kinds.includes("video") || element.videoWidth > 0;
      if (grew && ran && isSeen) return true;
      if (!before?.bytes.every((was) => was > 0)) before = { bytes, time };
    };
    try {
      await e2e.awaited(
        `${kinds.join(" and ")} to play`,
        new Promise((resolve, reject) => {
          element.addEventListener("timeupdate", () => {
            plays().then((done) => done && resolve(), reject);
          });
        }),
      );
    } finally {
      element.remove();
    }
    return stream
      .getTracks()
      .map((track) => track.kind)
      .sort();
  }

  /** The next stream of `call`, once it has been seen to play: its kinds of tracks. */
  async function seen(call, ...kinds) {
    const stream = call.remoteStream ?? (await e2e.next(call, "stream"));
    return play(stream, call.peerConnection, kinds);
  }

  /** Two open peers of this page. */
  const peers = (from = "ours", to = "ours", options = {}) =>
    Promise.all([e2e.openPeer(from, undefined, options), e2e.openPeer(to, undefined, options)]);

  /** `near` calls `far`; resolves with both ends as soon as it rings. */
  async function ring(near, far, stream, options) {
    const arrival = e2e.next(far, "call");
    const out = watchCall(near.call(far.id, stream, options), "near");
    return [out, watchCall(await arrival, "far")];
  }

  /** A call that rings between two new peers of this page: {near, far, out, in}. */
  async function pair({ from, to, sends = ["video"], options, peerOptions } = {}) {
    const [near, far] = await peers(from, to, peerOptions);
    const [outgoing, incoming] = await ring(near, far, await capture(...sends), options);
    return { near, far, out: outgoing, in: incoming };
  }

  /** The same, answered, and connected so far that each end learns of the other's closing. */
  async function connect({ answers = ["video"], ...ends } = {}) {
    const call = await pair(ends);
    const connected = [call.out, call.in].map((end) => e2e.next(end, "willCloseOnRemote"));
    call.in.answer(await capture(...answers));
    await Promise.all(connected);
    return call;
  }

  return { EVENTS, capture, watchCall, play, seen, peers, ring, pair, connect };
})();
