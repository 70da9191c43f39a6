// What stands between JavaScript and the wasm.

/** The trap that has ended all use of the wasm. */
let crash;

const guarded =
  (call) =>
  (...args) => {
    if (crash) {
      throw new Error("PeerJS: a bug has stopped this library. Reload the page.", { cause: crash });
    }
    try {
      return call(...args);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) crash = error;
      throw error;
    }
  };

/**
 * The exports of an instance, of which none is called any more once one has trapped: a trap leaves Rust's memory in the
 * middle of a change, so that what is called next would do anything.
 * @param {WebAssembly.Exports} exports
 */
export const guard = (exports) =>
  Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === "function" ? guarded(value) : value,
    ]),
  );
