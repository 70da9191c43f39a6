// `peer.socket`: the connection to the server, as far as programs written for PeerJS use it.

import { EventEmitter } from "./emitter.js";

/** Emits `message` for each message of the server, `disconnected` when the server is lost, `error` for a bad `send`. */
export class Socket extends EventEmitter {
  /** The WebSocket, set from Rust: undefined before it is made and once it is closed. */
  _socket;

  _wsOpen() {
    return this._socket?.readyState === 1;
  }

  send(data) {
    if (!data.type) {
      this.emit("error", "Invalid message");
    } else if (this._wsOpen()) {
      this._socket.send(JSON.stringify(data));
    }
  }

  close() {
    this._socket?.close();
  }

  /** Does nothing: the peer has started it, and then PeerJS's does nothing either. */
  start() {}
}
