// What the benchmarks do inside a page, through the public interface only.

import { values } from "./values.js";

const clock = () => performance.now();

/** A round of one contender: long for the clock, short for whatever else the machine does. */
const ROUND_MS = 4;

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

/**
 * Milliseconds per call of each function, round by round, the functions taking turns. Each round is a task of its own:
 * what becomes of the buffers of one is not decided before it ends.
 */
async function race(functions, rounds) {
  const calls = functions.map(callsPerRound);
  const times = functions.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [which, run] of functions.entries()) {
      await nextTask();
      const start = clock();
      for (let call = 0; call < calls[which]; call++) run();
      times[which].push((clock() - start) / calls[which]);
    }
  }
  return times;
}

function callsPerRound(run) {
  for (let calls = 1; ; calls *= 2) {
    const start = clock();
    for (let call = 0; call < calls; call++) run();
    const took = clock() - start;
    if (took > 2 * ROUND_MS) return Math.ceil((calls * ROUND_MS) / took);
  }
}

const utils = () => [e2e.libs.ours.util, e2e.libs.peerjs.util];

/** A page that packs one shape of message only is not what a codec lives in. */
export function warmUp() {
  for (const value of Object.values(values)) {
    const packed = e2e.libs.peerjs.util.pack(value);
    for (const { pack, unpack } of utils()) {
      callsPerRound(() => pack(value));
      callsPerRound(() => unpack(packed));
    }
  }
}

export async function codec(direction, name, rounds) {
  const value = values[name];
  const input = direction === "pack" ? value : e2e.libs.peerjs.util.pack(value);
  const calls = utils().map((util) => () => util[direction](input));
  const [ours, peerjs] = await race(calls, rounds);
  return { ours, peerjs };
}

/** The near ends, by the number that `connect` gave. */
const connections = [];

/** Opens a peer that answers binary with its length, numbers with themselves, echoes with all. */
export async function answer(lib) {
  const peer = await e2e.openPeer(lib);
  peer.on("connection", (conn) => {
    if (conn.metadata) {
      conn.on("open", () => answerBare(bareChannel(conn), conn.metadata.bare));
      return;
    }
    conn.on("data", (data) => {
      if (data.byteLength !== undefined) conn.send(data.byteLength);
      else if (typeof data === "number" || data.echo) conn.send(data);
    });
  });
  return peer.id;
}

/** Opens a connection to such a peer. */
export async function connect(lib, id, metadata) {
  const peer = await e2e.openPeer(lib);
  const conn = peer.connect(id, { reliable: true, metadata });
  await e2e.next(conn, "open");
  if (metadata) {
    conn.bare = bareChannel(conn);
    await e2e.nextDom(conn.bare, "open");
  }
  return connections.push(conn) - 1;
}

/** A data channel beside that of a connection, of which the library knows nothing. */
function bareChannel({ peerConnection }) {
  const channel = peerConnection.createDataChannel("bare", { negotiated: true, id: 100 });
  channel.binaryType = "arraybuffer";
  return channel;
}

function answerBare(channel, expected) {
  let got = 0;
  channel.addEventListener("message", ({ data }) => {
    got += data.byteLength;
    if (got < expected) return;
    got = 0;
    channel.send("got it");
  });
}

const filled = new Map();

/** Binary that has been written to: memory that never was costs nothing to read. */
function binary(bytes) {
  if (!filled.has(bytes)) filled.set(bytes, new Uint8Array(bytes).fill(1).buffer);
  return filled.get(bytes);
}

/** Sends binary and waits for the answer: milliseconds in all and those inside `send()`. */
export async function bulk(number, bytes) {
  const conn = connections[number];
  const data = binary(bytes);
  const answered = conn.bare
    ? e2e.nextDom(conn.bare, "message")
    : e2e.next(conn, "data", (length) => length === bytes);
  const start = clock();
  if (conn.bare) sendBare(conn.bare, data);
  else conn.send(data);
  const blocked = clock() - start;
  await answered;
  return { took: clock() - start, blocked };
}

function sendBare(channel, data) {
  const FRAME = 256 << 10;
  let at = 0;
  const pump = () => {
    while (at < data.byteLength && channel.bufferedAmount < 4 << 20) {
      channel.send(new Uint8Array(data, at, Math.min(FRAME, data.byteLength - at)));
      at += FRAME;
    }
  };
  channel.bufferedAmountLowThreshold = 1 << 20;
  channel.onbufferedamountlow = pump;
  pump();
}

let longest = 0;

/** From now on, `longestTask` knows how long this page is busy with one message of a channel. */
export function watchTasks() {
  const { prototype } = RTCDataChannel;
  const timed = (listener) =>
    function (event) {
      const start = clock();
      try {
        return listener.call(this, event);
      } finally {
        longest = Math.max(longest, clock() - start);
      }
    };
  const { addEventListener } = prototype;
  prototype.addEventListener = function (type, listener, options) {
    addEventListener.call(this, type, type === "message" ? timed(listener) : listener, options);
  };
  const { set } = Object.getOwnPropertyDescriptor(prototype, "onmessage");
  Object.defineProperty(prototype, "onmessage", {
    set(listener) {
      set.call(this, listener && timed(listener));
    },
  });
  if (PerformanceObserver.supportedEntryTypes.includes("longtask")) {
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    });
    observer.observe({ type: "longtask" });
  }
}

/** Since it was last asked for, in milliseconds. */
export function longestTask() {
  const result = longest;
  longest = 0;
  return result;
}

/** Sends many small messages at once: milliseconds until all have come, and those of sending. */
export async function burst(number, count) {
  const conn = connections[number];
  const answered = e2e.next(conn, "data");
  const start = clock();
  for (let i = 0; i < count; i++) conn.send(values["chat message"]);
  conn.send(count);
  const sending = clock() - start;
  await answered;
  return { took: clock() - start, sending };
}

/** Round trips of one small message, one after the other, in milliseconds. */
export async function pings(number, count) {
  const conn = connections[number];
  const message = { ...values["chat message"], echo: true };
  const times = [];
  let start;
  await new Promise((resolve) => {
    const send = () => {
      start = clock();
      conn.send(message);
    };
    const onAnswer = () => {
      times.push(clock() - start);
      if (times.length < count) return send();
      conn.off("data", onAnswer);
      resolve();
    };
    conn.on("data", onAnswer);
    send();
  });
  return times;
}

const couples = {};
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));

/** Two peers of a build, for connecting again and again. */
export async function couple(lib) {
  couples[lib] = await Promise.all([e2e.openPeer(lib), e2e.openPeer(lib)]);
}

async function connectCouple(lib, connect = (near, far) => near.connect(far.id)) {
  const [near, far] = couples[lib];
  const arrival = once(far, "connection");
  const conn = connect(near, far);
  const opened = once(conn, "open");
  const remote = await arrival;
  await Promise.all([opened, remote.open || once(remote, "open")]);
  return [conn, remote];
}

async function closeBoth(ends) {
  const closed = ends.map((end) => once(end, "close"));
  ends[0].close();
  await Promise.all(closed);
}

/** From `connect` to both ends open, in milliseconds, so many times; then closes them. */
export async function reconnect(lib, times) {
  const took = [];
  while (took.length < times) {
    const start = clock();
    const ends = await connectCouple(lib);
    took.push(clock() - start);
    await closeBoth(ends);
  }
  return took;
}

const firsts = {};

/** The same for a further connection between the two: ours shares the first one's RTCPeerConnection. */
export async function connectAgain(lib, times) {
  firsts[lib] ??= await connectCouple(lib);
  const [first] = firsts[lib];
  const took = [];
  while (took.length < times) {
    const start = clock();
    const ends = await connectCouple(lib, lib === "ours" ? () => first.connect() : undefined);
    took.push(clock() - start);
    await closeBoth(ends);
  }
  return took;
}

/**
 * Opens and closes connections one after the other. Each lives while twenty others are made:
 * Chromium never collects an RTCPeerConnection that is closed while it takes a candidate in.
 */
export async function reconnectMany(lib, count) {
  const open = [];
  for (let i = 0; i < count; i++) {
    open.push(await connectCouple(lib));
    if (open.length > 20) await closeBoth(open.shift());
  }
  for (const ends of open) await closeBoth(ends);
}

let crowdPeer;
let crowdSize = 1;

/** Opens connections until there are `size` on this page, one of them by `connect`. */
export async function crowd(id, size) {
  crowdPeer ??= await e2e.openPeer("ours");
  while (crowdSize < size) {
    await once(crowdPeer.connect(id), "open");
    crowdSize++;
  }
}

/** What the wasm has of memory, in bytes. */
export const wasmBytes = () => globalThis.wasmBytes();

/**
 * Runs a build's script: milliseconds until it has made a Peer, and until that is open. The fetch
 * does not count, and no cache knows the text.
 */
export async function start(path, options) {
  const script = document.createElement("script");
  script.text = `//${Math.random()}\n${await (await fetch(path)).text()}`;
  const begin = clock();
  document.head.append(script);
  const peer = new window.Peer(options);
  const usable = clock() - begin;
  await new Promise((resolve, reject) => peer.on("open", resolve).on("error", reject));
  const open = clock() - begin;
  peer.destroy();
  return { usable, open };
}
