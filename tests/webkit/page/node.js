// In place of Node's other modules and globals: what the tests of tests/js use of them.

export function readFileSync(url, encoding) {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.overrideMimeType("text/plain; charset=x-user-defined"); // each byte is a character
  request.send();
  const bytes = Uint8Array.from(request.responseText, (character) => character.charCodeAt(0));
  return encoding ? new TextDecoder(encoding).decode(bytes) : bytes;
}

let frame;

export default {
  /** As node:vm does: in another realm. */
  runInNewContext(code) {
    frame ??= document.body.appendChild(document.createElement("iframe"));
    return frame.contentWindow.eval(code);
  },
};

// WebKitGTK hides the class, and has its instances.
globalThis.SharedArrayBuffer ??= new WebAssembly.Memory({
  initial: 0,
  maximum: 0,
  shared: true,
}).buffer.constructor;

// A page cannot measure processor time: what the tests say about that is not tested here.
globalThis.process = { cpuUsage: () => ({ user: 0, system: 0 }) };

globalThis.Buffer = class Buffer extends Uint8Array {
  static from(value) {
    return new Buffer(typeof value === "string" ? new TextEncoder().encode(value) : value);
  }

  toString(encoding) {
    if (encoding !== "hex") return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this);
    return Array.from(this, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  equals(other) {
    return this.length === other.length && this.every((byte, at) => byte === other[at]);
  }
};
