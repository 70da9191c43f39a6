import type { PeerError } from "./errors.js";

/** The events of an emitter: maps the name of each event to the signature of its listeners. */
export type Listeners<Events> = { [Event in keyof Events]: (...args: any[]) => void };

/**
 * A listener of an event. It may take fewer arguments than the event has.
 *
 * @typeParam Signature - The event's signature.
 */
export type Listener<Signature extends (...args: any[]) => void> = (
  ...args: Parameters<Signature>
) => void;

/**
 * The base class of {@link Peer} and of all connections: the interface of EventEmitter3, with typed names and
 * arguments. Listeners are called synchronously, in the order in which they were added.
 *
 * @typeParam Events - The events: each name with the signature of its listeners.
 */
export declare class EventEmitter<Events extends Listeners<Events>> {
  /** The prefix of the event names that EventEmitter3 stores, or false if it needs none. */
  static prefixed: string | boolean;

  /**
   * Adds a listener. A function that is added several times is called as many times per event.
   *
   * @param event - The event's name.
   * @param fn - Called at each event.
   * @param context - `this` inside `fn`. Default: the emitter.
   * @returns The emitter, for chaining.
   */
  on<Event extends keyof Events>(event: Event, fn: Listener<Events[Event]>, context?: any): this;

  /** Another name of {@link EventEmitter.on}. */
  addListener<Event extends keyof Events>(
    event: Event,
    fn: Listener<Events[Event]>,
    context?: any,
  ): this;

  /**
   * Adds a listener for the next event only.
   *
   * @param event - The event's name.
   * @param fn - Called at the next event. It is removed before the call.
   * @param context - `this` inside `fn`. Default: the emitter.
   * @returns The emitter, for chaining.
   */
  once<Event extends keyof Events>(event: Event, fn: Listener<Events[Event]>, context?: any): this;

  /**
   * Removes all listeners of an event that match the arguments.
   *
   * @param event - The event's name.
   * @param fn - Only this function. Default: every listener of the event.
   * @param context - Only listeners added with this context. Default: any.
   * @param once - Only listeners added by `once`. Default: any.
   * @returns The emitter, for chaining.
   */
  off<Event extends keyof Events>(
    event: Event,
    fn?: Listener<Events[Event]>,
    context?: any,
    once?: boolean,
  ): this;

  /** Another name of {@link EventEmitter.off}. */
  removeListener<Event extends keyof Events>(
    event: Event,
    fn?: Listener<Events[Event]>,
    context?: any,
    once?: boolean,
  ): this;

  /**
   * Removes all listeners of one event or of all events.
   *
   * @param event - The event's name. Default: all events.
   * @returns The emitter, for chaining.
   */
  removeAllListeners(event?: keyof Events): this;

  /**
   * Returns the listeners of an event.
   *
   * @param event - The event's name.
   * @returns A new array of the functions, in the order in which they are called.
   */
  listeners<Event extends keyof Events>(event: Event): Array<Listener<Events[Event]>>;

  /**
   * Returns the number of listeners of an event.
   *
   * @param event - The event's name.
   */
  listenerCount(event: keyof Events): number;

  /** Returns the names of all events that have listeners. */
  eventNames(): Array<keyof Events>;

  /**
   * Calls the listeners of an event, one after the other.
   *
   * @param event - The event's name.
   * @param args - The arguments of the listeners.
   * @returns Whether there was a listener.
   */
  emit<Event extends keyof Events>(event: Event, ...args: Parameters<Events[Event]>): boolean;
}

/** The event that every emitter of {@link PeerError}s has. */
export interface EventsWithError<ErrorType extends string> {
  /** An operation has failed: {@link PeerError.type} is the kind of the error. */
  error: (error: PeerError<`${ErrorType}`>) => void;
}

/** An emitter whose errors are {@link PeerError}s. */
export declare class EventEmitterWithError<
  ErrorType extends string,
  Events extends Listeners<Events> & EventsWithError<ErrorType>,
> extends EventEmitter<Events> {
  /**
   * Logs an error and emits it as the event `error`. Custom serializers report their errors with it.
   *
   * @param type - The kind of the error.
   * @param err - The message, or the error that caused this one.
   */
  emitError(type: ErrorType, err: string | Error): void;
}
