// In place of node:assert/strict: what the tests of tests/js use of it.

class AssertionError extends Error {
  name = "AssertionError";
}

function brief(value) {
  if (typeof value === "function" || value instanceof Error) return String(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return `${value.constructor.name}(${value.byteLength})`;
  }
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function check(holds, message, ...values) {
  if (holds) return;
  if (message instanceof Error) throw message;
  throw new AssertionError(`${message ?? "it does not hold"}: ${values.map(brief).join(" and ")}`);
}

const bytesOf = (value) => {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return (
    ArrayBuffer.isView(value) && new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  );
};

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime());
  const [left, right] = [bytesOf(a), bytesOf(b)];
  if (left) return left.length === right.length && left.every((byte, at) => byte === right[at]);
  if (a instanceof Set || a instanceof Map) return a.size === b.size && same([...a], [...b]);
  if (a instanceof Error && (a.name !== b.name || a.message !== b.message)) return false;
  const names = Object.keys(a);
  return (
    a.length === b.length &&
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}

/** Whether an error is what `assert.throws` is told to expect. */
function isExpected(error, expected) {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === "function") return error instanceof expected;
  return Object.entries(expected).every(([name, value]) =>
    value instanceof RegExp ? value.test(error[name]) : same(error[name], value),
  );
}

const equal = (a, b, message) => check(Object.is(a, b), message, a, b);
const deepEqual = (a, b, message) => check(same(a, b), message, a, b);

export default {
  equal,
  deepEqual,
  deepStrictEqual: deepEqual,
  notEqual: (a, b, message) => check(!Object.is(a, b), message, a, b),
  ok: (value, message) => check(value, message, value),
  match: (text, pattern, message) => check(pattern.test(text), message, text, pattern),
  fail: (message) => check(false, message),
  throws(act, expected) {
    let thrown;
    try {
      act();
    } catch (error) {
      thrown = { error };
    }
    check(thrown, "nothing was thrown", expected);
    check(isExpected(thrown.error, expected), "thrown was", thrown.error, expected);
  },
};
