// `peer.socket`: the connection to the server, with the members that programs written for PeerJS use.

import { EventEmitter } from "./emitter.js";

/**
 * The connection to the server. Emits `message` for each message of the server, `disconnected` when the server is lost,
 * and `error` for an invalid `send`.
 */
export class Socket extends EventEmitter {
  /** The WebSocket, set by Rust. Undefined before it is made and after it is closed. */
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

  /** Does nothing: the peer has started the socket already, and then PeerJS does nothing either. */
  start() {}
}
