// Writes all files of pkg/ except the code: package.json, types, documents, licences.
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PKG, ROOT } from "../lib/paths.mjs";

/** Files that are copied unchanged, with their paths. */
const COPIES = [
  { from: "js", to: ".", wanted: /\.d\.ts$/ },
  // The nearest package.json decides whether a declaration is CommonJS, as for scripts.
  { from: "js", to: "cjs", wanted: /^(index|types\/.*)\.d\.ts$/ },
  { from: ".", to: ".", wanted: /^([A-Z]+\.md|LICENSE-.*)$/ },
  // Documents that the README links to.
  { from: "docs", to: "docs", wanted: /\.(md|acl)$/ },
];

/** Reads the description of the crate from Cargo.toml. */
export function crate() {
  const toml = readFileSync(join(ROOT, "Cargo.toml"), "utf8");
  const field = (name) => new RegExp(`^${name} = "(.*)"$`, "m").exec(toml)?.[1];
  return {
    name: field("name"),
    version: field("version"),
    description: field("description"),
    license: `(${field("license")})`,
    repository: field("repository"),
  };
}

const REQUIRED = { types: "./cjs/index.d.ts", default: "./cjs/index.js" };
const IMPORTED = { types: "./index.d.ts", default: "./dist/bundler.mjs" };
const MODULE = { require: REQUIRED, default: IMPORTED };
const SCRIPT = "./peerjs.min.js";

export function writeManifest() {
  for (const { from, to, wanted } of COPIES) {
    const names = readdirSync(join(ROOT, from), { recursive: from !== "." });
    for (const name of names.filter((name) => wanted.test(name))) {
      cpSync(join(ROOT, from, name), join(PKG, to, name));
    }
  }
  writeJson("cjs/package.json", { type: "commonjs" });
  const { repository, ...described } = crate();
  const manifest = {
    ...described,
    keywords: ["peerjs", "webrtc", "p2p", "wasm", "webassembly", "datachannel", "rust"],
    ...(repository && { repository: { type: "git", url: `git+${repository}.git` } }),
    type: "module",
    // For old bundlers and old versions of Jest, which do not support `exports`.
    main: REQUIRED.default,
    module: IMPORTED.default,
    types: IMPORTED.types,
    exports: {
      ".": MODULE,
      "./slim": { types: "./slim.d.ts", default: "./slim.js" },
      "./tabs": { types: "./tabs.d.ts", default: "./tabs.js" },
      "./mqtt": { types: "./mqtt.d.ts", default: "./mqtt.js" },
      "./nats": { types: "./nats.d.ts", default: "./nats.js" },
      "./signaling": { types: "./signaling.d.ts", default: "./signaling.js" },
      "./diagnose": { types: "./diagnose.d.ts", default: "./diagnose.js" },
      "./peerjs.min.js": SCRIPT,
      "./peerjs_wasm_bg.wasm": "./peerjs_wasm_bg.wasm",
      "./package.json": "./package.json",
      // The names of PeerJS's files, for programs that import one of them through an alias.
      "./dist/bundler.mjs": MODULE,
      "./dist/bundler.cjs": MODULE,
      "./dist/peerjs.min.js": SCRIPT,
      "./dist/peerjs.js": SCRIPT,
      "./dist/peerjs": SCRIPT,
      "./dist/types": { types: IMPORTED.types },
      "./dist/serializer.msgpack.mjs": {
        types: "./dist/serializer.msgpack.d.mts",
        default: "./dist/serializer.msgpack.mjs",
      },
    },
    unpkg: SCRIPT,
    jsdelivr: SCRIPT,
    sideEffects: [SCRIPT, "./dist/peerjs.min.js", "./dist/peerjs.js"],
    engines: { node: ">=16" }, // for server-side rendering: the syntax of bundle.mjs's browsers
    files: [
      "*.js",
      "*.map",
      "*.wasm",
      "*.d.ts",
      "types",
      "cjs",
      "dist",
      "docs",
      "*.md",
      "LICENSE-*",
    ],
  };
  writeJson("package.json", manifest);
}

function writeJson(file, content) {
  writeFileSync(join(PKG, file), `${JSON.stringify(content, null, 2)}\n`);
}
