// What is in pkg/ beside the code.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PKG, ROOT } from "../lib/paths.mjs";

const COPIES = {
  "js/index.d.ts": "index.d.ts",
  "js/slim.d.ts": "slim.d.ts",
  "README.md": "README.md",
  "LICENSE-MIT": "LICENSE-MIT",
  "LICENSE-APACHE": "LICENSE-APACHE",
};

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
  for (const [from, to] of Object.entries(COPIES)) {
    if (existsSync(join(ROOT, from))) copyFileSync(join(ROOT, from), join(PKG, to));
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
    files: ["index.js", "slim.js", "peerjs.min.js", "peerjs_wasm_bg.wasm", "*.d.ts", "LICENSE-*"],
  };
  writeFileSync(join(PKG, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
