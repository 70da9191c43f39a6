// The base classes of all objects with events.

import { LOG_ALL, LOG_ERRORS } from "./border/handles.js";
import { PeerError } from "./errors.js";

/**
 * The key of the property in which a Peer or connection keeps its Rust handle. It is not a private field, so that a
 * Proxy around the object works. It is equal in all copies of this library on a page, so that a class of one copy works
 * with a Peer of another.
 */
export const HANDLE = Symbol.for("peerjs-wasm");

/**
 * Behaves like the class of the package eventemitter3, which the classes of PeerJS extend. tests/js/emitter.test.mjs
 * compares both.
 */
export function EventEmitter() {
  this._events = Object.create(null);
  this._eventsCount = 0;
}

// Assigned, because the methods are enumerable in eventemitter3, and those of a class are not.
Object.assign(EventEmitter.prototype, {
  eventNames() {
    return Reflect.ownKeys(this._events);
  },

  listeners(event) {
    return (this._events[event] ?? []).map(({ fn }) => fn);
  },

  listenerCount(event) {
    return this.listeners(event).length;
  },

  emit(event, ...args) {
    const listeners = this._events[event];
    if (!listeners) return false;
    for (const { fn, context, once } of listeners) {
      if (once) this.removeListener(event, fn, undefined, true);
      fn.apply(context, args);
    }
    return true;
  },

  on(event, fn, context) {
    return add(this, event, fn, context, false);
  },

  once(event, fn, context) {
    return add(this, event, fn, context, true);
  },

  removeListener(event, fn, context, once) {
    const listeners = this._events[event];
    if (listeners) {
      const isOther = (listener) =>
        listener.fn !== fn || (once && !listener.once) || (context && listener.context !== context);
      const others = fn ? listeners.filter(isOther) : [];
      if (others.length > 0) {
        this._events[event] = others;
      } else {
        delete this._events[event];
        this._eventsCount--;
      }
    }
    return this;
  },

  removeAllListeners(event) {
    if (event) return this.removeListener(event);
    EventEmitter.call(this);
    return this;
  },
});

const { prototype } = EventEmitter;
prototype.off = prototype.removeListener;
prototype.addListener = prototype.on;

function add(emitter, event, fn, context, once) {
  if (typeof fn !== "function") throw new TypeError("The listener must be a function");
  const listeners = emitter._events[event];
  if (!listeners) emitter._eventsCount++;
  // A new array, so that a running `emit` does not call the new listener.
  emitter._events[event] = [...(listeners ?? []), { fn, context: context || emitter, once }];
  return emitter;
}

/** An EventEmitter whose `error` events carry a `PeerError`. */
export class Emitter extends EventEmitter {
  emit(event, ...values) {
    this._log(LOG_ALL, this.connectionId ?? "Peer", event, ...values);
    return super.emit(event, ...values);
  }

  /**
   * Logs an error, and emits it as the event `error`.
   * @param {string} type a documented error type
   * @param {string | Error} error
   * @param {object} [more] properties of the event's PeerError
   */
  emitError(type, error, more) {
    this._log(LOG_ERRORS, "Error:", error);
    this.emit("error", Object.assign(new PeerError(type, error), more));
  }
}

/**
 * Defines the private properties of PeerJS that programs read: `_id` with the value of `id`, and so on. Writing to them
 * has no effect.
 */
export function alias(Class, ...names) {
  for (const name of names) {
    Object.defineProperty(Class.prototype, `_${name}`, {
      get() {
        return this[name];
      },
      set() {},
    });
  }
}
