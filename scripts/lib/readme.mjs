// The tables in README.md that programs write, each between `<!-- name -->` and `<!-- /name -->`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

export function writeSection(name, text) {
  const path = join(ROOT, "README.md");
  if (!existsSync(path)) return;
  const readme = readFileSync(path, "utf8");
  const section = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
  const written = readme.replace(section, (_, before, after) => `${before}${text}\n${after}`);
  if (written !== readme) writeFileSync(path, written);
}
