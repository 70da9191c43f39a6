// Audio and video are seen to arrive, in every browser, towards and from PeerJS.

import assert from "node:assert/strict";
import { inMatrix } from "./harness/matrix.mjs";

/** What the caller sends, and what the callee answers with. */
const KINDS = {
  audio: [["audio"], ["audio"]],
  video: [["video"], ["video"]],
  "one-way": [["audio", "video"], []],
};

const options = { kinds: Object.keys(KINDS), scripts: ["calls", "call-matrix"] };

inMatrix("calls", options, async ({ near, far, kind }) => {
  const [sends, answers] = KINDS[kind];
  const seen = await Promise.all([
    near.page.run((...call) => matrix.call(...call), far.id, sends, answers),
    far.page.run((...call) => matrix.answer(...call), answers, sends),
  ]);
  assert.deepEqual(seen, [answers, sends]);
  const open = await Promise.all([
    near.page.run(() => matrix.ended()),
    far.page.run(() => matrix.hangUp()),
  ]);
  assert.deepEqual(open, [false, false]);
});
