// The page as a whole: the server, the people, the conversation that is shown, the call.

import { CallDesk } from "./call.js";
import { Conversation } from "./conversation.js";
import { byId, clone, notify, showState } from "./dom.js";
import { Server } from "./server.js";
import { ownSignaling } from "./signaling.js";
import { describe, shortId } from "./words.js";

const SERVER_WORDS = {
  connecting: "Connecting to the server…",
  open: "Ready: others can reach you",
  disconnected: "Not connected to the server; open connections go on",
  gone: "No connection to the server",
};

/** By the other person's id: their conversation and their entry in the list of people. */
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
  ownSignaling().then(begin, (error) => {
    showState(byId("server-state"), "gone", SERVER_WORDS.gone);
    notify(`The broker cannot be used: ${error.message}`);
  });
}

function begin(own) {
  desk = new CallDesk({
    place: (id, stream) => server.peer.call(id, stream),
    ended: (id, sentence) => conversationOf(id).note(sentence),
  });
  server = new Server(
    {
      changed: serverChanged,
      connection: (connection) => {
        const conversation = conversationOf(connection.peer);
        conversation.adopt(connection, conversation.id);
        if (!shown || shown.state === "closed") show(conversation);
      },
      call: (call) => desk.ring(call),
      error: peerError,
    },
    own,
  );
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
    const conversation = conversationOf(id);
    if (conversation.state === "closed") {
      const connection = server.peer.connect(id, { reliable: true });
      if (!connection) return false; // the Peer has said why
      conversation.adopt(connection, server.id);
    }
    show(conversation);
    return true;
  }
  return false;
}

function peerError(error) {
  if (error.type !== "peer-unavailable") return notify(describe(error));
  // Only the text names the connection.
  const sentence = describe(error);
  for (const [id, { conversation }] of people) {
    if (!error.message.endsWith(id)) continue;
    conversation.fail(sentence);
    desk.fail(id, sentence);
  }
}

// --- people

function conversationOf(id) {
  const known = people.get(id);
  if (known) return known.conversation;
  const { root, parts } = clone("person-template");
  parts.id.textContent = shortId(id);
  root.firstElementChild.title = id;
  root.firstElementChild.addEventListener("click", () => show(people.get(id).conversation));
  const entry = { root, parts, conversation: null };
  people.set(id, entry);
  entry.conversation = new Conversation(id, {
    changed: () => drawPerson(entry),
    heard: (conversation) => {
      if (conversation === shown) return;
      conversation.unread++;
      drawPerson(entry);
    },
    call: (callee) => desk.start(callee),
    again: () => connectTo(id),
    close: (conversation) => {
      desk.hangUp(id);
      conversation.close();
    },
    remove: forget,
  });
  byId("people").append(root);
  byId("people-empty").hidden = true;
  drawPerson(entry);
  return entry.conversation;
}

function drawPerson({ root, parts, conversation }) {
  showState(parts.state, conversation.state, conversation.briefly);
  parts.unread.hidden = conversation.unread === 0;
  parts.unread.textContent = `${conversation.unread} new`;
  root.firstElementChild.setAttribute("aria-current", String(conversation === shown));
}

function show(conversation) {
  shown = conversation;
  if (conversation) conversation.unread = 0;
  byId("stage").replaceChildren(conversation ? conversation.element : emptyStage);
  for (const entry of people.values()) drawPerson(entry);
  // On a phone the conversation is below everything else.
  if (conversation && matchMedia("(max-width: 799px)").matches)
    conversation.element.scrollIntoView();
}

function forget(conversation) {
  conversation.dispose();
  people.get(conversation.id).root.remove();
  people.delete(conversation.id);
  byId("people-empty").hidden = people.size > 0;
  if (shown === conversation) show(people.values().next().value?.conversation ?? null);
}
