// What a program's own tests see of a Peer in jsdom, which has no WebRTC.
import Default, { Peer, PeerErrorType, util } from "peerjs";

const EVENTS = ["open", "error", "disconnected", "close"];

test("the environment is jsdom", () => {
  expect(navigator.userAgent).toMatch(/jsdom/);
  expect(globalThis.RTCPeerConnection).toBe(undefined);
});

test("a Peer says that the browser is incompatible, and ends", async () => {
  const peer = new Peer("me");
  const seen = [];
  for (const name of EVENTS) peer.on(name, (value) => seen.push([name, value?.type ?? value]));
  expect(peer).toBeInstanceOf(Default);
  expect([peer.id, peer.open, peer.disconnected, peer.destroyed]).toEqual([
    null,
    false,
    false,
    false,
  ]);
  await new Promise((resolve) => peer.on("close", resolve));
  const error = ["error", PeerErrorType.BrowserIncompatible];
  expect(seen).toEqual([error, ["disconnected", null], ["close", undefined]]);
  expect([peer.open, peer.disconnected, peer.destroyed]).toEqual([false, true, true]);
});

test("a Peer that is destroyed at once says no more than that", async () => {
  const peer = new Peer();
  const seen = [];
  for (const name of EVENTS) peer.on(name, () => seen.push(name));
  peer.destroy();
  await new Promise((resolve) => setTimeout(resolve));
  expect(seen.slice(0, 2)).toEqual(["disconnected", "close"]);
});

test("util can be used", () => {
  expect(util.supports.webRTC).toBe(false);
  expect(util.browser).toBe("Not a supported browser.");
  expect(util.validateId("an id")).toBe(true);
  expect(util.unpack(util.pack({ text: "Grüße" }))).toEqual({ text: "Grüße" });
});
