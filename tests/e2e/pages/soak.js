// What the soak tests do inside a page: connections that count what goes over them.

globalThis.soak = (() => {
  const peers = [];
  /** What became of connections that are closed, by their id, until somebody takes it. */
  let ledger = {};
  let living = 0;
  let lib;

  const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));

  /** Opens `count` peers of a build; resolves with their ids. */
  async function open(name, count) {
    lib = name;
    for (let i = 0; i < count; i++) peers.push(await openPeer());
    return peers.map(({ id }) => id);
  }

  async function openPeer() {
    const peer = await e2e.openPeer(lib);
    peer.on("error", () => {}); // of connections, which know it too
    peer.on("connection", (conn) => {
      const end = follow(conn, conn.metadata);
      conn.on("open", () => speak(end, conn.metadata?.back ?? 0));
    });
    return peer;
  }

  /** Counts what comes over `conn`: numbers, one after the other, as such or in `n`. */
  function follow(conn) {
    const end = { conn, sent: 0, got: 0, disorder: 0, flushed: false, waiting: [] };
    living++;
    conn.on("data", (data) => {
      const n = data.n ?? data;
      if (n !== end.got + end.disorder) end.disorder++;
      else end.got++;
      for (const waiting of end.waiting) waiting();
    });
    end.closed = once(conn, "close").then(() => {
      living--;
      const { sent, got, disorder, flushed } = end;
      ledger[`${conn.connectionId} ${conn.options?._payload ? "far" : "near"}`] = {
        ...{ sent, got, disorder, flushed },
      };
      for (const waiting of end.waiting) waiting();
      for (const waiting of idle.splice(0)) waiting();
    });
    return end;
  }

  const idle = [];

  /** Sends the next `count` numbers; with a size, each with so many bytes. */
  function speak(end, count, size = 0) {
    for (let i = 0; i < count; i++) {
      const n = end.sent++;
      end.conn.send(size > 0 ? { n, pad: new Uint8Array(size) } : n);
    }
  }

  /** Resolves once `count` have come, or the connection is closed. */
  function heard(end, count) {
    const coming = new Promise((resolve) => {
      const check = () => {
        if (end.got + end.disorder < count && end.conn.open) return;
        end.waiting = end.waiting.filter((it) => it !== check);
        resolve();
      };
      end.waiting.push(check);
      check();
    });
    return e2e.awaited(`${count} messages over ${end.conn.connectionId}`, coming);
  }

  /** Connects; undefined if that fails. */
  async function connect(peer, to, metadata) {
    const conn = peer.connect(to, { reliable: true, metadata });
    if (!conn) return undefined;
    const end = follow(conn);
    const failed = Promise.race([once(conn, "error"), end.closed]).then(() => false);
    const opened = Promise.race([once(conn, "open").then(() => true), failed]);
    return (await e2e.awaited(`open or an error of ${conn.connectionId}`, opened))
      ? end
      : undefined;
  }

  async function finish(end) {
    end.flushed = true;
    end.conn.close({ flush: true });
    await e2e.awaited(`close of ${end.conn.connectionId}`, end.closed);
  }

  /**
   * One connection after the other to `to`, each with ten numbers both ways. Each lives while twenty others are made:
   * Chromium never collects an RTCPeerConnection that is closed while it takes a candidate in.
   */
  async function cycle(to, count) {
    const ends = [];
    let failed = 0;
    for (let i = 0; i < count; i++) {
      const end = await connect(peers[0], to, { back: 10 });
      if (end) {
        speak(end, 10);
        await heard(end, 10);
        ends.push(end);
      } else failed++;
      if (ends.length > 20) await finish(ends.shift());
    }
    await Promise.all(ends.map(finish));
    return failed;
  }

  const crowd = [];

  /** `count` connections to `to` at once, of which each end says ten numbers. */
  async function gather(to, count) {
    const ends = await Promise.all(
      Array.from({ length: count }, () => connect(peers[0], to, { back: 10 })),
    );
    crowd.push(...ends.filter(Boolean));
    for (const end of crowd) speak(end, 10);
    await Promise.all(crowd.map((end) => heard(end, 10)));
    return crowd.length;
  }

  /** Closes them all. */
  async function scatter() {
    await Promise.all(crowd.splice(0).map(finish));
  }

  /** Every peer of this page connects to each of `others`, eight at a time; resolves with how many opened. */
  async function mesh(others) {
    const wanted = peers.flatMap((peer) => others.map((to) => [peer, to]));
    const worker = async () => {
      while (wanted.length > 0) {
        const end = await connect(...wanted.pop(), { back: 10 });
        if (!end) continue;
        speak(end, 10);
        await heard(end, 10);
        crowd.push(end);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return crowd.length;
  }

  /** Those that this page's peers have with each other. */
  const meshWithin = async () => {
    let opened = 0;
    for (const [i, peer] of peers.entries()) {
      for (const { id } of peers.slice(0, i)) {
        const end = await connect(peer, id, { back: 10 });
        if (!end) continue;
        speak(end, 10);
        await heard(end, 10);
        crowd.push(end);
        opened++;
      }
    }
    return opened;
  };

  let stream;

  /** A connection for what follows. */
  async function link(to) {
    stream = await connect(peers[0], to);
    return Boolean(stream);
  }

  /** Sends `count` numbers, not more than so many ahead of the channel, and waits for as many. */
  async function chatter(count) {
    const end = stream ?? arrivals.at(-1);
    const AHEAD = 2000;
    while (end.sent < count) {
      speak(end, Math.min(AHEAD, count - end.sent));
      while (end.conn.bufferSize > AHEAD || end.conn.dataChannel.bufferedAmount > 1 << 20) {
        await breath();
      }
    }
    await heard(end, count);
    const { got, disorder } = end;
    return { got, disorder };
  }

  /** The next task: no timer, which waits a second where the page is not seen. */
  function breath() {
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  }

  const arrivals = [];

  /** The next connection that arrives is the one for `chatter`. */
  function expectLink() {
    peers[0].once("connection", (conn) => arrivals.push(follow(conn)));
  }

  /** Sends a Blob of so many bytes over it; resolves when it is there. */
  async function blob(bytes) {
    const block = new Uint8Array(Math.min(bytes, 8 << 20)).fill(7);
    const parts = Array.from({ length: Math.ceil(bytes / block.length) }, () => block);
    const blob = new Blob(parts).slice(0, bytes);
    const arrived = once(stream.conn, "data");
    stream.conn.send(blob);
    return arrived;
  }

  /** Answers a large binary with its length. */
  function measure() {
    peers[0].on("connection", (conn) => {
      conn.on("data", (data) => data.byteLength && conn.send(data.byteLength));
    });
  }

  /** A source of chance that a number decides. */
  function chance(seed) {
    let state = seed >>> 0;
    return (below) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  /** Whether it is with the server again after an attempt. */
  function comesBack(peer) {
    const outcome = Promise.race([
      once(peer, "open").then(() => true),
      once(peer, "disconnected").then(() => false),
    ]);
    peer.reconnect();
    return e2e.awaited(`${peer.id} to come back, or not`, outcome);
  }

  /** Connects, talks, closes, leaves the server and comes back at random for so many milliseconds. */
  async function roam(ids, milliseconds, seed) {
    const pick = chance(seed);
    const end = performance.now() + milliseconds;
    const counts = { opened: 0, failed: 0, returned: 0 };
    const walker = async () => {
      while (performance.now() < end) {
        const peer = peers[pick(peers.length)];
        if (peer.open && pick(40) === 0) peer.disconnect();
        if (peer.disconnected) {
          if (await comesBack(peer)) counts.returned++;
          continue;
        }
        if (!peer.open) {
          await breath();
          continue;
        }
        const to = ids[pick(ids.length)];
        if (to === peer.id) continue;
        const back = pick(30);
        const near = await connect(peer, to, { back });
        if (!near) {
          counts.failed++;
          continue;
        }
        counts.opened++;
        speak(near, pick(100), pick(3) === 0 ? pick(40_000) : 0);
        await heard(near, back);
        if (pick(5) === 0) {
          near.conn.close();
          await near.closed;
        } else await finish(near);
      }
    };
    await Promise.all(Array.from({ length: 4 }, walker));
    return counts;
  }

  /** Waits until no connection is left. */
  async function rest() {
    while (living > 0) {
      await e2e.awaited(`close of ${living} more`, new Promise((resolve) => idle.push(resolve)));
    }
  }

  function takeLedger() {
    const taken = ledger;
    ledger = {};
    return taken;
  }

  return {
    ...{ open, cycle, gather, scatter, mesh, meshWithin, link, chatter, expectLink, blob, measure },
    ...{ roam, rest, takeLedger, living: () => living },
    wasmBytes: () => globalThis.wasmBytes(),
  };
})();
