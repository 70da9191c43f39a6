// What must not be guessed, and must not be read on its way. The page around the Peer is a fake one.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import "./setup.mjs";
import { Peer } from "../../js/peer.js";

const real = { crypto: globalThis.crypto, random: Math.random };
let dialled;
let peers;

beforeEach(() => {
  dialled = [];
  peers = [];
  class FakeSocket extends EventTarget {
    constructor(url) {
      super();
      dialled.push(new URL(url));
    }
    // The next Peer of the same id waits for it.
    close() {
      queueMicrotask(() => this.dispatchEvent(new Event("close")));
    }
  }
  define("WebSocket", FakeSocket);
  define("RTCPeerConnection", class {});
  define("addEventListener", () => {});
  define("removeEventListener", () => {});
});

afterEach(() => {
  for (const peer of peers) peer.destroy();
  define("crypto", real.crypto);
  Math.random = real.random;
});

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** The socket's URL and the log of a Peer on a page at `page`. */
function dial(page, options) {
  const { protocol, hostname } = new URL(page);
  define("location", { protocol, hostname });
  const log = [];
  const logFunction = (level, ...args) => log.push(`${level} ${args.join(" ")}`);
  peers.push(new Peer("me", { debug: 2, logFunction, ...options }));
  return { url: dialled.at(-1), log };
}

const HTTPS = "https://page.example/";
const HTTP = "http://page.example/";

test("a page that came over https has its socket over wss", () => {
  for (const host of ["own.example", "/", undefined]) {
    assert.equal(dial(HTTPS, { host }).url.protocol, "wss:", host);
  }
  assert.equal(dial(HTTP, { host: "own.example" }).url.protocol, "ws:");
  assert.equal(dial(HTTP, {}).url.protocol, "wss:", "the cloud is always asked over wss");
});

test("token and key in plain words to another host are worth a warning", () => {
  const warning = /^2 Without `secure: true`, the network .* token and the key .* own\.example$/;
  const { log } = dial(HTTP, { host: "own.example", token: "secret", key: "mine" });
  assert.equal(log.length, 1);
  assert.match(log[0], warning);
  assert.doesNotMatch(log[0], /secret|mine/);
  assert.match(dial(HTTPS, { host: "own.example", secure: false }).log[0], warning);
  for (const [page, host] of [
    [HTTPS, "own.example"],
    [HTTP, "localhost"],
    [HTTP, "127.0.0.1"],
    [HTTP, "/"],
  ]) {
    assert.deepEqual(dial(page, { host }).log, [], host);
  }
});

test("tokens and connection ids come from crypto.getRandomValues alone", () => {
  Math.random = () => assert.fail("Math.random is no secret");
  let asked = 0;
  const getRandomValues = (bytes) => {
    asked += 1;
    return real.crypto.getRandomValues(bytes);
  };
  define("crypto", { getRandomValues });
  const tokens = new Set();
  for (let i = 0; i < 50; i++) {
    const token = dial(HTTPS, { host: "own.example" }).url.searchParams.get("token");
    assert.match(token, /^[0-9a-v]{16}$/);
    tokens.add(token);
  }
  assert.equal(tokens.size, 50);
  // For the token, and for the connection id of a Peer's messages to itself.
  assert.equal(asked, 100);
});
