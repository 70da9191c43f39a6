// The chat of one conversation.

import { clone } from "./dom.js";

const MAX_TEXT = 10_000;
const MAX_LINES = 500;

export class Chat {
  #log;
  #input;
  #button;

  /** @param send sends a message to the other person, and returns whether it was sent */
  constructor(parts, send) {
    this.#log = parts.log;
    this.#input = parts["chat-input"];
    this.#button = parts["chat-send"];
    this.note("Say hello: only the two of you can read this.");
    parts["chat-form"].addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#input.value.trim();
      if (!text || !send({ kind: "chat", text })) return;
      this.#add("mine", text);
      this.#input.value = "";
    });
  }

  set enabled(enabled) {
    this.#input.disabled = !enabled;
    this.#button.disabled = !enabled;
  }

  /** @returns whether the message was a chat message */
  receive(message) {
    if (message.kind !== "chat" || typeof message.text !== "string") return false;
    this.#add("theirs", message.text.slice(0, MAX_TEXT));
    return true;
  }

  /** Adds a line that neither person wrote. */
  note(text) {
    this.#add("note", text);
  }

  #add(from, text) {
    const { root, parts } = clone("line-template");
    root.className = from;
    parts.text.textContent = text;
    const now = new Date();
    parts.time.dateTime = now.toISOString();
    parts.time.textContent = now.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.#log.append(root);
    if (this.#log.childElementCount > MAX_LINES) this.#log.firstElementChild.remove();
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}
