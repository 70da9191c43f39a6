// What is in pkg/ beside the code.
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PKG, ROOT } from "../lib/paths.mjs";

/** What else is in the package, each where it is in its folder. */
const COPIES = { js: /\.d\.ts$/, ".": /^(README\.md|LICENSE-.*)$/ };

/** The crate's own description of itself. */
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

export function writeManifest() {
  for (const [folder, wanted] of Object.entries(COPIES)) {
    const names = readdirSync(join(ROOT, folder), { recursive: folder !== "." });
    for (const name of names.filter((name) => wanted.test(name))) {
      cpSync(join(ROOT, folder, name), join(PKG, name));
    }
  }
  const { repository, ...described } = crate();
  const manifest = {
    ...described,
    keywords: ["peerjs", "webrtc", "p2p", "wasm", "webassembly", "datachannel", "rust"],
    ...(repository && { repository: { type: "git", url: `git+${repository}.git` } }),
    type: "module",
    main: "./index.js",
    types: "./index.d.ts",
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./slim": { types: "./slim.d.ts", default: "./slim.js" },
      "./peerjs.min.js": "./peerjs.min.js",
      "./peerjs_wasm_bg.wasm": "./peerjs_wasm_bg.wasm",
      "./package.json": "./package.json",
    },
    unpkg: "./peerjs.min.js",
    jsdelivr: "./peerjs.min.js",
    sideEffects: ["./peerjs.min.js"],
    files: [
      "index.js",
      "slim.js",
      "peerjs.min.js",
      "peerjs_wasm_bg.wasm",
      "*.d.ts",
      "types",
      "LICENSE-*",
    ],
  };
  writeFileSync(join(PKG, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
