// Puts the page together: the server, the people, the room that is shown, the call.

import { CallDesk } from "./call.js";
import { byId, clone, notify, showState } from "./dom.js";
import { Room } from "./room.js";
import { Server } from "./server.js";
import { describe, shortId } from "./words.js";

const SERVER_WORDS = {
  connecting: "Connecting to the server…",
  open: "Ready: others can reach you",
  disconnected: "Not connected to the server; open connections go on",
  gone: "No connection to the server",
};

/** By the other person's id: their room and their entry in the list of people. */
const people = new Map();
const emptyStage = byId("stage").firstElementChild;
let shown = null;
let server;
let desk;
let invitedBy = new URLSearchParams(location.search).get("connect");

if (typeof Peer === "undefined") {
  showState(byId("server-state"), "gone", "Not started");
  notify("The library /pkg/peerjs.min.js could not be loaded. Has it been built?");
} else {
  desk = new CallDesk({
    place: (id, stream) => server.peer.call(id, stream),
    ended: (id, sentence) => roomOf(id).note(sentence),
  });
  server = new Server({
    changed: serverChanged,
    connection: (connection) => {
      const room = roomOf(connection.peer);
      room.adopt(connection, room.id);
      if (!shown || shown.state === "closed") show(room);
    },
    call: (call) => desk.ring(call),
    error: peerError,
  });
  wirePage();
}

function wirePage() {
  byId("reconnect").addEventListener("click", () => server.reconnect());
  byId("notice-close").addEventListener("click", () => notify(""));
  byId("copy-link").addEventListener("click", copyLink);
  byId("share-link").addEventListener("focus", (event) => event.target.select());
  byId("connect-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = byId("remote-id");
    if (connectTo(idFrom(input.value))) input.value = "";
  });
  // A file dropped beside the list would otherwise replace the page and end every connection.
  for (const type of ["dragover", "drop"])
    addEventListener(type, (event) => {
      if (!event.defaultPrevented) event.dataTransfer.dropEffect = "none";
      event.preventDefault();
    });
}

function serverChanged() {
  const { state, id } = server;
  showState(byId("server-state"), state, SERVER_WORDS[state]);
  byId("reconnect").hidden = state === "connecting" || state === "open";
  if (!id) return;
  byId("my-id").textContent = id;
  byId("share-link").value = linkTo(id);
  byId("copy-link").disabled = false;
  if (state !== "open") return;
  notify(""); // whatever was wrong before is over
  if (invitedBy) {
    connectTo(invitedBy);
    invitedBy = null;
  }
}

function linkTo(id) {
  const url = new URL(location.pathname, location.href);
  const parameters = new URLSearchParams(location.search);
  parameters.set("connect", id);
  url.search = parameters;
  return url.href;
}

/** People paste the whole link where an id is asked for. */
function idFrom(text) {
  const trimmed = text.trim();
  if (!/^https?:/.test(trimmed)) return trimmed;
  return new URL(trimmed, location.href).searchParams.get("connect") ?? "";
}

async function copyLink() {
  const link = byId("share-link");
  const button = byId("copy-link");
  link.select();
  try {
    await navigator.clipboard.writeText(link.value);
  } catch {
    // No permission, or no https: the old way, and if that fails the link is at least selected.
    if (!document.execCommand("copy"))
      return notify("Press Ctrl+C or ⌘C to copy the selected link.");
  }
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2000);
}

/** @returns whether there was something to try */
function connectTo(id) {
  if (!id) notify("That link has no id in it.");
  else if (id === server.id)
    notify("That is your own id. Send it to somebody, or open your link in another tab.");
  else if (server.state !== "open") notify(describe({ type: "disconnected" }));
  else {
    const room = roomOf(id);
    if (room.state === "closed") {
      const connection = server.peer.connect(id, { reliable: true });
      if (!connection) return false; // the Peer has said why
      room.adopt(connection, server.id);
    }
    show(room);
    return true;
  }
  return false;
}

function peerError(error) {
  if (error.type !== "peer-unavailable") return notify(describe(error));
  // Which connection it was about is only in the text.
  const sentence = describe(error);
  for (const [id, { room }] of people) {
    if (!error.message.endsWith(id)) continue;
    room.fail(sentence);
    desk.fail(id, sentence);
  }
}

// --- people

function roomOf(id) {
  const known = people.get(id);
  if (known) return known.room;
  const { root, parts } = clone("person-template");
  parts.id.textContent = shortId(id);
  root.firstElementChild.title = id;
  root.firstElementChild.addEventListener("click", () => show(people.get(id).room));
  const entry = { root, parts, room: null };
  people.set(id, entry);
  entry.room = new Room(id, {
    changed: () => drawPerson(entry),
    heard: (room) => {
      if (room === shown) return;
      room.unread++;
      drawPerson(entry);
    },
    call: (callee) => desk.start(callee),
    again: () => connectTo(id),
    close: (room) => {
      desk.hangUp(id);
      room.close();
    },
    remove: forget,
  });
  byId("people").append(root);
  byId("people-empty").hidden = true;
  drawPerson(entry);
  return entry.room;
}

function drawPerson({ root, parts, room }) {
  showState(parts.state, room.state, room.briefly);
  parts.unread.hidden = room.unread === 0;
  parts.unread.textContent = `${room.unread} new`;
  root.firstElementChild.setAttribute("aria-current", String(room === shown));
}

function show(room) {
  shown = room;
  if (room) room.unread = 0;
  byId("stage").replaceChildren(room ? room.element : emptyStage);
  for (const entry of people.values()) drawPerson(entry);
  // On a phone the room is below everything else.
  if (room && matchMedia("(max-width: 799px)").matches) room.element.scrollIntoView();
}

function forget(room) {
  room.dispose();
  people.get(room.id).root.remove();
  people.delete(room.id);
  byId("people-empty").hidden = people.size > 0;
  if (shown === room) show(people.values().next().value?.room ?? null);
}
