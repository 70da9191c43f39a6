// The serializations that every Peer has.

import { RECEIVED_BATCH, RECEIVED_UNFINISHED, RECEIVED_VALUE } from "./border/handles.js";
import {
  CLOSE_JSON,
  SERIALIZATION_BINARY,
  SERIALIZATION_BINARY_UTF8,
  SERIALIZATION_JSON,
  SERIALIZATION_NONE,
  SERIALIZATION_RAW,
} from "./border/policy.js";
import { reader, readValue } from "./codec/reader.js";
import { writeValue } from "./codec/writer.js";
import { BufferedConnection } from "./connection.js";
import { HANDLE } from "./emitter.js";

/** A timer would wait a second each time where the page is not seen. */
function inNextTask(act) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    act();
  };
  port2.postMessage(null);
}

/** BinaryPack. `binary-utf8` is another name for it. */
export class BinaryConnection extends BufferedConnection {
  constructor(peer, provider, options) {
    super(peer, provider, options);
    this.serialization =
      options.serialization === SERIALIZATION_BINARY_UTF8
        ? SERIALIZATION_BINARY_UTF8
        : SERIALIZATION_BINARY;
  }

  _send(data) {
    const { slots, bodies } = writeValue(data);
    return this[HANDLE].send_tape(slots, bodies);
  }

  // Through `_send` it would be a user's, who may send anything.
  _sendCloseRequest() {
    this[HANDLE].send_close();
  }

  _handleDataMessage({ data }) {
    this._take(data);
  }

  /** Takes in a frame, or goes on with those that came: in a task of its own, since it may be much. */
  _take(frame) {
    const received = this[HANDLE].receive(reader, frame);
    if (received === RECEIVED_VALUE) {
      this.emit("data", readValue());
    } else if (received === RECEIVED_BATCH) {
      this._emitEach(readValue().values());
    } else if (received === RECEIVED_UNFINISHED) {
      inNextTask(() => this._open && this._take());
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
  serialization = SERIALIZATION_JSON;
  encoder = new TextEncoder();
  decoder = new TextDecoder();
  stringify = JSON.stringify;
  parse = JSON.parse;

  _send(data) {
    const json = this.stringify(data) ?? "null";
    // With a space before it, it is the user's.
    this._sendJson(json === CLOSE_JSON ? ` ${json}` : json);
  }

  _sendJson(json) {
    this[HANDLE].send_json(this.encoder.encode(json));
  }

  _sendCloseRequest() {
    this._sendJson(CLOSE_JSON);
  }

  _handleDataMessage({ data }) {
    if (!this[HANDLE].accepts(data.byteLength ?? data.length)) {
      return;
    }
    const json = typeof data === "string" ? data : this.decoder.decode(data);
    if (json === CLOSE_JSON) {
      this[HANDLE].end();
      return;
    }
    let value;
    try {
      // PeerJS sends nothing at all for undefined.
      value = json === "" ? null : this.parse(json);
    } catch (error) {
      this[HANDLE].invalid_data(error);
      return;
    }
    this.emit("data", value);
  }
}

/** Whatever RTCDataChannel.send takes, untouched. */
export class RawConnection extends BufferedConnection {
  constructor(peer, provider, options) {
    super(peer, provider, options);
    this.serialization =
      options.serialization === SERIALIZATION_NONE ? SERIALIZATION_NONE : SERIALIZATION_RAW;
  }

  _send(data) {
    this._bufferedSend(data);
  }

  _sendCloseRequest() {
    return false;
  }

  _handleDataMessage({ data }) {
    this.emit("data", data);
  }
}
