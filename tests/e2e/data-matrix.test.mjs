// Every serialization carries every kind of value, in every browser, towards and from PeerJS.

import assert from "node:assert/strict";
import { inMatrix } from "./harness/matrix.mjs";
import { impostor } from "./harness/servers.mjs";

const SERIALIZATIONS = ["binary", "binary-utf8", "json", "raw", "MsgPack", "custom"];
/** Made of classes, which only the bundled PeerJS has. */
const OF_CLASSES = ["MsgPack", "custom"];
const METADATA = { from: "matrix", n: [1, null, "ä"] };

const isPeerJS = (lib) => lib !== "ours" || impostor;

/** What the end of a connection in `lib` calls the serialization that was asked for. */
function nameOf(serialization, lib) {
  return isPeerJS(lib) && serialization === "binary-utf8" ? "binary" : serialization;
}

inMatrix(
  "data connections",
  {
    kinds: SERIALIZATIONS,
    scripts: ["serializers", "matrix"],
    variant: (lib, kind) => (isPeerJS(lib) && OF_CLASSES.includes(kind) ? "bundled" : lib),
  },
  async ({ near, far, kind }) => {
    await exchange(near, far, kind, true);
    if (kind !== "MsgPack") await exchange(near, far, kind, false);
  },
);

async function exchange(near, far, serialization, reliable) {
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
    serialization: nameOf(serialization, near.lib),
    peer: far.id,
  });
  assert.deepEqual(farEnd, {
    ...common,
    // PeerJS calls binary-utf8 "binary" on the wire, too.
    serialization: nameOf(nameOf(serialization, near.lib), far.lib),
    peer: near.id,
  });

  // The two binaries are one code on one wire, and a megabyte takes its time.
  const large = ["binary", "MsgPack"].includes(serialization) && reliable;
  const swap = (starts, lib) => [label, serialization, { starts, large, lenient: isPeerJS(lib) }];
  const run = (...args) => matrix.exchange(...args);
  const wrong = await Promise.all([
    near.page.runFor(30_000, run, ...swap(true, near.lib)),
    far.page.runFor(30_000, run, ...swap(false, far.lib)),
  ]);
  assert.deepEqual(wrong, [[], []], "[near end, far end]");

  const [closed, remote] = await Promise.all([
    near.page.run((label) => matrix.finish(label, true), label),
    far.page.run((label) => matrix.finish(label, false), label),
  ]);
  assert.deepEqual([closed.open, remote.open], [false, false]);
}
