// The serializations that every Peer has.

import { reader, readValue } from "./codec/reader.js";
import { writeValue } from "./codec/writer.js";
import { BufferedConnection, isCloseRequest } from "./connection.js";
import { HANDLE } from "./emitter.js";

/** BinaryPack. `binary-utf8` is another name for it. */
export class BinaryConnection extends BufferedConnection {
  constructor(peer, provider, options) {
    super(peer, provider, options);
    this.serialization = options.serialization === "binary-utf8" ? "binary-utf8" : "binary";
  }

  _send(data) {
    const { slots, bodies } = writeValue(data);
    return this[HANDLE].send_tape(slots, bodies);
  }

  _handleDataMessage({ data }) {
    const values = this[HANDLE].receive(reader, data);
    if (values === 1) {
      this.emit("data", readValue());
    } else if (values > 1) {
      this._emitEach(readValue().values());
    }
  }

  /** As if each had come alone: a listener that throws keeps none from the others, one that closes does. */
  _emitEach(values) {
    try {
      for (const value of values) {
        if (!this._open) return;
        this.emit("data", value);
      }
    } catch (error) {
      queueMicrotask(() => this._emitEach(values));
      throw error;
    }
  }
}

export class JsonConnection extends BufferedConnection {
  serialization = "json";
  encoder = new TextEncoder();
  decoder = new TextDecoder();
  stringify = JSON.stringify;
  parse = JSON.parse;

  _send(data) {
    this[HANDLE].send_json(this.encoder.encode(this.stringify(data) ?? "null"));
  }

  _handleDataMessage({ data }) {
    let value;
    try {
      const json = typeof data === "string" ? data : this.decoder.decode(data);
      // PeerJS sends nothing at all for undefined.
      value = json === "" ? null : this.parse(json);
    } catch (error) {
      this[HANDLE].invalid_data(error);
      return;
    }
    if (isCloseRequest(value)) {
      this[HANDLE].end();
    } else {
      this.emit("data", value);
    }
  }
}

/** Whatever RTCDataChannel.send takes, untouched. */
export class RawConnection extends BufferedConnection {
  constructor(peer, provider, options) {
    super(peer, provider, options);
    this.serialization = options.serialization === "none" ? "none" : "raw";
  }

  _send(data) {
    this._bufferedSend(data);
  }

  _sendCloseRequest() {}

  _handleDataMessage({ data }) {
    this.emit("data", data);
  }
}
