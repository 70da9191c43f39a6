// Runs programs, and prints progress and errors.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./paths.mjs";

/** An error that the user can fix: only its message is printed, without a stack trace. */
export class Failure extends Error {}

export const say = (text) => console.log(`\x1b[1m▸\x1b[0m ${text}`);

/** Runs the main function of a script. The exit code is 1 if it throws. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Failure ? `\x1b[31m✗\x1b[0m ${error.message}` : error);
    process.exit(1);
  }
}

/**
 * Runs a program to its end, in the root of the repository.
 * @param {string[]} command
 * @param {{ env?: object, quiet?: boolean, onOutput?: (text: string) => void }} [options]
 *   quiet: its output is not shown; onOutput: is called with its output on stdout, which is also shown
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function run([program, ...args], { env, quiet = false, onOutput } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", quiet || onOutput ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      if (quiet) stdout += text;
      else process.stdout.write(text);
      onOutput?.(text);
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.on("error", (error) => resolve({ code: 127, stdout, stderr: error.message }));
    child.on("close", (code, signal) => resolve({ code: signal ? 1 : code, stdout, stderr }));
  });
}

/** Runs a program that must succeed. Throws a Failure that begins with `otherwise` if it does not. */
export async function must(command, otherwise, options) {
  const result = await run(command, options);
  if (result.code === 0) return result.stdout;
  const details = result.stderr.trim().split("\n").slice(0, 3); // npm goes on and on
  throw new Failure([otherwise, ...details].join("\n").trim());
}

/** Returns the path of a program on the PATH, or undefined if there is none. */
export function which(program) {
  const places = process.env.PATH.split(delimiter).map((folder) => join(folder, program));
  return places.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
