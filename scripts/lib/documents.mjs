// Writes generated tables into documents, each between `<!-- name -->` and `<!-- /name -->`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

const documents = () => [
  "README.md",
  ...readdirSync(join(ROOT, "docs")).map((name) => join("docs", name)),
];

/** Writes a table into the document that has its markers. */
export function writeSection(name, text) {
  const section = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
  for (const path of documents().map((path) => join(ROOT, path))) {
    const document = readFileSync(path, "utf8");
    const written = document.replace(section, (_, before, after) => `${before}${text}\n${after}`);
    if (written !== document) writeFileSync(path, written);
  }
}
