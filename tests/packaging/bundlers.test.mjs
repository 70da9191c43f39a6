// Programs that a bundler has made one with the package.
import assert from "node:assert/strict";
import { readdir, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { describe, test } from "node:test";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { bundlers, oldWebpack, viteServer } from "./harness/bundlers.mjs";
import { makeWorld } from "./harness/world.mjs";

const { project, site, visit, runProgram, exchange, exchanges } = await makeWorld(["chromium"]);

const HTML = '<!doctype html><meta charset="utf-8">';
/** Those that see `new URL("….wasm", import.meta.url)` and bring the file along. */
const BRING_ASSETS = ["vite", "webpack", "parcel"];
/** Those that make a file of what is imported later, without being told to. */
const SPLIT = ["vite", "webpack", "rollup", "parcel"];
const UTIL_ALONE = "PeerJS: util.pack, util.unpack and util.validateId come with Peer: import it";
/** Those that have aliases of their own. */
const HAVE_ALIASES = ["vite", "webpack", "esbuild"];

let count = 0;

for (const [name, bundle] of Object.entries(bundlers)) {
  /** Bundles a program; resolves with the URL of a page that loads it, and where it is. */
  async function build(program, options) {
    const folder = `bundle-${count++}`;
    const tag = await bundle(project.folder, folder, program, options);
    return { url: site.page(HTML + tag), tag, folder: join(project.folder, folder) };
  }

  describe(name, () => {
    test("a program runs", async () => {
      await exchanges((await build("module.js")).url);
    });

    test("peerjs.min.js, imported for its effect, is not dropped", async () => {
      await exchanges((await build("script.js")).url);
    });

    /** The largest script of a bundle, in bytes. */
    async function largest(folder) {
      const names = await readdir(folder, { recursive: true });
      const scripts = names.filter((name) => extname(name) === ".js");
      const sizes = scripts.map(async (name) => (await stat(join(folder, name))).size);
      return Math.max(...(await Promise.all(sizes)));
    }

    for (const { title, program, result, limit } of [
      { title: "what is not used is dropped", program: "unused.js", result: 42, limit: 1000 },
      {
        title: "an enumeration comes without the library",
        program: "enum.js",
        result: "network",
        limit: 5000,
      },
      {
        title: "util comes without the library, and says what lacks it",
        program: "util.js",
        result: [true, "string", ...Array(3).fill(UTIL_ALONE)],
        limit: 5000,
      },
    ]) {
      test(title, async () => {
        const { url, folder } = await build(program);
        assert.deepEqual(await visit(url, runProgram), result);
        const size = await largest(folder);
        assert.ok(size < limit, `a script has ${size} bytes`);
      });
    }

    if (SPLIT.includes(name)) {
      test("util is one object, whether it comes with the library or before it", async () => {
        const wanted = [true, "a token of the program", "text", false];
        assert.deepEqual(await visit((await build("util-first.js")).url, runProgram), wanted);
      });
    }

    if (BRING_ASSETS.includes(name)) {
      test("slim finds its wasm", async () => {
        await exchanges((await build("slim.js")).url);
      });
    } else {
      test("slim asks where its wasm is, and takes the answer", async () => {
        const source = "/node_modules/peerjs-wasm/peerjs_wasm_bg.wasm";
        await visit((await build("slim.js")).url, async (page) => {
          await assert.rejects(runProgram(page), /PeerJS: .* pass its URL to `init\(url\)`/);
          await exchange(page, source);
        });
      });
    }

    if (HAVE_ALIASES.includes(name)) {
      test("an alias runs a program written for PeerJS", async () => {
        await exchanges((await build("for-peerjs.js", { alias: true })).url);
      });

      test("an alias finds PeerJS's own file names", async () => {
        await exchanges((await build("for-peerjs-files.js", { alias: true })).url);
      });
    }
  });
}

describe("webpack 4, which has the package transpiled", () => {
  const packages = {
    PeerJS: join(ROOT, "node_modules/peerjs"),
    ours: join(project.folder, "node_modules/peerjs-wasm"),
  };
  for (const [lib, folder] of Object.entries(packages)) {
    const page = async (program) => {
      const tag = await oldWebpack(project.folder, `bundle-${count++}`, program, folder);
      return site.page(HTML + tag);
    };

    test(`a program written for PeerJS, with ${lib}`, async () => {
      await exchanges(await page("for-peerjs.js"));
    });

    if (lib === "ours") {
      // PeerJS's script is dropped: its package.json says that it has no side effects.
      test("a program that imports PeerJS's files", async () => {
        await exchanges(await page("for-peerjs-files.js"));
      });
    }

    test(`a program of Vue 2 and Vuex, with ${lib}`, async () => {
      const { heard } = await visit(await page("frameworks/vuex.js"), runProgram);
      assert.equal(heard, true);
    });
  }
});

test("a bundle works in any charset", async () => {
  const tag = await bundlers.webpack(project.folder, "not-utf-8", "module.js");
  await exchanges(site.page(tag, { "content-type": "text/html; charset=windows-1252" }));
});

describe("Vite's development server", () => {
  for (const [program, options] of [
    ["module.js"],
    ["slim.js"],
    ["for-peerjs.js", { alias: true }],
  ]) {
    test(program, async () => {
      const html = `${HTML}<link rel="icon" href="data:,"><script type="module" src="/${program}"></script>`;
      await writeFile(join(project.folder, "index.html"), html);
      const server = await viteServer(project.folder, options);
      try {
        await exchanges(server.url);
      } finally {
        await server.close();
      }
    });
  }
});
