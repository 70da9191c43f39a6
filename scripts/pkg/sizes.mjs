// Measures the files of pkg/, uncompressed and compressed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { PKG } from "../lib/paths.mjs";
import { Failure } from "../lib/run.mjs";

const FILES = ["peerjs.min.js", "index.js", "slim.js", "peerjs_wasm_bg.wasm"];
/** The limit that fails the build (see docs/size.md). The aim is 32 KB. */
const LIMIT = { file: "peerjs.min.js", gzip: 75 * 1024 };

const number = (n) => n.toLocaleString("en-US");

export function measure() {
  return FILES.map((file) => ({ file, ...sizes(readFileSync(join(PKG, file))) }));
}

export function sizes(bytes) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
}

export function printSizes(files) {
  const row = (cells) =>
    console.log(cells.map((cell, i) => (i ? cell.padStart(9) : cell.padEnd(22))).join(""));
  row(["bytes", "raw", "gzip", "brotli"]);
  for (const { file, raw, gzip, brotli } of files) row([file, ...[raw, gzip, brotli].map(number)]);
}

export function sizeTable(files) {
  const rows = files.map(
    ({ file, raw, gzip, brotli }) =>
      `| \`${file}\` | ${number(raw)} | ${number(gzip)} | ${number(brotli)} |`,
  );
  return ["| file | bytes | gzip -9 | brotli 11 |", "| --- | --: | --: | --: |", ...rows].join(
    "\n",
  );
}

export function checkSizes(files) {
  const { gzip } = files.find(({ file }) => file === LIMIT.file);
  if (gzip > LIMIT.gzip) {
    throw new Failure(
      `${LIMIT.file} has ${number(gzip)} bytes after gzip, the limit is ${number(LIMIT.gzip)}.`,
    );
  }
}
