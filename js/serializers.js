// The built-in serializations of every Peer.

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

/** Calls `act` in a new task. A timer would be delayed by up to a second in a hidden page. */
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

  // Not through `_send`: that sends a value of this shape as a value of the application.
  _sendCloseRequest() {
    this[HANDLE].send_close();
  }

  _handleDataMessage({ data }) {
    this._take(data);
  }

  /** Decodes a frame. Without a frame, continues with received data, in a new task for each part of it. */
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

  /**
   * Emits each message of a batch as if it had come alone. A listener that throws does not stop the later messages; one
   * that closes the connection does.
   */
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
    // A leading space distinguishes a value of the application from the request to close.
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
      // PeerJS sends an empty text for undefined.
      value = json === "" ? null : this.parse(json);
    } catch (error) {
      this[HANDLE].invalid_data(error);
      return;
    }
    this.emit("data", value);
  }
}

/** No serialization: sends the arguments of RTCDataChannel.send unchanged. */
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
