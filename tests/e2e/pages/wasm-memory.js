// How much memory the wasm of a page has, which the browser counts nowhere. To be there before any is instantiated.

{
  const memories = [];
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(Instance, args) {
      const instance = new Instance(...args);
      // The builds rename what they export.
      const memory = Object.values(instance.exports).find((it) => it instanceof WebAssembly.Memory);
      if (memory) memories.push(new WeakRef(memory));
      return instance;
    },
  });

  /** Bytes, of all that are still in use. */
  globalThis.wasmBytes = () =>
    memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);
}
