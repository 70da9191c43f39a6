// Sends and receives files over one reliable connection, without touching the page.
//
//   sender → receiver                        receiver → sender
//   file-offer  {file, name, size}           file-ack   {file, received}
//   file-part   {file, offset, data}         file-stop  {file, reason}
//   file-cancel {file, reason}
//
// `file` counts up at the sender. A sender has at most WINDOW bytes on the way, and both ends show what has been
// acknowledged, so that progress is real and a cancel takes effect at once.

const PART = 256 * 1024;
const WINDOW = 4 * 1024 * 1024;
/** Parts are gathered in a Blob, which a browser may keep on disk, whenever this many bytes are in memory. */
const GATHER = 16 * 1024 * 1024;
export const MAX_FILE = 4 * 1024 ** 3;
const MAX_WAITING = 500;

/** One file on its way, in either direction. */
export class Transfer {
  /** @type {"waiting" | "active" | "done" | "stopped"} */
  state = "waiting";
  /** Why it stopped, in words. */
  reason = "";
  /** Bytes that the receiver has. */
  moved = 0;
  /** The received file, once it is done. */
  blob = null;
  #samples = [];
  #startedAt = 0;
  #seconds = 0;

  constructor(outgoing, name, size) {
    this.outgoing = outgoing;
    this.name = name;
    this.size = size;
  }

  get running() {
    return this.state === "waiting" || this.state === "active";
  }

  /** Bytes per second: over the last seconds while it runs, over all of it once it is done. */
  get speed() {
    if (this.state === "done") return this.size / Math.max(this.#seconds, 0.001);
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    return last && last.time > first.time
      ? ((last.moved - first.moved) / (last.time - first.time)) * 1000
      : 0;
  }

  /** Seconds to go, or that it took; undefined while it cannot be told. */
  get seconds() {
    if (this.state === "done") return this.#seconds;
    return this.speed ? (this.size - this.moved) / this.speed : undefined;
  }

  begin() {
    this.state = "active";
    this.#startedAt = performance.now();
    this.#samples = [{ time: this.#startedAt, moved: 0 }];
  }

  moveTo(bytes) {
    const time = performance.now();
    this.moved = bytes;
    if (time - this.#samples.at(-1).time >= 100) this.#samples.push({ time, moved: bytes });
    while (time - this.#samples[0].time > 3000 && this.#samples.length > 2) this.#samples.shift();
  }

  finish(blob) {
    this.#seconds = (performance.now() - this.#startedAt) / 1000;
    this.state = "done";
    this.blob = blob;
  }

  stop(reason) {
    this.state = "stopped";
    this.reason = reason;
  }
}

/** All files of one conversation. */
export class Transfers {
  #outgoing = new Map();
  #incoming = new Map();
  #nextFile = 0;
  #sending = false;
  #send;
  #added;
  #changed;

  /**
   * @param on `send(message)` to the other side; `added(transfer)` and `changed(transfer)` to show them
   */
  constructor({ send, added, changed }) {
    this.#send = send;
    this.#added = added;
    this.#changed = changed;
  }

  /** Queues a file and tells the other side what is coming. */
  offer(file) {
    const transfer = new Transfer(true, file.name, file.size);
    this.#added(transfer);
    if (file.size > MAX_FILE) return this.#end(transfer, "Too big for this page (over 4 GB)");
    const number = this.#nextFile++;
    this.#outgoing.set(number, { transfer, file, sent: 0, wake: () => {} });
    this.#send({ kind: "file-offer", file: number, name: file.name, size: file.size });
    this.#work();
  }

  cancel(transfer) {
    const [kind, map] = transfer.outgoing
      ? ["file-cancel", this.#outgoing]
      : ["file-stop", this.#incoming];
    for (const [number, entry] of map) {
      if (entry.transfer !== transfer) continue;
      this.#send({ kind, file: number, reason: "Cancelled by the other side" });
      this.#drop(map, number, "Cancelled");
    }
  }

  /** Stops all transfers, because the connection is closed. */
  abandon(reason) {
    for (const map of [this.#outgoing, this.#incoming])
      for (const number of map.keys()) this.#drop(map, number, reason);
  }

  /** @returns whether the message was about a file */
  receive(message) {
    switch (message.kind) {
      case "file-offer":
        this.#offered(message);
        return true;
      case "file-part":
        this.#part(message);
        return true;
      case "file-ack":
        this.#acknowledged(message);
        return true;
      case "file-cancel":
        this.#drop(this.#incoming, message.file, text(message.reason));
        return true;
      case "file-stop":
        this.#drop(this.#outgoing, message.file, text(message.reason));
        return true;
      default:
        return false;
    }
  }

  // --- sending

  async #work() {
    if (this.#sending) return;
    this.#sending = true;
    // One file after the other, in the order they were offered; new ones may join meanwhile.
    for (const number of this.#outgoing.keys()) await this.#sendFile(number);
    this.#sending = false;
  }

  async #sendFile(number) {
    const entry = this.#outgoing.get(number);
    const { transfer, file } = entry;
    if (transfer.state === "waiting") transfer.begin();
    this.#changed(transfer);
    while (transfer.running) {
      if (entry.sent === transfer.size || entry.sent - transfer.moved >= WINDOW) {
        await new Promise((resolve) => {
          entry.wake = resolve;
        });
        continue;
      }
      const offset = entry.sent;
      const data = await file
        .slice(offset, offset + PART)
        .arrayBuffer()
        .catch(() => null);
      if (!transfer.running) return;
      if (!data) {
        this.#send({
          kind: "file-cancel",
          file: number,
          reason: "The sender cannot read the file",
        });
        return this.#drop(this.#outgoing, number, "This file cannot be read");
      }
      entry.sent += data.byteLength;
      this.#send({ kind: "file-part", file: number, offset, data });
    }
  }

  #acknowledged({ file, received }) {
    const entry = this.#outgoing.get(file);
    if (!entry || !Number.isInteger(received)) return;
    const { transfer } = entry;
    if (received < transfer.moved || received > entry.sent) return;
    if (transfer.state === "waiting") transfer.begin();
    transfer.moveTo(received);
    if (received === transfer.size) {
      transfer.finish(null);
      this.#outgoing.delete(file);
    }
    entry.wake();
    this.#changed(transfer);
  }

  // --- receiving

  #offered({ file, name, size }) {
    if (!Number.isInteger(file) || this.#incoming.has(file)) return;
    const acceptable = Number.isInteger(size) && size >= 0 && size <= MAX_FILE;
    if (!acceptable || this.#incoming.size >= MAX_WAITING) {
      this.#send({ kind: "file-stop", file, reason: "The other side does not accept it" });
      return;
    }
    const transfer = new Transfer(false, safeName(name), size);
    this.#incoming.set(file, { transfer, blob: new Blob(), parts: [], held: 0 });
    this.#added(transfer);
    if (size === 0) {
      transfer.begin();
      this.#arrived(file, 0);
    }
  }

  #part({ file, offset, data }) {
    const entry = this.#incoming.get(file);
    if (!entry) return; // it was cancelled while this was on its way
    const { transfer } = entry;
    const length = isBinary(data) ? data.byteLength : 0;
    if (length === 0 || offset !== transfer.moved || length > transfer.size - offset) {
      this.#send({ kind: "file-stop", file, reason: "The file arrived damaged" });
      return this.#drop(this.#incoming, file, "The file arrived damaged");
    }
    if (transfer.state === "waiting") transfer.begin();
    entry.parts.push(data);
    entry.held += length;
    if (entry.held >= GATHER) {
      entry.blob = new Blob([entry.blob, ...entry.parts]);
      entry.parts = [];
      entry.held = 0;
    }
    this.#arrived(file, offset + length);
  }

  #arrived(file, received) {
    const { transfer, blob, parts } = this.#incoming.get(file);
    transfer.moveTo(received);
    this.#send({ kind: "file-ack", file, received });
    if (received === transfer.size) {
      // Never the type the sender claims: a page opened from it would run as ours.
      transfer.finish(new Blob([blob, ...parts], { type: "application/octet-stream" }));
      this.#incoming.delete(file);
    }
    this.#changed(transfer);
  }

  // --- both

  #drop(map, number, reason) {
    const entry = map.get(number);
    if (!entry) return;
    map.delete(number);
    this.#end(entry.transfer, reason);
    entry.wake?.();
  }

  #end(transfer, reason) {
    transfer.stop(reason);
    this.#changed(transfer);
  }
}

const isBinary = (data) => data instanceof ArrayBuffer || ArrayBuffer.isView(data);

const text = (value) => (typeof value === "string" ? value.slice(0, 200) : "Stopped");

/** A name to show and to save under: no paths, nothing invisible, nothing endless. */
function safeName(name) {
  const clean = String(name)
    .replace(/[\p{C}\\/:*?"<>|]/gu, "_")
    .slice(-200)
    .trim();
  return clean.replace(/^\.+$/, "") || "unnamed";
}
