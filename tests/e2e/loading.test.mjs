// The builds in pages of every kind, and what a page's author is told when one cannot start.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { browserNames, launch } from "./harness/browser.mjs";

const pkg = (file) => readFileSync(new URL(`../../pkg/${file}`, import.meta.url));
const JS = "text/javascript";

const FILES = {
  "/pkg/peerjs.min.js": [JS, pkg("peerjs.min.js")],
  "/pkg/index.js": [JS, pkg("index.js")],
  "/pkg/util.js": [JS, pkg("util.js")],
  "/pkg/slim.js": [JS, pkg("slim.js")],
  "/pkg/peerjs_wasm_bg.wasm": ["application/wasm", pkg("peerjs_wasm_bg.wasm")],
  "/latin1/peerjs.min.js": [`${JS}; charset=iso-8859-1`, pkg("peerjs.min.js")],
  "/typeless/slim.js": [JS, pkg("slim.js")],
  "/typeless/peerjs_wasm_bg.wasm": ["application/octet-stream", pkg("peerjs_wasm_bg.wasm")],
  "/wasmless/slim.js": [JS, pkg("slim.js")],
  // Modules cannot be inline where a Content-Security-Policy is tested.
  "/module.js": [JS, 'import * as peerjs from "/pkg/index.js"; globalThis.peerjs = peerjs;'],
  ...Object.fromEntries(
    ["pkg", "typeless", "wasmless"].map((folder) => [
      `/${folder}.js`,
      [JS, `import * as peerjs from "/${folder}/slim.js"; globalThis.peerjs = peerjs;`],
    ]),
  ),
};

const classic = (folder = "pkg") => `<script src="/${folder}/peerjs.min.js"></script>`;
const module = (name) => `<script type="module" src="/${name}.js"></script>`;

/** Serves FILES, and at /page whatever html and Content-Security-Policy its query asks for. */
const site = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://site");
  const [type, body] = FILES[pathname] ?? [];
  if (body) {
    response.setHeader("content-type", type);
    response.end(body);
  } else if (pathname === "/page") {
    response.setHeader("content-type", "text/html");
    if (searchParams.has("csp")) {
      response.setHeader("content-security-policy", searchParams.get("csp"));
    }
    response.end(`<!doctype html>${searchParams.get("html")}`);
  } else {
    response.writeHead(404).end();
  }
});
before(() => new Promise((resolve) => site.listen(0, "127.0.0.1", resolve)));
after(() => site.close());

/** Makes a Peer, which needs the wasm: "works", or the message of what is thrown. */
function makePeer() {
  // Debian's WebKitGTK has no WebRTC, and without it no Peer takes the wasm. The Peer ends before it uses this.
  globalThis.RTCPeerConnection ??= class {};
  try {
    const peer = new peerjs.Peer();
    peer.destroy();
    return peer.destroyed ? "works" : "does nothing";
  } catch (error) {
    return error.message;
  }
}

/** The message of what init() throws, or undefined. */
function initSlim() {
  return peerjs.init().then(
    () => {},
    (error) => error.message,
  );
}

for (const name of browserNames) {
  describe(`loading in ${name}`, () => {
    let browser;
    before(async () => {
      browser = await launch(name);
    });
    after(() => browser?.close());

    async function outcome(html, { csp, init } = {}) {
      const query = new URLSearchParams({ html, ...(csp && { csp }) });
      const page = await browser.open(`http://127.0.0.1:${site.address().port}/page?${query}`);
      try {
        return (init && (await page.run(initSlim))) ?? (await page.run(makePeer));
      } finally {
        await page.close();
      }
    }
    const works = async (...page) => assert.equal(await outcome(...page), "works");
    const says = async (words, ...page) => assert.match(await outcome(...page), words);

    test("a classic script defines Peer and peerjs for the next line", () =>
      works(`${classic()}<script>new Peer().destroy(); new peerjs.Peer().destroy();</script>`));

    test("a classic script works whatever charset page, server and tag say", async () => {
      await works(classic());
      await works(classic("latin1"));
      await works(classic().replace(">", ' charset="shift_jis">'));
    });

    test("a script that is imported as a module says what to import instead", async () => {
      const html = `<script>console.warn = (said) => { globalThis.said = said; };</script>
        <script type="module">import "/pkg/peerjs.min.js"</script>`;
      const query = new URLSearchParams({ html });
      const page = await browser.open(`http://127.0.0.1:${site.address().port}/page?${query}`);
      assert.match(await page.run(() => globalThis.said), /Import peerjs-wasm/);
      await page.close();
    });

    test("a module works", () => works(module("module")));

    test("slim works after init, and asks for it before", async () => {
      await works(module("pkg"), { init: true });
      await says(/init\(\)/, module("pkg"));
    });

    test("slim works when the server does not know what .wasm is", () =>
      works(module("typeless"), { init: true }));

    test("slim says so when its .wasm is not there", () =>
      says(/could not be loaded/, module("wasmless"), { init: true }));

    test("a Content-Security-Policy that allows WebAssembly is enough", async () => {
      const csp = "script-src 'self' 'wasm-unsafe-eval'";
      await works(classic(), { csp });
      await works(module("module"), { csp });
      await works(module("pkg"), { csp, init: true });
    });

    test("a Content-Security-Policy that forbids WebAssembly is named", async () => {
      const csp = "script-src 'self'";
      await says(/'wasm-unsafe-eval'/, classic(), { csp });
      await says(/'wasm-unsafe-eval'/, module("module"), { csp });
      await says(/'wasm-unsafe-eval'/, module("pkg"), { csp, init: true });
    });

    test("a browser without WebAssembly is told so", () =>
      says(/WebAssembly is missing/, `<script>delete WebAssembly</script>${classic()}`));

    test("a browser that compiles only small modules synchronously is sent to slim", async () => {
      const oldChrome = `<script>
        WebAssembly.Module = class extends WebAssembly.Module {
          constructor(bytes) {
            if (bytes.length > 100) throw new RangeError("larger than 4KB");
            super(bytes);
          }
        };
      </script>`;
      await says(/peerjs-wasm\/slim/, oldChrome + classic());
      await works(oldChrome + module("pkg"), { init: true });
    });
  });
}

test("every build is ASCII only, so that no tool changes the wasm in it", () => {
  for (const file of ["index.js", "peerjs.min.js", "cjs/index.js"]) {
    assert.ok(
      pkg(file).every((byte) => byte < 128),
      file,
    );
  }
});

test("importing in Node does nothing", () => {
  for (const file of ["index.js", "slim.js", "peerjs.min.js"]) {
    const url = JSON.stringify(new URL(`../../pkg/${file}`, import.meta.url));
    // A handle that stays open would keep the process from ending.
    const script = `await import(${url}); console.log("imported")`;
    const options = { encoding: "utf8", timeout: 120_000, stdio: ["ignore", "pipe", "pipe"] };
    const args = ["--input-type=module", "--eval", script];
    assert.equal(execFileSync(process.execPath, args, options), "imported\n", file);
  }
});
