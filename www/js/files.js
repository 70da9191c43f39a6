// The list of files of one conversation: choosing, dropping, rows with progress.

import { announce, clone } from "./dom.js";
import { Transfers } from "./transfer.js";
import { formatBytes, formatDuration } from "./words.js";

/** A bar that moves ten times a second looks smooth; more would only cost time. */
const REDRAW_MS = 100;

export class Files {
  #parts;
  #transfers;
  #rows = new Map();
  #enabled = false;

  constructor(parts, send) {
    this.#parts = parts;
    this.#transfers = new Transfers({
      send,
      added: (transfer) => this.#addRow(transfer),
      changed: (transfer) => this.#draw(transfer),
    });
    const input = parts["file-input"];
    input.addEventListener("change", () => {
      this.#offer(input.files);
      input.value = ""; // so that the same file can be chosen again
    });
    this.#takeDrops(parts.drop);
  }

  set enabled(enabled) {
    this.#enabled = enabled;
    this.#parts["file-input"].disabled = !enabled;
  }

  /** @returns whether the message was about a file */
  receive(message) {
    return this.#transfers.receive(message);
  }

  abandon(reason) {
    this.#transfers.abandon(reason);
  }

  /** Frees the received files. */
  dispose() {
    for (const { parts } of this.#rows.values()) URL.revokeObjectURL(parts.download.href);
  }

  #offer(files) {
    for (const file of files) this.#transfers.offer(file);
  }

  #takeDrops(zone) {
    const hover = (event) => {
      const takes = this.#enabled && event.dataTransfer.types.includes("Files");
      event.dataTransfer.dropEffect = takes ? "copy" : "none";
      zone.classList.toggle("over", takes);
      event.preventDefault();
    };
    zone.addEventListener("dragenter", hover);
    zone.addEventListener("dragover", hover);
    zone.addEventListener("dragleave", (event) => {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
    });
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (this.#enabled) this.#offer(event.dataTransfer.files);
    });
  }

  #addRow(transfer) {
    const { root, parts } = clone("file-template");
    root.classList.add(transfer.outgoing ? "outgoing" : "incoming");
    parts.name.textContent = transfer.name;
    parts.progress.setAttribute("aria-label", `Progress of ${transfer.name}`);
    parts.cancel.setAttribute("aria-label", `Cancel ${transfer.name}`);
    parts.cancel.addEventListener("click", () => this.#transfers.cancel(transfer));
    this.#rows.set(transfer, { root, parts, drawnAt: 0, state: "" });
    this.#parts["files-empty"].hidden = true;
    this.#parts.rows.prepend(root);
    this.#draw(transfer);
  }

  #draw(transfer) {
    const row = this.#rows.get(transfer);
    const now = performance.now();
    const sameState = row.state === transfer.state;
    if (sameState && now - row.drawnAt < REDRAW_MS) return;
    row.drawnAt = now;
    row.state = transfer.state;
    const { root, parts } = row;
    root.dataset.state = transfer.state;
    parts.progress.value = transfer.state === "done" ? 1 : transfer.moved / (transfer.size || 1);
    parts.progress.hidden = !transfer.running;
    parts.cancel.hidden = !transfer.running;
    parts.status.textContent = statusWords(transfer);
    if (sameState || transfer.running) return;
    announce(`${transfer.name}: ${parts.status.textContent}`);
    if (transfer.blob) {
      parts.download.href = URL.createObjectURL(transfer.blob);
      parts.download.download = transfer.name;
      parts.download.setAttribute("aria-label", `Download ${transfer.name}`);
      parts.download.hidden = false;
    }
  }
}

function statusWords(transfer) {
  const { outgoing, size, moved, speed, seconds } = transfer;
  const total = formatBytes(size);
  switch (transfer.state) {
    case "waiting":
      return `${total} · ${outgoing ? "Waiting to be sent" : "Announced, waiting for its turn"}`;
    case "active": {
      const left = seconds === undefined ? "" : ` · ${formatDuration(Math.ceil(seconds))} left`;
      return `${formatBytes(moved)} of ${total} · ${formatBytes(speed)}/s${left}`;
    }
    case "done": {
      const words = `${total} · ${outgoing ? "Delivered" : "Received"}`;
      // A transfer that took no measurable time has no speed.
      return seconds < 0.1
        ? words
        : `${words} in ${formatDuration(seconds)} · ${formatBytes(speed)}/s`;
    }
    default:
      return `${total} · ${transfer.reason}`;
  }
}
