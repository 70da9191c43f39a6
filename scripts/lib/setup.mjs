// Installs missing tools and packages. Imports only modules of Node, since it runs in a clone without node_modules.
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT, TOOLS } from "./paths.mjs";
import { Failure, must, run, say, which } from "./run.mjs";

const NEEDS_NETWORK = "it needs the network, the first time only";

/** Installs the npm packages of package-lock.json. */
export const npmPackages = () => npmPackagesOf(".");

/** Installs the bundlers for tests/packaging. */
export const bundlers = () => npmPackagesOf("tests/packaging");

/** Installs the implementations of WebRTC for tests/node. */
export const nodeWebRtc = () => npmPackagesOf("tests/node");

async function npmPackagesOf(folder) {
  if (inStepWithLock(folder)) return;
  say(`Installing the npm packages${folder === "." ? "" : ` of ${folder}`}`);
  const command = ["npm", "ci", "--prefix", folder];
  command.push("--no-audit", "--no-fund", "--loglevel=error");
  // With the defaults of npm, a machine without network waits for more than a minute.
  command.push("--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=5000");
  await must(command, `npm could not install the packages: ${NEEDS_NETWORK}.`, { quiet: true });
}

function inStepWithLock(folder) {
  const packages = (path) => JSON.parse(readFileSync(join(ROOT, folder, path), "utf8")).packages;
  const record = "node_modules/.package-lock.json";
  if (!existsSync(join(ROOT, folder, record))) return false;
  const wanted = packages("package-lock.json");
  const present = packages(record);
  // Optional packages may be missing: they are for other platforms.
  return (
    Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === "" || present[path]?.version === version || (optional && !present[path]),
    ) && Object.keys(present).every((path) => wanted[path])
  );
}

/** Checks that Rust is installed, and adds the target wasm32. */
export async function rust() {
  for (const program of ["cargo", "rustc"]) {
    if (!which(program)) {
      throw new Failure(
        `${program} is missing: install Rust from https://rustup.rs and try again.`,
      );
    }
  }
  const target = "wasm32-unknown-unknown";
  const libraries = await run(["rustc", "--print", "target-libdir", "--target", target], {
    quiet: true,
  });
  if (libraries.code === 0 && existsSync(libraries.stdout.trim())) return;
  await rustup(["target", "add", target]);
}

/** The oldest compiler that the crate takes, by `rust-version` in Cargo.toml. */
export const oldestRustVersion = () =>
  /^rust-version = "(.+)"$/m.exec(readFileSync(join(ROOT, "Cargo.toml"), "utf8"))[1];

/** Adds the oldest compiler that the crate takes. Without rustup or the network its test is skipped. */
export async function oldestRust() {
  await rust();
  const version = oldestRustVersion();
  const has = await run(["rustup", "run", version, "rustc", "--version"], { quiet: true });
  if (has.code === 0) return;
  say(`Adding Rust ${version}`);
  const options = ["--profile", "minimal", "--target", "wasm32-unknown-unknown"];
  await run(["rustup", "toolchain", "install", version, ...options]);
}

/** Adds rustfmt and clippy, which a minimal installation of Rust lacks. */
export async function rustLinters() {
  await rust();
  for (const [component, subcommand] of [
    ["rustfmt", "fmt"],
    ["clippy", "clippy"],
  ]) {
    const { code } = await run(["cargo", subcommand, "--version"], { quiet: true });
    if (code !== 0) await rustup(["component", "add", component]);
  }
}

async function rustup(args) {
  const command = ["rustup", ...args];
  say(command.join(" "));
  await must(command, `\`${command.join(" ")}\` failed: ${NEEDS_NETWORK}.`);
}

/** Fetches the Rust crates: a step before the build, so that a missing network has an error message of its own. */
export const crates = () => cratesOf(".");

/** Fetches the crates of the fuzz targets. */
export const fuzzCrates = () => cratesOf("fuzz");

async function cratesOf(folder) {
  await rust();
  await must(
    ["cargo", "fetch", "--locked", "--quiet", "--manifest-path", join(folder, "Cargo.toml")],
    `cargo could not fetch the crates: ${NEEDS_NETWORK}, and Cargo.lock must match Cargo.toml.`,
  );
}

const VERSIONS = {
  // wasm-bindgen-cli must have the same version as the crate wasm-bindgen.
  "wasm-bindgen-cli": () => {
    const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
    return /^name = "wasm-bindgen"\nversion = "(.+)"$/m.exec(lock)[1];
  },
  geckodriver: () => "0.37.1",
  matchbox_server: () => "0.15.0",
};

const toolFolder = (crate) => join(TOOLS, `${crate}-${VERSIONS[crate]()}`, "bin");

/** Returns the path of a program that `cargoTools` has installed. */
export const toolPath = (crate, program = crate) => join(toolFolder(crate), program);

/** Compiles tools into the cache, each at its pinned version. */
export async function cargoTools(...crates) {
  await rust();
  for (const crate of crates) {
    if (existsSync(toolFolder(crate))) continue;
    const version = VERSIONS[crate]();
    say(`Compiling ${crate} ${version} (once, takes some minutes)`);
    const install = ["cargo", "install", "--root", join(TOOLS, `${crate}-${version}`)];
    install.push(`${crate}@${version}`);
    // The lockfile of a tool may contain a version that was withdrawn from the registry.
    if ((await run([...install, "--locked"])).code === 0) continue;
    await must(install, `${crate} ${version} could not be installed: ${NEEDS_NETWORK}.`);
  }
}

/** Returns a PATH that begins with the folders of the tools, for programs that search them there. */
export function pathWithTools() {
  return [toolFolder("wasm-bindgen-cli"), join(ROOT, "node_modules/.bin"), process.env.PATH].join(
    delimiter,
  );
}

const BROWSERS = {
  chromium: "chromium",
  chromedriver: "chromium-driver",
  "firefox-esr": "firefox-esr",
};

/** Installs the browsers and their drivers. */
export async function browsers() {
  await debianPackages(BROWSERS);
  await cargoTools("geckodriver");
}

/** Installs the brokers for tests/engines. */
export const brokers = () =>
  debianPackages({ mosquitto: "mosquitto", "nats-server": "nats-server" });

/** Installs the TURN server of the tests. Where that cannot be, those that need it are skipped and say so. */
export async function turnServer() {
  try {
    await debianPackages({ turnserver: "coturn" });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`Tests with a TURN server will be skipped: ${error.message}`);
  }
}

/** Installs WebKitGTK, its driver, and the virtual display that it needs. */
export const webkit = () => debianPackages({ WebKitWebDriver: "webkit2gtk-driver", Xvfb: "xvfb" });

/** Installs a C++ compiler, which libFuzzer needs. */
export const cxx = () => debianPackages({ "c++": "g++" });

/** @param {Record<string, string>} packages maps the name of each program to its package */
async function debianPackages(packages) {
  const missing = Object.keys(packages).filter((program) => !which(program));
  if (missing.length === 0) return;
  const wanted = missing.map((program) => packages[program]);
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...wanted];
  if (!which("apt-get") || process.getuid() !== 0) {
    throw new Failure(
      `The tests need ${missing.join(", ")}: on Debian, \`sudo ${install.join(" ")}\`.`,
    );
  }
  say(`Installing ${wanted.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const otherwise = `${wanted.join(", ")} could not be installed: ${NEEDS_NETWORK}.`;
  await must(["apt-get", "update"], otherwise, { quiet: true });
  await must(install, otherwise, { quiet: true, env });
}
