// The face of a call.

import { BaseConnection } from "./connection.js";
import { HANDLE } from "./emitter.js";

export class MediaConnection extends BaseConnection {
  static ID_PREFIX = "mc_";

  _localStream;
  _remoteStream;

  constructor(peer, provider, options) {
    super(peer, provider, options);
    // A call that comes in is started by its answer.
    if ("_stream" in options) {
      this._localStream = options._stream;
      this[HANDLE].start(options._stream);
    }
  }

  get type() {
    return "media";
  }

  get localStream() {
    return this._localStream;
  }

  get remoteStream() {
    return this._remoteStream;
  }

  answer(stream, options) {
    if (this[HANDLE].start(stream, options)) {
      this._localStream = stream;
      this[HANDLE].opened();
    }
  }

  // Called from Rust, as are the next two.
  addStream(stream) {
    this._remoteStream = stream;
    this.emit("stream", stream);
  }

  _opened() {
    this._open = true;
  }

  _closed(news) {
    this._localStream = null;
    this._remoteStream = null;
    this.options._stream = null;
    super._closed(news);
  }
}
