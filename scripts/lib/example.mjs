// examples/chat/ -> examples/chat/pkg/, as its README says, for the end-to-end tests.
import { join } from "node:path";
import { record, upToDate } from "../pkg/inputs.mjs";
import { ROOT } from "./paths.mjs";
import { must, say } from "./run.mjs";
import { cargoTools, pathWithTools, rust } from "./setup.mjs";

const CHAT = "examples/chat";
const BUILT = join(ROOT, CHAT, "pkg");
const INPUTS = [
  ...["Cargo.toml", "src"],
  ...["Cargo.toml", "Cargo.lock", "src"].map((path) => `${CHAT}/${path}`),
];

/** Compiles the example if what is there is of other sources. */
export async function chatExample() {
  if (upToDate(BUILT, INPUTS)) return;
  await rust();
  await cargoTools("wasm-bindgen-cli", "wasm-pack");
  say(`Compiling ${CHAT}`);
  const command = ["wasm-pack", "--log-level", "warn", "build", "--dev", "--target", "web"];
  command.push("--no-pack", "--no-typescript", CHAT, "--locked");
  await must(
    command,
    `${CHAT} could not be compiled, see above. After a change of dependencies: \`cargo update --workspace\` there.`,
    // The dependencies are compiled already.
    { env: { PATH: pathWithTools(), CARGO_TARGET_DIR: join(ROOT, "target") } },
  );
  record(BUILT, INPUTS);
}
