import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compile, here, root } from "./compiler.mjs";

test("the sample programs compile against PeerJS's types", async () => {
  assert.deepEqual(await compile("tsconfig.peerjs.json"), []);
});

test("the sample programs compile unchanged against ours", async () => {
  assert.deepEqual(await compile("tsconfig.drop-in.json"), []);
});

test("ours has every name, member and shape of PeerJS's types, and the documented additions", async () => {
  assert.deepEqual(await compile("tsconfig.ours.json"), []);
});

test("wrong programs do not compile, each line for the reason noted on it", async () => {
  const expected = [];
  for (const name of await readdir(join(here, "wrong"))) {
    const lines = (await readFile(join(here, "wrong", name), "utf8")).split("\n");
    lines.forEach((line, index) => {
      const code = line.match(/\/\/ (TS\d+)$/)?.[1];
      if (code) expected.push(`wrong/${name}:${index + 1} ${code}`);
    });
  }
  const found = await compile("tsconfig.wrong.json");
  const brief = found.map(({ file, line, code }) => `${file}:${line} ${code}`);
  assert.deepEqual(brief.sort(), expected.sort());
  assert.ok(expected.length > 50, "the notes on the lines were not found");
});

for (const [module, moduleResolution] of [
  ["NodeNext", "NodeNext"],
  ["ESNext", "Bundler"],
]) {
  test(`installed as a package, the types need no other one (${moduleResolution})`, async (t) => {
    const project = await mkdtemp(join(tmpdir(), "peerjs-types-"));
    t.after(() => rm(project, { recursive: true }));
    const installed = join(project, "node_modules/peerjs");
    await mkdir(installed, { recursive: true });
    await cp(join(root, "js/index.d.ts"), join(installed, "index.d.ts"));
    await cp(join(root, "js/types"), join(installed, "types"), { recursive: true });
    await cp(join(here, "programs"), join(project, "programs"), { recursive: true });
    const { compilerOptions } = JSON.parse(await readFile(join(here, "tsconfig.json"), "utf8"));
    const files = {
      "node_modules/peerjs/package.json": { name: "peerjs", type: "module", types: "index.d.ts" },
      "package.json": { type: "module" },
      "tsconfig.json": {
        compilerOptions: { ...compilerOptions, paths: {}, module, moduleResolution },
        include: ["programs/*.ts"],
      },
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(project, name), JSON.stringify(content));
    }
    assert.deepEqual(await compile(join(project, "tsconfig.json")), []);
  });
}
