// The page that a support person sends to a user. What is tested stands behind the # of its address, which browsers send to
// no server: host, port, path, key, secure, and config, which is an RTCConfiguration as JSON. Without it: the server of the
// demo, and the default ICE servers.

import { diagnose } from "/pkg/diagnose.js";

const { Peer } = globalThis.peerjs;

/** How long a peer, a transfer or a call may take, in milliseconds. */
const TIMEOUT = 30_000;
const TRANSFER = 1 << 20;

const byId = (id) => document.getElementById(id);

/** The options of a Peer that the address asks for. */
function options() {
  const wishes = new URLSearchParams(location.hash.slice(1));
  const { host, config, ...others } = Object.fromEntries(wishes);
  const ice = config && { config: JSON.parse(config) };
  if (!host) return { host: "/", port: location.port || 443, path: "/peerserver", ...ice };
  const secure = others.secure && { secure: others.secure === "true" };
  return { ...others, host, ...secure, ...ice };
}

/** Settles as `listen` says, to which it gives `resolve` and `reject`; rejects when that takes too long. */
function inTime(listen) {
  let timer;
  return new Promise((resolve, reject) => {
    timer = setTimeout(reject, TIMEOUT, new Error("It took more than 30 s."));
    listen(resolve, reject);
  }).finally(() => clearTimeout(timer));
}

/** The next `event` of `emitter`; rejects with its error, or when it takes too long. */
const next = (emitter, event) =>
  inTime((resolve, reject) => {
    emitter.once(event, resolve);
    emitter.once("error", reject);
  });

async function openPeer(...args) {
  const peer = new Peer(...args);
  try {
    await next(peer, "open");
    return peer;
  } catch (error) {
    peer.destroy();
    throw error;
  }
}

/** Sends a megabyte from one peer of this page to the other. */
async function transfer(near, far) {
  const arrival = next(far, "connection");
  const conn = near.connect(far.id, { reliable: true });
  await next(conn, "open");
  const arrived = next(await arrival, "data");
  const start = performance.now();
  conn.send(new Uint8Array(TRANSFER));
  const { byteLength } = await arrived;
  const { path, protocol } = await conn.stats();
  conn.close();
  return { bytes: byteLength, ms: performance.now() - start, path, protocol };
}

async function call(near, far, stream) {
  far.once("call", (incoming) => incoming.answer());
  const outgoing = near.call(far.id, stream);
  // The far end receives; what counts here is that a path for media is found.
  const { peerConnection: pc } = outgoing;
  await inTime((resolve, reject) => {
    outgoing.once("error", reject);
    const look = () => pc.connectionState === "connected" && resolve();
    pc.addEventListener("connectionstatechange", look);
    look();
  });
  const { path, protocol } = await outgoing.stats();
  outgoing.close();
  return { path, protocol };
}

const ms = (time) => (time === undefined ? "" : ` in ${Math.round(time)} ms`);

function show(what, result, details) {
  const item = document.createElement("li");
  item.dataset.result = result;
  item.dataset.testid = "check";
  const title = document.createElement("strong");
  title.textContent = `${what}: ${result === "unknown" ? "not known" : result}`;
  item.append(title, details);
  byId("checks").append(item);
}

/** Does it, shows how it ended, and gives what the report is to say of it. */
async function check(what, act, words) {
  try {
    const result = await act();
    show(what, "works", words(result));
    return result;
  } catch (error) {
    show(
      what,
      "fails",
      error.diagnosis ? `${error.message} (${error.diagnosis.advice})` : error.message,
    );
    return { error: error.message, type: error.type, diagnosis: error.diagnosis };
  }
}

const state = (name, text) => {
  byId("state").dataset.state = name;
  byId("state").textContent = text;
};

async function test() {
  const report = { time: new Date().toISOString(), browser: navigator.userAgent };
  const wishes = options();
  const wantsMedia = byId("media").checked;

  state("running", "Testing the servers…");
  const probe = new Peer(wishes);
  probe.on("error", () => {}); // The report says what is wrong with the server.
  const { advice, ...found } = await diagnose(probe);
  probe.destroy();
  Object.assign(report, found);
  const { server } = found;
  show(
    "Server",
    server.reachable ? "works" : "fails",
    `${server.url} ${server.error ?? ms(server.ms)}`,
  );
  for (const { url, reachable, ms: time, error, errorCode } of found.iceServers) {
    const result = { true: "works", false: "fails" }[reachable] ?? "unknown";
    show(url, result, [errorCode, error].filter(Boolean).join(" ") || `${ms(time)}`);
  }

  let stream;
  if (wantsMedia) {
    state("running", "Testing camera and microphone: the browser may ask for permission…");
    report.media = await check(
      "Camera and microphone",
      async () => {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
        return stream.getTracks().map(({ kind, label }) => ({ kind, label }));
      },
      (tracks) => tracks.map(({ label }) => label).join(", "),
    );
  }

  state("running", "Testing a connection of this page with itself…");
  const peers = [];
  report.transfer = await check(
    "Transfer",
    async () => {
      for (let i = 0; i < 2; i++) peers.push(await openPeer(wishes));
      return transfer(...peers);
    },
    (done) => `1 MB${ms(done.ms)}, path: ${done.path ?? "not known"}`,
  );
  if (stream && peers.length === 2) {
    report.call = await check(
      "Call",
      () => call(...peers, stream),
      ({ path }) => `path: ${path ?? "not known"}`,
    );
  }
  for (const peer of peers) peer.destroy();
  for (const track of stream?.getTracks() ?? []) track.stop();
  return { ...report, advice };
}

byId("start").addEventListener("click", async () => {
  byId("start").disabled = true;
  byId("results").hidden = false;
  for (const id of ["checks", "advice"]) byId(id).replaceChildren();
  try {
    const report = await test();
    for (const { code, text } of report.advice) {
      const item = document.createElement("li");
      item.dataset.code = code;
      item.textContent = text;
      byId("advice").append(item);
    }
    byId("report").value = JSON.stringify(report, null, 2);
    state("done", "Done.");
  } catch (error) {
    state("done", `The test itself failed: ${error.message}`);
  }
  byId("start").disabled = false;
});

byId("copy").addEventListener("click", async () => {
  const report = byId("report");
  try {
    await navigator.clipboard.writeText(report.value);
    byId("copy").textContent = "Copied";
  } catch {
    // Where the browser does not allow it the text is selected, to be copied by hand.
    report.focus();
    report.select();
  }
});
