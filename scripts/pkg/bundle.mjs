// js/ + the wasm -> the builds.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { PKG, ROOT, WASM } from "../lib/paths.mjs";
import { encode } from "./embed.mjs";

/** The oldest browsers that have what rustc emits by default, reference types above all. */
const TARGET = ["chrome96", "firefox79", "safari15"];

/** What `#wasm` is in package.json. */
const GLUE = join(WASM, "peerjs_wasm.js");

/** Without a charset a classic script is read in the page's encoding; this outranks both. */
const BYTE_ORDER_MARK = "\ufeff";

const OUTPUTS = [
  { entry: "script.js", file: "peerjs.min.js", format: "iife", prefix: BYTE_ORDER_MARK },
  { entry: "module.js", file: "index.js", format: "esm", prefix: "" },
  // For `require` and for Jest, which reads nothing else.
  { entry: "module.js", file: "cjs/index.js", format: "cjs", prefix: "" },
  { entry: "slim.js", file: "slim.js", format: "esm", prefix: "" },
];

/**
 * @param {object} module
 * @param {Buffer} module.wasm
 * @param {string} module.glue
 * @param {Record<string, string>} [module.names] of the properties through which the two know each other, old -> new
 * @param {string} version
 * @param {{ debug: boolean }} options debug: readable, with source maps
 */
export async function bundle({ wasm, glue, names }, version, { debug }) {
  const licence = `/*! peerjs-wasm ${version}, MIT OR Apache-2.0 */`;
  const text = encode(wasm);
  for (const { entry, file, format, prefix } of OUTPUTS) {
    await build({
      absWorkingDir: ROOT,
      entryPoints: [join("js/entry", entry)],
      outfile: join(PKG, file),
      bundle: true,
      format,
      target: TARGET,
      minify: !debug,
      sourcemap: debug && "linked",
      charset: "utf8",
      legalComments: "none",
      banner: { js: prefix + licence },
      logLevel: "warning",
      logOverride: { "empty-import-meta": "silent" }, // only slim has a use for it
      plugins: [embedded(text), wasmModule(glue, names)],
    });
  }
  writeFileSync(join(PKG, "peerjs_wasm_bg.wasm"), wasm);
}

/** `import text from "#wasm-text"` */
const embedded = (text) => ({
  name: "wasm-text",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^#wasm-text$/ }, ({ path }) => ({ path, namespace: "wasm-text" }));
    onLoad({ filter: /./, namespace: "wasm-text" }, () => ({ contents: text, loader: "text" }));
  },
});

/** `#wasm`, the glue. It and the one file of ours that looks at what the module exports know that by its new names. */
const wasmModule = (glue, names) => ({
  name: "wasm-module",
  setup({ onResolve, onLoad }) {
    const escaped = Object.keys(names ?? {}).map((name) => name.replace(/[.$]/g, "\\$&"));
    const options = names && {
      mangleProps: new RegExp(`^(?:${escaped.join("|")})$`),
      mangleQuoted: true,
      mangleCache: names,
    };
    const named = async (source) => ({ contents: (await transform(source, options)).code });
    onResolve({ filter: /^#wasm$/ }, () => ({ path: GLUE }));
    onLoad({ filter: /[\\/]target[\\/]wasm[\\/]peerjs_wasm\.js$/ }, () => named(glue));
    onLoad({ filter: /[\\/]js[\\/]loader\.js$/ }, ({ path }) => named(readFileSync(path, "utf8")));
  },
});
