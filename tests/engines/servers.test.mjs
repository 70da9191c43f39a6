// Several PeerServers at once: what is lost of them, and what they say against each other.
import assert from "node:assert/strict";
import { test } from "node:test";
import { peerServer, servers, several } from "../../js/signaling/several.js";
import { startPeerServer, startScriptedServer } from "../e2e/harness/servers.mjs";
import { atEnd, dial, reaches } from "./lines.mjs";

async function startServers(count, options) {
  const started = await Promise.all(Array.from({ length: count }, () => startPeerServer(options)));
  for (const each of started) atEnd(() => each.close());
  return started;
}

const list = (started) => started.map(({ options }) => ({ ...options, secure: false }));
const noneClosed = (...lines) => {
  for (const { frames } of lines) assert.ok(!frames.some(({ type }) => type === "closed"));
};

test("losing one of three servers, then all but one, is not noticed", async () => {
  const started = await startServers(3);
  const factory = servers(list(started));
  const [alice, bob] = [dial(factory, "alice"), dial(factory, "bob")];
  for (const peer of [alice, bob]) for (const _ of started) await peer.got("OPEN");
  for (const lost of started.slice(0, 2)) {
    await lost.close();
    await reaches(alice, bob, "bob");
    await reaches(bob, alice, "alice");
    noneClosed(alice, bob);
  }
  // With the last one it is.
  await started[2].close();
  await Promise.all([alice.got("closed"), bob.got("closed")]);
});

test("peers that have lost different servers reach each other over the third", async () => {
  const started = await startServers(3);
  const [first, second, third] = list(started);
  const alice = dial(servers([first, third]), "alice");
  const bob = dial(servers([second, third]), "bob");
  await Promise.all(
    [alice, bob].map(async (peer) => [await peer.got("OPEN"), await peer.got("OPEN")]),
  );
  await Promise.all([started[0].close(), started[1].close()]);
  await reaches(alice, bob, "bob");
  noneClosed(alice, bob);
});

test("a message comes once, however many servers bring it, and as often as it was sent", async () => {
  const started = await startServers(2);
  const factory = servers(list(started));
  const [alice, bob] = [dial(factory, "alice"), dial(factory, "bob")];
  for (const peer of [alice, bob]) for (const _ of started) await peer.got("OPEN");
  for (const n of [1, 2, 2, 3]) alice.send("CANDIDATE", "bob", { n });
  // Over each server what is sent comes in its order: behind the second "end" nothing is left.
  for (let end = 0; end < 2; end++) alice.send("ANSWER", "bob", { end });
  const got = [];
  while (got.at(-1)?.end !== 1) got.push((await bob.got("CANDIDATE", "ANSWER")).payload);
  assert.deepEqual(got, [{ n: 1 }, { n: 2 }, { n: 2 }, { n: 3 }, { end: 0 }, { end: 1 }]);
});

/** A PeerServer that says at once what `answer` gives for an offer; `accept` says whether it opens at all. */
async function scripted({ open = [{ type: "OPEN" }], answer = () => [] } = {}) {
  const sockets = [];
  const server = await startScriptedServer({
    onSocket(socket) {
      sockets.push(socket);
      for (const frame of open) socket.send(JSON.stringify(frame));
      socket.on("message", (text) => {
        const frame = JSON.parse(text);
        for (const reply of answer(frame)) socket.send(JSON.stringify(reply));
      });
    },
  });
  atEnd(() => server.close());
  return { ...server, sockets };
}

const expire = ({ type, dst }) => (type === "OFFER" ? [{ type: "EXPIRE", src: dst }] : []);

test("a peer is unavailable when all servers say so, not before", async () => {
  let late;
  const [prompt, slow] = await Promise.all([
    scripted({ answer: expire }),
    scripted({
      answer(frame) {
        if (frame.type === "OFFER") late?.(frame);
        return frame.type === "ANSWER" ? [{ type: "CANDIDATE", src: "marker", payload: {} }] : [];
      },
    }),
  ]);
  const alice = dial(servers(list([prompt, slow])), "alice");
  await alice.got("OPEN");
  await alice.got("OPEN");
  const offered = new Promise((resolve) => {
    late = resolve;
  });
  alice.send("OFFER", "nobody", {});
  await offered;
  // The first has said it by the time of the marker, which the second brings.
  alice.send("ANSWER", "marker", {});
  await alice.got("CANDIDATE");
  assert.deepEqual(alice.frames, []);
  slow.sockets[0].send(JSON.stringify({ type: "EXPIRE", src: "nobody" }));
  assert.equal((await alice.got("EXPIRE")).src, "nobody");
  // A server that goes before it has said it leaves the word to the other.
  alice.send("OFFER", "nobody", {});
  slow.sockets[0].terminate();
  assert.equal((await alice.got("EXPIRE")).src, "nobody");
});

test("a server that is still opening has not said that a peer is not there", async () => {
  const prompt = await scripted({ answer: expire });
  let open;
  const opening = new Promise((resolve) => {
    open = resolve;
  });
  /** A transport that opens when the test says so. */
  const slow = () => {
    const line = new EventTarget();
    line.send = (frame) => {
      const { type, dst } = JSON.parse(frame);
      const data = JSON.stringify({ type: "ANSWER", src: dst, payload: {} });
      if (type === "OFFER") line.dispatchEvent(new MessageEvent("message", { data }));
    };
    line.close = () => {};
    opening.then(() => line.dispatchEvent(new Event("open")));
    return line;
  };
  const alice = dial(several([peerServer(list([prompt])[0]), slow]), "alice");
  await alice.got("OPEN");
  alice.send("OFFER", "bob", {});
  alice.send("OFFER", "bob", {});
  open();
  await alice.got("ANSWER");
  assert.deepEqual(
    alice.frames.filter(({ type }) => type === "EXPIRE"),
    [],
  );
});

test("ids agree: one that is taken on one server is taken", async () => {
  const started = await startServers(2);
  const [first, second] = list(started);
  const holder = dial(peerServer(second), "alice", "another token");
  await holder.got("OPEN");
  const alice = dial(servers([first, second]), "alice");
  await alice.got("ID-TAKEN");
});

test("a server that was away and has given the id to another is left alone", async () => {
  const good = await scripted({
    answer: (frame) => [{ type: "CANDIDATE", src: frame.dst, payload: {} }],
  });
  let taken = false;
  let refused;
  const again = new Promise((resolve) => {
    refused = resolve;
  });
  const bad = await startScriptedServer({
    onSocket(socket) {
      socket.send(JSON.stringify({ type: taken ? "ID-TAKEN" : "OPEN" }));
      if (!taken) return socket.close();
      socket.on("close", refused);
    },
  });
  atEnd(() => bad.close());
  const alice = dial(servers(list([good, bad])), "alice");
  await alice.got("OPEN");
  taken = true;
  await again;
  alice.send("OFFER", "bob", {});
  await alice.got("CANDIDATE");
  assert.ok(!alice.frames.some(({ type }) => ["ID-TAKEN", "closed"].includes(type)));
});

test("a server that falls silent is a lost one", async () => {
  let silent = false;
  const echo = (frame) => (frame.dst ? [{ ...frame, src: frame.dst }] : []);
  const [mute, other] = await Promise.all([
    scripted({ answer: (frame) => (silent ? [] : echo(frame)) }),
    scripted({ answer: (frame) => (frame.type === "OFFER" ? expire(frame) : echo(frame)) }),
  ]);
  const alice = dial(servers(list([mute, other])), "alice");
  await alice.got("OPEN");
  await alice.got("OPEN");
  const probe = async (n) => {
    alice.send("CANDIDATE", "alice", { n });
    await alice.got("CANDIDATE");
  };
  await probe(0);
  silent = true;
  const left = new Promise((resolve) => mute.sockets[0].on("close", resolve));
  for (let n = 1; n < 7; n++) await probe(n);
  await left;
  await mute.close();
  alice.send("OFFER", "nobody", {});
  assert.equal((await alice.got("EXPIRE")).src, "nobody");
});

test("peers() is what servers with allow_discovery say", async () => {
  const [open] = await startServers(1, { allow_discovery: true });
  const [closed] = await startServers(1);
  const factory = servers(list([open, closed]));
  const alice = dial(factory, "alice");
  await alice.got("OPEN");
  await alice.got("OPEN");
  assert.deepEqual(await factory.peers(), ["alice"]);
  await assert.rejects(servers(list([closed])).peers(), /401/);
  assert.equal(factory.provesSender, true);
});
