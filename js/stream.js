// Connections that are streams of bytes.

import { SERIALIZATION_MSGPACK, STREAM_PIECE, UNREAD_LIMIT } from "./border/policy.js";
import { packMsgPack } from "./codec/pack.js";
import { StreamDecoder } from "./codec/reader.js";
import { CLOSE_REQUEST, DataConnection, isCloseRequest } from "./connection.js";
import { HANDLE } from "./emitter.js";
import { Peer } from "./peer.js";

export class StreamConnection extends DataConnection {
  /** Ends the wait for room in the channel's buffer. */
  _wake = () => {};

  constructor(peer, provider, options) {
    super(peer, provider, { ...options, reliable: true });
    this.writer = new WritableStream({ write: (bytes) => this._write(bytes) }).getWriter();
    this.writer.closed.catch(() => {});
    this._rawReadStream = new ReadableStream(
      { start: (controller) => (this._incoming = controller) },
      new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_LIMIT }),
    );
  }

  _initializeDataChannel(channel) {
    super._initializeDataChannel(channel);
    this._receiveFrom(channel);
  }

  _handleDataMessage({ data }) {
    if (this._incoming.desiredSize > 0) {
      this._incoming.enqueue(data);
    } else {
      this[HANDLE].invalid_data("The stream is not read.");
      this[HANDLE].end();
    }
  }

  async _write(bytes) {
    for (let at = 0; at < bytes.length; at += STREAM_PIECE) {
      while (this._open && this.bufferSize > 0) {
        await new Promise((resolve) => (this._wake = resolve));
      }
      if (!this._open) {
        throw new Error("The connection is not open.");
      }
      this[HANDLE].send_frame(bytes.subarray(at, at + STREAM_PIECE));
    }
  }

  _opened() {
    // Heard after the queue behind this stream has heard it, and has sent what waited there.
    this.dataChannel.addEventListener("bufferedamountlow", () => this._wake());
    super._opened();
  }

  _closed(news) {
    super._closed(news);
    this._wake();
  }
}

/** One continuous MessagePack stream. */
export class MsgPack extends StreamConnection {
  serialization = SERIALIZATION_MSGPACK;
  _decoder = new StreamDecoder(this[HANDLE].receive_limit());

  _send(data) {
    if (isCloseRequest(data)) {
      // The remote would close: in a stream nothing tells a value from the request.
      throw new TypeError("data is the request to close, which cannot be sent.");
    }
    return this._queue(data);
  }

  _sendCloseRequest() {
    return this._queue(CLOSE_REQUEST);
  }

  _queue(data) {
    return this.writer.write(packMsgPack(data));
  }

  _handleDataMessage({ data }) {
    if (!this[HANDLE].accepts(data.byteLength)) {
      this[HANDLE].end();
      return;
    }
    for (const value of this._decoder.push(data)) {
      if (isCloseRequest(value)) {
        this[HANDLE].end();
        return;
      }
      this.emit("data", value);
    }
    if (this._decoder.error) {
      // Where the next value begins is not known any more.
      this[HANDLE].invalid_data(this._decoder.error);
      this[HANDLE].end();
    }
  }
}

/** A Peer that speaks MessagePack unless told otherwise. */
export class MsgPackPeer extends Peer {
  _serializers = { [SERIALIZATION_MSGPACK]: MsgPack, default: MsgPack };
}
