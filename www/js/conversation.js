// A conversation with one other person: a connection, a chat, files. It outlives the connection, so that messages and files
// stay, and so that the two can connect again.

import { Chat } from "./chat.js";
import { clone, showState } from "./dom.js";
import { Files } from "./files.js";
import { describe } from "./words.js";

const STATES = {
  connecting: "Connecting…",
  open: "Connected",
  interrupted: "Interrupted, waiting…",
  closed: "Not connected",
};

/** Errors that a `close` follows. */
const FATAL = ["connection-closed", "negotiation-failed"];

export class Conversation {
  /** @type {"connecting" | "open" | "interrupted" | "closed"} */
  state = "closed";
  unread = 0;
  #parts;
  #chat;
  #files;
  #connection = null;
  #connectedBy = "";
  #reason = "";
  #changed;
  #heard;

  /** @param on handlers: `changed(conversation)`, `heard(conversation)`, `call(id)`, `again(conversation)`, `close(conversation)`, `remove(conversation)` */
  constructor(id, on) {
    this.id = id;
    const { root, parts } = clone("conversation-template");
    this.element = root;
    this.#parts = parts;
    this.#changed = on.changed;
    this.#heard = on.heard;
    parts.id.textContent = id;
    const send = (message) => this.#send(message);
    this.#chat = new Chat(parts, send);
    this.#files = new Files(parts, send);
    parts.call.addEventListener("click", () => on.call(id));
    for (const name of ["again", "close", "remove"])
      parts[name].addEventListener("click", () => on[name](this));
    this.#draw();
  }

  /** The state in a word or two. */
  get briefly() {
    return STATES[this.state];
  }

  /** Adds a line to the chat that neither person wrote. */
  note(text) {
    this.#chat.note(text);
  }

  /**
   * Uses a connection for this conversation.
   * @param by the id of the peer that connected
   */
  adopt(connection, by) {
    const old = this.#connection;
    if (old && !old.open && this.#connectedBy !== by && by > this.#connectedBy) {
      // Both connected at the same moment: both keep the connection that the smaller id began.
      connection.close();
      return;
    }
    this.#connection = connection;
    this.#connectedBy = by;
    this.#reason = "";
    this.#files.abandon("The connection was lost");
    old?.close();

    // Events of a connection that was replaced meanwhile are ignored.
    const on = (event, handler) =>
      connection.on(event, (value) => {
        if (connection === this.#connection) handler(value);
      });
    on("open", () => this.#set("open"));
    on("data", (message) => this.#receive(message));
    on("close", () => this.#lost("The other side has closed the connection."));
    on("error", (error) => {
      const sentence = describe(error);
      if (!connection.open) this.#lost(sentence);
      else if (FATAL.includes(error.type)) this.#reason = sentence;
      else this.note(sentence);
    });
    on("iceStateChanged", (iceState) => {
      if (!connection.open) return;
      if (iceState === "disconnected") this.#set("interrupted");
      else if (iceState === "connected") this.#set("open");
    });
    this.#set(connection.open ? "open" : "connecting");
  }

  /** Ends the connection. */
  close() {
    const connection = this.#connection;
    this.#reason = "You have closed the connection.";
    this.#lost(this.#reason);
    connection?.close();
  }

  /** The connection could not be made. */
  fail(sentence) {
    if (this.state === "connecting") this.#lost(sentence);
  }

  dispose() {
    this.close();
    this.#files.dispose();
  }

  get #live() {
    return this.state === "open" || this.state === "interrupted";
  }

  #send(message) {
    if (!this.#connection?.open) return false;
    this.#connection.send(message);
    return true;
  }

  #receive(message) {
    if (message === null || typeof message !== "object") return;
    if (this.#chat.receive(message)) this.#heard(this);
    else if (this.#files.receive(message) && message.kind === "file-offer") this.#heard(this);
  }

  #lost(reason) {
    if (!this.#connection) return;
    this.#connection = null;
    this.#reason ||= reason;
    this.#files.abandon("The connection was lost");
    this.#set("closed");
  }

  #set(state) {
    const wasLive = this.#live;
    this.state = state;
    this.#draw();
    if (wasLive && !this.#live) this.note(this.#reason);
    this.#changed(this);
  }

  #draw() {
    const { state } = this;
    const live = this.#live;
    const parts = this.#parts;
    this.#chat.enabled = live;
    this.#files.enabled = live;
    parts.call.hidden = !live;
    parts.close.hidden = state === "closed";
    parts.close.textContent = state === "connecting" ? "Cancel" : "Disconnect";
    parts.again.hidden = state !== "closed";
    parts.remove.hidden = state !== "closed";
    showState(parts.state, state, (state === "closed" && this.#reason) || this.briefly);
  }
}
