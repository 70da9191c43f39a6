// Our EventEmitter against the package that PeerJS uses: whatever is done to both, both do the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import Theirs from "eventemitter3";
import fc from "fast-check";
import { EventEmitter as Ours } from "../../js/emitter.js";

const EVENTS = ["data", "close", "1", "__proto__", Symbol("event")];
const METHODS = [
  "on",
  "once",
  "off",
  "addListener",
  "removeListener",
  "removeAllListeners",
  "emit",
];

const event = fc.constantFrom(...EVENTS);
const index = fc.nat(2);
/** What a listener does while it is called; of a few listeners each does always the same. */
const call = fc.record({
  method: fc.constantFrom(...METHODS),
  event: fc.option(event, { freq: 20, nil: undefined }),
  listener: fc.option(index, { freq: 10, nil: undefined }),
  context: fc.option(index, { nil: undefined }),
  once: fc.boolean(),
});
const programs = fc.record({
  calls: fc.array(call, { maxLength: 30 }),
  nested: fc.array(fc.option(call), { minLength: 3, maxLength: 3 }),
});

/** Everything that can be observed while the calls are carried out. */
function observe(Emitter, { calls, nested }) {
  const seen = [];
  const emitter = new Emitter();
  const contexts = [{}, {}, {}];
  let depth = 0;
  const listeners = nested.map(
    (inner, number) =>
      function (...args) {
        const context = contexts.indexOf(this);
        seen.push([number, context < 0 ? this === emitter : context, args]);
        if (inner && depth < 3) apply(inner);
      },
  );
  function apply({ method, event, listener, context, once }) {
    depth++;
    const [fn, self] = [listeners[listener], contexts[context]];
    const args = method.startsWith("emit") ? [event, listener, once] : [event, fn, self, once];
    try {
      const result = emitter[method](
        ...args.slice(0, method === "on" || method === "once" ? 3 : 4),
      );
      seen.push([method, result === emitter || result]);
    } catch (error) {
      seen.push([method, error.constructor.name, error.message]);
    }
    for (const event of [...EVENTS, undefined]) {
      const now = emitter.listeners(event).map((fn) => listeners.indexOf(fn));
      seen.push([now, emitter.listenerCount(event)]);
    }
    seen.push([emitter.eventNames(), emitter._eventsCount]);
    depth--;
  }
  for (const call of calls) apply(call);
  return seen;
}

test("does what eventemitter3 does", () => {
  fc.assert(
    fc.property(programs, (program) => {
      assert.deepEqual(observe(Ours, program), observe(Theirs, program));
    }),
    { numRuns: 2000 },
  );
});

test("shows the same to a program that looks at it", () => {
  const names = (Emitter) => {
    const all = [];
    for (const name in new Emitter()) all.push(name);
    return all.sort();
  };
  assert.deepEqual(names(Ours), names(Theirs));
  assert.equal(Ours.prototype.addListener.name, Theirs.prototype.addListener.name);
});
