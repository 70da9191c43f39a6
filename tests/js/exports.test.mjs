// Every export by name, beside PeerJS's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import PeerJS from "peerjs";
import "./setup.mjs";
import * as exports from "../../js/index.js";

const ours = { ...exports };

const CLASSES = [
  "Peer",
  "PeerError",
  "MsgPackPeer",
  "MsgPack",
  "BufferedConnection",
  "StreamConnection",
];
/** PeerJS has these as types only. */
const CLASSES_HERE = ["DataConnection", "MediaConnection"];
const ENUMS = [
  "ConnectionType",
  "BaseConnectionErrorType",
  "DataConnectionErrorType",
  "PeerErrorType",
  "SerializationType",
  "ServerMessageType",
  "SocketEventType",
];

for (const name of CLASSES) {
  test(`${name} is a class here and in PeerJS`, () => {
    for (const lib of [ours, PeerJS]) assert.match(String(lib[name]), /^class\b/);
    assert.equal(ours[name].name, name);
  });
}

for (const name of CLASSES_HERE) {
  test(`${name} is a class`, () => {
    assert.match(String(ours[name]), /^class\b/);
    assert.equal(ours[name].name, name);
  });
}

for (const name of ENUMS) {
  test(`${name} is PeerJS's, value for value`, () => {
    assert.deepEqual({ ...ours[name] }, { ...PeerJS[name] });
  });
}

test("LogLevel is from nothing to everything, as `debug` is", () => {
  const levels = ["Disabled", "Errors", "Warnings", "All"];
  assert.deepEqual(
    levels.map((name) => ours.LogLevel[name]),
    [0, 1, 2, 3],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((level) => ours.LogLevel[level]),
    levels,
  );
});

test("util is an object, and the default export is Peer", () => {
  assert.equal(typeof ours.util, "object");
  assert.equal(ours.default, ours.Peer);
});

test("the connections are a family", () => {
  const { DataConnection, BufferedConnection, StreamConnection, MsgPack, MsgPackPeer, Peer } = ours;
  for (const kind of [BufferedConnection, StreamConnection]) {
    assert.ok(kind.prototype instanceof DataConnection, kind.name);
  }
  assert.ok(MsgPack.prototype instanceof StreamConnection);
  assert.ok(MsgPackPeer.prototype instanceof Peer);
});

test("nothing that PeerJS exports is missing", () => {
  const missing = Object.keys(PeerJS).filter((name) => name !== "default" && !(name in ours));
  assert.deepEqual(missing, []);
});
