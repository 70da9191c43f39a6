// A small program written for PeerJS's documents. It does not know which library it runs on.

import { byId, showState } from "./dom.js";
import { testPicture } from "./media.js";
import { peerOptions } from "./server.js";
import { describe, formatBytes, shortId } from "./words.js";

const BULK = 16_000_000;

const peer = new Peer(peerOptions());
let connection = null;

peer.on("open", (id) => {
  byId("id").textContent = id;
  showState(byId("state"), "ready", "Ready");
  parent.postMessage({ ready: id }, location.origin);
});
peer.on("connection", (incoming) => use(incoming));
peer.on("call", (call) => {
  const picture = testPicture();
  call.answer(picture.stream);
  watch(call, picture);
});
peer.on("error", (error) => log(describe(error)));
peer.on("disconnected", () =>
  showState(byId("state"), "disconnected", "Not connected to the server"),
);

addEventListener("message", (event) => {
  if (event.origin !== location.origin || typeof event.data?.connect !== "string") return;
  connection?.close();
  use(peer.connect(event.data.connect, { reliable: true }));
});

function use(next) {
  connection = next;
  next.on("open", () => {
    showState(byId("state"), "open", `Connected to ${shortId(next.peer)}`);
    log(`Connected, serialization “${next.serialization}”`);
    enable(true);
  });
  next.on("data", received);
  next.on("close", () => {
    if (next !== connection) return;
    showState(byId("state"), "closed", "The connection was closed");
    enable(false);
  });
  next.on("error", (error) => log(describe(error)));
}

function received(data) {
  if (data.hello) return log(`They say: ${JSON.stringify(data.hello)}`);
  if (data.took) return log(`They have it all: ${formatBytes(BULK / data.took)}/s`);
  if (!data.bulk) return;
  const seconds = (Date.now() - data.sentAt) / 1000;
  log(`Received ${formatBytes(data.bulk.byteLength)} in ${seconds.toFixed(2)} s`);
  connection.send({ took: seconds });
}

byId("hello").addEventListener("click", () => {
  connection.send({ hello: { text: "hello", at: new Date(), numbers: [1, 2.5, -3] } });
  log("You say hello");
});
byId("bulk").addEventListener("click", () => {
  const begin = performance.now();
  connection.send({ bulk: new Uint8Array(BULK), sentAt: Date.now() });
  const blocked = performance.now() - begin;
  log(`Sending ${formatBytes(BULK)}; send() returned after ${blocked.toFixed(1)} ms`);
});
byId("call").addEventListener("click", () => {
  const picture = testPicture();
  watch(peer.call(connection.peer, picture.stream), picture);
});

function watch(call, picture) {
  byId("call").disabled = true;
  call.on("stream", (stream) => {
    byId("video").srcObject = stream;
    byId("video").hidden = false;
    log("Their picture arrives");
  });
  call.on("close", () => {
    byId("video").hidden = true;
    byId("call").disabled = !connection.open;
    picture.stop();
  });
}

function enable(enabled) {
  for (const name of ["hello", "bulk", "call"]) byId(name).disabled = !enabled;
}

function log(text) {
  const line = document.createElement("p");
  line.textContent = text;
  byId("log").append(line);
  byId("log").scrollTop = byId("log").scrollHeight;
}
