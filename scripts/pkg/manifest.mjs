// What is in pkg/ beside the code.
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PKG, ROOT } from "../lib/paths.mjs";

/** What else is in the package: copied from a folder to a folder, each where it is in its folder. */
const COPIES = [
  { from: "js", to: ".", wanted: /\.d\.ts$/ },
  // A declaration, like a script, is CommonJS or not by the nearest package.json.
  { from: "js", to: "cjs", wanted: /^(index|types\/.*)\.d\.ts$/ },
  { from: ".", to: ".", wanted: /^(README\.md|LICENSE-.*)$/ },
];

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
    // What knows no `exports`, old bundlers and old Jest, reads these three.
    main: "./cjs/index.js",
    module: "./index.js",
    types: "./index.d.ts",
    exports: {
      ".": {
        require: { types: "./cjs/index.d.ts", default: "./cjs/index.js" },
        default: { types: "./index.d.ts", default: "./index.js" },
      },
      "./slim": { types: "./slim.d.ts", default: "./slim.js" },
      "./peerjs.min.js": "./peerjs.min.js",
      "./peerjs_wasm_bg.wasm": "./peerjs_wasm_bg.wasm",
      "./package.json": "./package.json",
    },
    unpkg: "./peerjs.min.js",
    jsdelivr: "./peerjs.min.js",
    sideEffects: ["./peerjs.min.js"],
    engines: { node: ">=16" }, // for server-side rendering: the syntax of bundle.mjs's browsers
    files: ["*.js", "*.wasm", "*.d.ts", "types", "cjs", "LICENSE-*"],
  };
  writeJson("package.json", manifest);
}

function writeJson(file, content) {
  writeFileSync(join(PKG, file), `${JSON.stringify(content, null, 2)}\n`);
}
