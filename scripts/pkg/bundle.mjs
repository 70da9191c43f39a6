// js/ + the wasm -> the builds.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { PKG, ROOT } from "../lib/paths.mjs";
import { encode } from "./embed.mjs";

/** The oldest browsers that have what rustc emits by default, reference types above all. */
const TARGET = ["chrome96", "firefox79", "safari15"];

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
 * @param {{ wasm: Buffer, glue: string, names: Record<string, string> }} shrunk
 * @param {string} version
 */
export async function bundle({ wasm, glue, names }, version) {
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
      minify: true,
      charset: "utf8",
      legalComments: "none",
      banner: { js: prefix + licence },
      logLevel: "warning",
      logOverride: { "empty-import-meta": "silent" }, // only slim has a use for it
      plugins: [embedded(text), renamed(glue, names)],
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

/** In the glue, and in the one file of ours that looks at what the module exports. */
const renamed = (glue, names) => ({
  name: "wasm-names",
  setup({ onLoad }) {
    const escaped = Object.keys(names).map((name) => name.replace(/[.$]/g, "\\$&"));
    const options = {
      mangleProps: new RegExp(`^(?:${escaped.join("|")})$`),
      mangleQuoted: true,
      mangleCache: names,
    };
    onLoad({ filter: /[\\/]target[\\/]wasm[\\/]peerjs_wasm\.js$/ }, async () => ({
      contents: (await transform(glue, options)).code,
    }));
    onLoad({ filter: /[\\/]js[\\/]loader\.js$/ }, async ({ path }) => ({
      contents: (await transform(readFileSync(path, "utf8"), options)).code,
    }));
  },
});
