// Bundles js/ and the wasm into the files of pkg/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";
import { minify } from "terser";
import { PKG, ROOT, WASM } from "../lib/paths.mjs";
import { encode } from "./embed.mjs";

/** The oldest browsers that support the default output of rustc, in particular reference types. */
const TARGET = ["chrome96", "firefox79", "safari15"];

/** The path of `#wasm` in package.json. */
const GLUE = join(WASM, "peerjs_wasm.js");

const SMALL = { target: TARGET, minify: true };
const WASM_TEXT = "wasm-text";

/**
 * Code that warns if the script runs as a module: only a classic script is `document.currentScript`. If a program
 * imports a name from the script, the browser or bundler reports an error, and the script does not run.
 */
const NOT_A_MODULE =
  'typeof document>"u"||document.currentScript||console.warn("PeerJS: peerjs.min.js exports nothing, it makes Peer and peerjs global. Import peerjs-wasm, or index.js beside it.");';

/** Transports and the diagnosis. Each is a file of its own, so that programs load only those that they use. */
const EXTRAS = ["tabs", "mqtt", "nats", "signaling", "diagnose"];

const OUTPUTS = [
  { entry: "script.js", file: "peerjs.min.js", format: "iife", start: NOT_A_MODULE },
  { entry: "module.js", file: "index.js", format: "esm", beside: "./util.js" },
  { entry: "util.js", file: "util.js", format: "esm" },
  // For `require` and for Jest, which reads nothing else.
  { entry: "module.js", file: "cjs/index.js", format: "cjs" },
  { entry: "slim.js", file: "slim.js", format: "esm" },
  ...EXTRAS.map((name) => ({
    entry: `${name}.js`,
    file: `${name}.js`,
    format: "esm",
    mangle: /^_[a-z]/,
  })),
];

/**
 * Writes the JavaScript files of pkg/.
 *
 * @param {object} module
 * @param {Buffer} module.wasm
 * @param {string} module.glue
 * @param {Record<string, string>} [module.names] maps the names of imports and exports to their new, short names
 * @param {string} version
 * @param {{ debug: boolean }} options debug: readable, with source maps
 */
export async function bundle({ wasm, glue, names }, version, { debug }) {
  const licence = `/*! peerjs-wasm ${version}, MIT OR Apache-2.0 */`;
  const parts = encode(wasm);
  for (const { entry, file, format, mangle, beside, start = "" } of OUTPUTS) {
    await build({
      absWorkingDir: ROOT,
      entryPoints: [join("js/entry", entry)],
      outfile: join(PKG, file),
      bundle: true,
      format,
      mangleProps: mangle,
      target: TARGET,
      minify: !debug,
      legalComments: "none",
      sourcemap: "linked",
      banner: { js: licence + start },
      logLevel: "warning",
      logOverride: { "empty-import-meta": "silent" }, // only slim has a use for it
      plugins: [embedded(parts), wasmModule(glue, names), ...(beside ? [external(beside)] : [])],
    });
    // Not for CommonJS: terser would remove the code by which Node detects the names of the exports.
    if (!debug && format !== "cjs") await minifyAgain(file, format);
    withoutWasm(join(PKG, `${file}.map`));
  }
  writeFileSync(join(PKG, "peerjs_wasm_bg.wasm"), wasm);
  await bundleForBundlers();
}

/** Minifies a file with terser after esbuild, which makes the JavaScript 4 % smaller after gzip. */
async function minifyAgain(file, format) {
  const [path, map] = [join(PKG, file), join(PKG, `${file}.map`)];
  const result = await minify(readFileSync(path, "utf8"), {
    module: format === "esm",
    ecma: 2020,
    compress: { passes: 3 },
    format: { comments: /^!/ },
    sourceMap: { content: readFileSync(map, "utf8"), includeSources: true, url: basename(map) },
  });
  writeFileSync(path, `${result.code}\n`);
  writeFileSync(map, result.map);
}

/** Leaves the text with the wasm out of the source map. Vite warns of a source without any text. */
function withoutWasm(file) {
  const map = JSON.parse(readFileSync(file, "utf8"));
  const at = map.sources.findIndex((source) => source.startsWith(WASM_TEXT));
  if (at >= 0) map.sourcesContent[at] = "// The wasm is left out here.";
  writeFileSync(file, JSON.stringify(map));
}

/**
 * pkg/dist/: the module in files of which a bundler takes those that a program uses, and PeerJS's own file names: programs
 * serve or copy them by their path in node_modules, which `exports` does not change, and webpack 4 knows nothing else.
 */
async function bundleForBundlers() {
  const enums = Object.keys(await import("../../js/enums.js"));
  const everything = Object.keys(await import("../../js/index.js"));
  const others = everything.filter((name) => name !== "util" && !enums.includes(name));
  const map = "sourceMappingURL=";
  const script = readFileSync(join(PKG, "peerjs.min.js"), "utf8").replace(map, `${map}../`);
  const files = {
    "enums.mjs": (await transform(readFileSync(join(ROOT, "js/enums.js"), "utf8"), SMALL)).code,
    "bundler.mjs": [
      `export { ${enums.join(", ")} } from "./enums.mjs";`,
      'export { util } from "../util.js";',
      `export { ${others.join(", ")} } from "../index.js";`,
      "",
    ].join("\n"),
    "bundler.cjs": 'module.exports = require("../cjs/index.js");\n',
    "peerjs.min.js": script,
    "peerjs.js": script,
    "types.d.ts": 'export * from "../index.js";\nexport { default } from "../index.js";\n',
    "serializer.msgpack.mjs": 'export { MsgPack } from "../index.js";\n',
    "serializer.msgpack.d.mts": 'export { MsgPack } from "../index.js";\n',
  };
  mkdirSync(join(PKG, "dist"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(PKG, "dist", name), text);
}

/** Resolves `import * as embedded from "#wasm-text"`: each part of the text is an export. */
const embedded = (parts) => ({
  name: WASM_TEXT,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^#wasm-text$/ }, ({ path }) => ({ path, namespace: WASM_TEXT }));
    const contents = Object.entries(parts)
      .map(([name, part]) => `export const ${name} = ${JSON.stringify(part)};`)
      .join("\n");
    onLoad({ filter: /./, namespace: WASM_TEXT }, () => ({ contents, loader: "js" }));
  },
});

/** Leaves the module `path` out: it is a file of its own in the same folder of pkg/. */
const external = (path) => ({
  name: "external",
  setup({ onResolve }) {
    const name = path.slice(2).replace(".", "\\.");
    onResolve({ filter: new RegExp(`/${name}$`) }, () => ({ path, external: true }));
  },
});

/** Resolves `#wasm`, the glue. It and js/loader.js, which reads the module's exports, get their new, short names. */
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
