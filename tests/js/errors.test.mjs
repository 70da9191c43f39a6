import assert from "node:assert/strict";
import { test } from "node:test";
import PeerJS from "peerjs";
import { PeerError } from "../../js/errors.js";

const TheirError = PeerJS.PeerError;

test("an error in words looks as PeerJS's does", () => {
  const ours = new PeerError("network", "Lost connection to server.");
  const theirs = new TheirError("network", "Lost connection to server.");
  assert.ok(ours instanceof Error && ours instanceof PeerError);
  for (const key of ["name", "message", "type"]) assert.equal(ours[key], theirs[key], key);
  assert.equal(String(ours), String(theirs));
  assert.deepEqual(Object.keys(ours), Object.keys(theirs));
  assert.ok(!("cause" in ours), "an error without a cause has none");
});

test("an error made from an error keeps its message, which PeerJS loses, and names it as the cause", () => {
  const cause = new TypeError("Failed to construct 'RTCPeerConnection'");
  const error = new PeerError("webrtc", cause);
  assert.equal(error.message, cause.message);
  assert.equal(error.cause, cause);
  assert.equal(error.type, "webrtc");
  assert.equal(new TheirError("webrtc", cause).message, "", "PeerJS has mended this: compare");
});

test("a DOMException is a cause like any other", () => {
  const cause = new DOMException("The operation failed.", "OperationError");
  const error = new PeerError("webrtc", cause);
  assert.equal(error.message, "The operation failed.");
  assert.equal(error.cause.name, "OperationError");
});

test("own properties of the cause are handed on, its type is not", () => {
  const cause = Object.assign(new Error("refused"), { code: 7, type: "other" });
  const error = new PeerError("socket-error", cause);
  const theirs = new TheirError("socket-error", cause);
  assert.deepEqual({ ...error }, { ...theirs });
  assert.deepEqual({ ...error }, { code: 7, type: "socket-error" });
});
