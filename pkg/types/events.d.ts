import type { PeerError } from "./errors.js";

/** The events of an emitter: each name with the signature of its listeners. */
export type Listeners<Events> = { [Event in keyof Events]: (...args: any[]) => void };

/**
 * A function that listens to an event: it may take fewer arguments than there are.
 *
 * @typeParam Signature - The event's signature.
 */
export type Listener<Signature extends (...args: any[]) => void> = (
  ...args: Parameters<Signature>
) => void;

/**
 * The event side of {@link Peer} and of every connection: EventEmitter3's interface, with names and arguments checked.
 * Listeners run synchronously, in the order in which they were added.
 *
 * @typeParam Events - The events: each name with the signature of its listeners.
 */
export declare class EventEmitter<Events extends Listeners<Events>> {
  /** The prefix of EventEmitter3's stored event names, or false where none is needed. */
  static prefixed: string | boolean;

  /**
   * Adds a listener. The same function may be added more than once, and is then called as often.
   *
   * @param event - The event's name.
   * @param fn - Called each time.
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
   * Adds a listener for one occurrence.
   *
   * @param event - The event's name.
   * @param fn - Called the next time, and then removed.
   * @param context - `this` inside `fn`. Default: the emitter.
   * @returns The emitter, for chaining.
   */
  once<Event extends keyof Events>(event: Event, fn: Listener<Events[Event]>, context?: any): this;

  /**
   * Removes listeners of an event: all those that match.
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
   * Removes every listener.
   *
   * @param event - Only those of this event. Default: of all events.
   * @returns The emitter, for chaining.
   */
  removeAllListeners(event?: keyof Events): this;

  /**
   * @param event - The event's name.
   * @returns A new array of the functions that listen to it, in the order of their calls.
   */
  listeners<Event extends keyof Events>(event: Event): Array<Listener<Events[Event]>>;

  /**
   * @param event - The event's name.
   * @returns How many listeners it has.
   */
  listenerCount(event: keyof Events): number;

  /** @returns The names of the events that have listeners. */
  eventNames(): Array<keyof Events>;

  /**
   * Calls the listeners of an event, one after another.
   *
   * @param event - The event's name.
   * @param args - What to call them with.
   * @returns Whether there was a listener.
   */
  emit<Event extends keyof Events>(event: Event, ...args: Parameters<Events[Event]>): boolean;
}

/** What an emitter of {@link PeerError}s has at least. */
export interface EventsWithError<ErrorType extends string> {
  /** Something went wrong. */
  error: (error: PeerError<`${ErrorType}`>) => void;
}

/** An emitter whose errors are {@link PeerError}s. */
export declare class EventEmitterWithError<
  ErrorType extends string,
  Events extends Listeners<Events> & EventsWithError<ErrorType>,
> extends EventEmitter<Events> {
  /**
   * Logs an error and emits it as the event `error`. A serializer of your own reports its errors with it.
   *
   * @param type - What went wrong.
   * @param err - In words, or the error that caused it.
   */
  emitError(type: ErrorType, err: string | Error): void;
}
