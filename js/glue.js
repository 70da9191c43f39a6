// All of the generated glue but its default export, the asynchronous start that only slim needs:
// what nobody imports is not bundled.
export * from "#wasm";
