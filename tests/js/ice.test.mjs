import assert from "node:assert/strict";
import { test } from "node:test";
import { modernConfig } from "../../js/ice.js";

test("the documents' example becomes what browsers take", () => {
  const config = {
    iceServers: [
      { url: "stun:stun.l.google.com:19302" },
      { url: "turn:homeo@turn.bistri.com:80", credential: "homeo" },
      { urls: ["stun:a", "stun:b"] },
    ],
    sdpSemantics: "unified-plan",
  };
  assert.deepEqual(modernConfig(config), {
    iceServers: [
      { urls: "stun:stun.l.google.com:19302" },
      { urls: "turn:turn.bistri.com:80", username: "homeo", credential: "homeo" },
      { urls: ["stun:a", "stun:b"] },
    ],
    sdpSemantics: "unified-plan",
  });
});

test("a username of its own goes before the one in the URL", () => {
  const [server] = modernConfig({
    iceServers: [{ url: "turns:a@host", username: "b" }],
  }).iceServers;
  assert.deepEqual(server, { urls: "turns:host", username: "b" });
});

test("anything else stays the very object it is", () => {
  for (const config of [
    undefined,
    null,
    {},
    { iceServers: [{ urls: "stun:a" }] },
    { iceServers: 1 },
  ]) {
    assert.equal(modernConfig(config), config);
  }
});
