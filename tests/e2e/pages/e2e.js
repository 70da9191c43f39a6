// What every test page offers to the functions that tests run in it.

globalThis.e2e = (() => {
  const PEER_EVENTS = ["open", "connection", "call", "disconnected", "close", "error"];
  const CONNECTION_EVENTS = ["open", "close", "error", "iceStateChanged"];

  const libs = {};
  const server = { config: { iceServers: [] } };
  const names = new WeakMap();
  const awaiting = new Set();
  const peers = new Set();
  const endings = [];
  const log = [];
  const started = performance.now();
  // Those of pages that count their timers come later.
  const { setTimeout, clearTimeout } = globalThis;

  function note(text) {
    log.push(`${Math.round(performance.now() - started)} ms  ${text}`);
  }

  function show(value) {
    if (value instanceof Error) return `${value.type ?? value.name}: ${value.message}`;
    return names.get(value) ?? value?.label ?? String(value);
  }

  function watch(emitter, name, events) {
    names.set(emitter, name);
    for (const event of events) {
      emitter.on(event, (value) => {
        note(`${name}  ${event} ${value === undefined ? "" : show(value)}`);
      });
    }
    return emitter;
  }

  const watchConnection = (conn, side) =>
    watch(conn, `${side} connection ${conn.label}`, CONNECTION_EVENTS);

  /** `promise`, named in the message should it never settle. */
  async function awaited(what, promise) {
    awaiting.add(what);
    try {
      return await promise;
    } finally {
      awaiting.delete(what);
    }
  }

  /** The first argument of the next `event` that `accept` takes. */
  function next(emitter, event, accept = () => true) {
    const promise = new Promise((resolve) => {
      function listener(value) {
        if (!accept(value)) return;
        emitter.off(event, listener);
        resolve(value);
      }
      emitter.on(event, listener);
    });
    return awaited(`event ${event} of ${names.get(emitter) ?? "an emitter"}`, promise);
  }

  /** The next event of a DOM object. */
  function nextDom(target, event) {
    const promise = new Promise((resolve) => {
      target.addEventListener(event, resolve, { once: true });
    });
    return awaited(`DOM event ${event} of ${target.constructor.name}`, promise);
  }

  /** A Peer of the build `lib` on the test's server; it is destroyed when the test ends. */
  function makePeer(lib, id, options) {
    const { Peer } = libs[lib];
    const all = { ...server, ...options };
    const peer = id === undefined ? new Peer(all) : new Peer(id, all);
    peers.add(peer);
    return watch(peer, `${lib} peer ${id ?? ""}`.trim(), PEER_EVENTS);
  }

  async function openPeer(lib, id, options) {
    const peer = makePeer(lib, id, options);
    const failed = new Promise((_, reject) => peer.on("error", reject));
    await Promise.race([next(peer, "open"), failed]);
    return peer;
  }

  /** Connects `near` to `far`; resolves with both open ends. */
  async function link(near, far, options) {
    const arrival = next(far, "connection");
    const conn = watchConnection(near.connect(far.id, options), "near");
    const opened = next(conn, "open");
    const remote = watchConnection(await arrival, "far");
    await Promise.all([opened, remote.open || next(remote, "open")]);
    return [conn, remote];
  }

  /** Two peers of this page, connected: {near, far} are their peers, {out, in} its two ends. */
  async function pair({ from = "ours", to = "ours", ...options } = {}) {
    const [near, far] = await Promise.all([openPeer(from), openPeer(to)]);
    const [outgoing, incoming] = await link(near, far, options);
    return { near, far, out: outgoing, in: incoming };
  }

  /** Names (and error types) of the events of `emitter` from now on, in order. */
  function record(emitter, events) {
    const seen = [];
    for (const event of events) {
      emitter.on(event, (value) => seen.push(value?.type ? `${event} ${value.type}` : event));
    }
    return seen;
  }

  /** Everything `conn` delivers from now on; `take()` is the next message, come or to come. */
  function inbox(conn) {
    const arrived = [];
    const takers = [];
    conn.on("data", (data) => {
      if (takers.length > 0) takers.shift()(data);
      else arrived.push(data);
    });
    return {
      arrived,
      take(what = "message") {
        if (arrived.length > 0) return Promise.resolve(arrived.shift());
        return awaited(
          `${what} on ${names.get(conn)}`,
          new Promise((resolve) => takers.push(resolve)),
        );
      },
      async many(count) {
        const taken = [];
        while (taken.length < count) {
          taken.push(await this.take(`message ${taken.length}`));
          // All that has come at once: to shift one off a long array is slow.
          for (const message of arrived.splice(0, count - taken.length)) taken.push(message);
        }
        return taken;
      },
    };
  }

  /** What arrives when `values` are sent over a new connection, each after the one before it. */
  async function deliver(ends, values) {
    const { out, in: incoming } = await pair(ends);
    const arriving = inbox(incoming);
    const arrived = [];
    for (const value of values) {
      out.send(value);
      arrived.push(await arriving.take(`message ${arrived.length}`));
    }
    return arrived;
  }

  /** What `fn` throws, as a name and a message; undefined when it does not throw. */
  function thrown(fn) {
    try {
      fn();
    } catch (error) {
      return { name: error.name, message: error.message };
    }
  }

  /** `act()` is done when the test ends. */
  function atEnd(act) {
    endings.push(act);
  }

  function end() {
    for (const each of endings.splice(0)) each();
  }

  function clear() {
    for (const peer of peers) peer.destroy();
    peers.clear();
    end();
    awaiting.clear();
    log.length = 0;
  }

  function report() {
    const waits = awaiting.size > 0 ? [...awaiting].join(", ") : "nothing it has told of";
    return `It waits for: ${waits}.\nIt last saw:\n  ${log.slice(-12).join("\n  ")}`;
  }

  /**
   * Starts a clock that stands still while a busy machine gives this page no time: it counts timers of one second, one
   * after the other. What is to happen in time is measured by it. Returns a function that ends it and gives the seconds.
   */
  function stopwatch() {
    let seconds = 0;
    let timer;
    const tick = () => (timer = setTimeout(() => tick(seconds++), 1000));
    tick();
    return () => {
      clearTimeout(timer);
      return seconds;
    };
  }

  /** How long the same work takes each time, in milliseconds: some 20 where nobody else uses the processor. */
  function pace() {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < 20_000_000; i++) sum = (Math.imul(sum, 31) + i) | 0;
    // So that no compiler finds out that the sum is of no use.
    return performance.now() - start + (sum === 0.5);
  }
  for (let i = 0; i < 3; i++) pace();

  return {
    stopwatch,
    pace,
    libs,
    server,
    note,
    watchConnection,
    awaited,
    next,
    nextDom,
    makePeer,
    openPeer,
    link,
    pair,
    record,
    inbox,
    deliver,
    thrown,
    atEnd,
    end,
    clear,
    report,
  };
})();
