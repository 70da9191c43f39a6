// What every object with events is.

import EventEmitter from "eventemitter3";
import { PeerError } from "./errors.js";

/** The key under which a face keeps its Rust handle: not a private field, so that a Proxy around a face works. */
export const HANDLE = Symbol("handle");

/** An EventEmitter3 whose `error` events carry a `PeerError`. */
export class Emitter extends EventEmitter {
  /**
   * Emits `error`.
   * @param {string} type a documented error type
   * @param {string | Error} error
   */
  emitError(type, error) {
    this._log(1, "Error:", error);
    this.emit("error", new PeerError(type, error));
  }
}
