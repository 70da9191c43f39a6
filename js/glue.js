// All exports of the generated glue except the default one, the asynchronous start, which only slim.js needs. So
// bundlers can omit it.
export * from "#wasm";
