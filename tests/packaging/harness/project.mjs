// A project that uses the package.
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PKG, ROOT } from "../../../scripts/lib/paths.mjs";

const execute = promisify(execFile);

/** Runs a program, which must end with exit code 0; resolves with what it wrote. */
export async function run(folder, program, ...args) {
  try {
    return await execute(program, args, { cwd: folder });
  } catch (error) {
    error.message += error.stdout; // where compilers complain
    throw error;
  }
}

/** Runs an ES module in Node. */
export const runNode = (folder, source) =>
  run(folder, process.execPath, "--input-type=module", "--eval", source);

const npm = (folder, ...args) =>
  run(folder, "npm", ...args, "--no-audit", "--no-fund", "--loglevel=error");

/** `npm pack`s pkg/ into the folder; resolves with the tarball's path and the names in it. */
async function pack(folder) {
  const { stdout } = await npm(folder, "pack", PKG, "--json", "--ignore-scripts");
  const [{ filename, files }] = JSON.parse(stdout);
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

/**
 * Makes a project that has the programs of this folder and the package.
 * @param {string} [what] the argument of `npm install`, if it is not the packed package
 */
export async function makeProject(what) {
  const folder = await mkdtemp(join(tmpdir(), "peerjs-wasm-consumer-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await cp(join(ROOT, "tests/packaging/programs"), folder, { recursive: true });
  const packed = what ? undefined : await pack(folder);
  await npm(folder, "install", what ?? packed.tarball, "--offline");
  return { folder, packed };
}
