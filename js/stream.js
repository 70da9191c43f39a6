// Connections whose messages form one stream of bytes.

import { SERIALIZATION_MSGPACK, STREAM_PIECE, UNREAD_LIMIT } from "./border/policy.js";
import { packMsgPack } from "./codec/pack.js";
import { StreamDecoder } from "./codec/reader.js";
import { CLOSE_REQUEST, DataConnection, isCloseRequest } from "./connection.js";
import { HANDLE } from "./emitter.js";
import { Peer } from "./peer.js";

export class StreamConnection extends DataConnection {
  /** Resumes `_write`, which waits for the channel to drain or to close. */
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
    // Added after the listener of the send queue, so that the queue sends its messages first.
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
      // The remote would close: a stream cannot distinguish this value from the request to close.
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
      // The beginning of the next value is unknown.
      this[HANDLE].invalid_data(this._decoder.error);
      this[HANDLE].end();
    }
  }
}

/** A Peer whose default serialization is MessagePack. */
export class MsgPackPeer extends Peer {
  _serializers = { [SERIALIZATION_MSGPACK]: MsgPack, default: MsgPack };
}
