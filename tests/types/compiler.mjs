import { execFile } from "node:child_process";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../..");

/**
 * Runs `tsc` on a project of this folder (or elsewhere, by absolute path).
 *
 * @returns {Promise<{ file: string, line: number, code: string, text: string }[]>} what it complained about
 */
export function compile(project) {
  const directory = dirname(resolve(here, project));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "--project", resolve(here, project), "--pretty", "false"];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: directory }, (error, output, complaint) => {
      const found = [...output.matchAll(/^(.+?)\((\d+),\d+\): error (TS\d+): (.*(?:\n .*)*)/gm)];
      if (error && found.length === 0) fail(new Error(output + complaint, { cause: error }));
      done(
        found.map(([, file, line, code, text]) => ({
          file: relative(directory, resolve(directory, file)),
          line: Number(line),
          code,
          text,
        })),
      );
    });
  });
}
