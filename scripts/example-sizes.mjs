// The sizes of the examples in Rust, as an application would build them: written into docs/crate.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeSection } from "./lib/documents.mjs";
import { FOLDER, NAMES } from "./lib/examples.mjs";
import { ROOT } from "./lib/paths.mjs";
import { main, must } from "./lib/run.mjs";
import { cargoTools, npmPackages, pathWithTools } from "./lib/setup.mjs";
import { cargo, glue, WASM_TARGET } from "./lib/wasm.mjs";
import { FEATURES } from "./pkg/shrink.mjs";

/** The same program as `greet` for matchbox_socket. */
const MATCHBOX = "greet_by_matchbox";

const packed = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

async function measure(name) {
  const out = join(ROOT, "target/example-sizes", name);
  await glue({ module: `${WASM_TARGET}/release/${name}.wasm`, out });
  const [module, small] = [`${name}_bg.wasm`, "small.wasm"].map((file) => join(out, file));
  const env = { PATH: pathWithTools() };
  await must(["wasm-opt", "-Oz", ...FEATURES, module, "-o", small], "wasm-opt failed.", { env });
  return [name, packed(small), packed(join(out, `${name}.js`))];
}

main(async () => {
  await npmPackages();
  await cargoTools("wasm-bindgen-cli");
  const names = ["greet", ...NAMES];
  const packages = names.flatMap((name) => ["--package", name]);
  await cargo(["build", "--release", "--manifest-path", `${FOLDER}/Cargo.toml`, ...packages]);
  const beside = ["--manifest-path", "bench/matchbox/Cargo.toml", "--package", MATCHBOX];
  await cargo(["build", "--release", ...beside]);
  const rows = [];
  for (const name of names) rows.push(await measure(name));
  const [, ...matchbox] = await measure(MATCHBOX);
  rows.splice(1, 0, ["greet, by matchbox_socket 0.15", ...matchbox]);
  const number = (bytes) => bytes.toLocaleString("en-US");
  const lines = rows.map(([name, wasm, js]) => `| ${name} | ${number(wasm)} | ${number(js)} |`);
  writeSection("rust:sizes", ["| | wasm | glue |", "| --- | --: | --: |", ...lines].join("\n"));
  console.log(lines.join("\n"));
});
