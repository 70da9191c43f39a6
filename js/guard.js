// Blocks all calls into the wasm after it has trapped.

/** The first trap. After it, every call throws. */
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
 * Wraps the functions of an instance so that all of them throw once one has trapped. A trap interrupts a change in the
 * memory of Rust, so that further calls would work on inconsistent data.
 * @param {WebAssembly.Exports} exports
 */
export const guard = (exports) =>
  Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === "function" ? guarded(value) : value,
    ]),
  );
