// Every serialization carries every kind of value, in every browser, towards and from PeerJS.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames } from "./harness/browser.mjs";
import { record } from "./harness/results.mjs";
import { impostor, startPeerServer } from "./harness/servers.mjs";
import { browsers, site } from "./harness/suite.mjs";

const LIBS = [
  ["ours", "ours"],
  ["ours", "peerjs"],
  ["peerjs", "ours"],
];
const SERIALIZATIONS = ["binary", "binary-utf8", "json", "raw"];
const METADATA = { from: "matrix", n: [1, null, "ä"] };

const browserPairs = browserNames.flatMap((near) => browserNames.map((far) => [near, far]));

const isPeerJS = (lib) => lib === "peerjs" || impostor;

/** What the end of a connection in `lib` calls the serialization that was asked for. */
function nameOf(serialization, lib) {
  return isPeerJS(lib) && serialization === "binary-utf8" ? "binary" : serialization;
}

describe("data connections", () => {
  const peers = {};
  let server;

  before(async () => {
    server = await startPeerServer();
  });
  after(() => server?.close());

  /** A tab with one open Peer; one for each browser, build and end. */
  async function peerIn(name, lib, end) {
    peers[`${name} ${lib} ${end}`] ??= (async () => {
      const [browser, { blank }] = await Promise.all([browsers[name](), site()]);
      const page = await browser.open(blank([lib], server, ["matrix"]));
      return { page, id: await page.run((lib) => matrix.start(lib), lib) };
    })();
    return peers[`${name} ${lib} ${end}`];
  }

  for (const [nearBrowser, farBrowser] of browserPairs) {
    for (const [nearLib, farLib] of LIBS) {
      for (const serialization of SERIALIZATIONS) {
        const cell = [`${nearBrowser} → ${farBrowser}`, `${nearLib} → ${farLib}`, serialization];
        test(cell.join(", "), async () => {
          await record(cell, async () => {
            for (const reliable of [true, false]) {
              await exchange({
                near: await peerIn(nearBrowser, nearLib, "near"),
                far: await peerIn(farBrowser, farLib, "far"),
                nearLib,
                farLib,
                serialization,
                reliable,
              });
            }
          });
        });
      }
    }
  }

  async function exchange({ near, far, nearLib, farLib, serialization, reliable }) {
    const label = `${serialization} ${reliable} ${Math.random()}`;
    const options = { label, serialization, reliable, metadata: METADATA };
    const [nearEnd, farEnd] = await Promise.all([
      near.page.run((id, options) => matrix.connect(id, options), far.id, options),
      far.page.run((label) => matrix.accept(label), label),
    ]);
    const common = {
      type: "data",
      label,
      metadata: METADATA,
      reliable,
      open: true,
      ordered: reliable,
    };
    assert.deepEqual(nearEnd, {
      ...common,
      serialization: nameOf(serialization, nearLib),
      peer: far.id,
    });
    assert.deepEqual(farEnd, {
      ...common,
      // PeerJS calls binary-utf8 "binary" on the wire, too.
      serialization: nameOf(nameOf(serialization, nearLib), farLib),
      peer: near.id,
    });

    // The two binaries are one code on one wire, and a megabyte takes its time.
    const large = serialization === "binary" && reliable;
    const swap = (starts, lib) => [label, serialization, { starts, large, lenient: isPeerJS(lib) }];
    const run = (...args) => matrix.exchange(...args);
    const wrong = await Promise.all([
      near.page.runFor(30_000, run, ...swap(true, nearLib)),
      far.page.runFor(30_000, run, ...swap(false, farLib)),
    ]);
    assert.deepEqual(wrong, [[], []], "[near end, far end]");

    const [closed, remote] = await Promise.all([
      near.page.run((label) => matrix.finish(label, true), label),
      far.page.run((label) => matrix.finish(label, false), label),
    ]);
    assert.deepEqual([closed.open, remote.open], [false, false]);
    assert.deepEqual([...near.page.takeErrors(), ...far.page.takeErrors()], []);
  }
});
