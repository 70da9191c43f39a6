// A Peer in Node, by each implementation of WebRTC that docs/node.md names, talks to a page in Chromium.
import assert from "node:assert/strict";
import { IMPLEMENTATIONS, start, writePrograms } from "./harness/program.mjs";

process.env.E2E_BROWSERS = "chromium"; // docs/node.md says what is different in Firefox
const { inBrowsers } = await import("../e2e/harness/suite.mjs");

const programs = writePrograms();
const LIBS = ["ours", "peerjs"];
/** The order of a channel's and a connection's events varies. */
const CLOSINGS = 5;

/** In the page: what comes back of everything that a serialization carries, where it differs. */
async function echoes(conn, serialization) {
  const inbox = e2e.inbox(conn);
  const differences = [];
  for (const [name, value] of e2e.values.of(serialization, true)) {
    conn.send(value);
    const echoed = await inbox.take(name);
    const there = await e2e.values.arriving(serialization, value);
    const back = await e2e.values.arriving(serialization, there);
    const found = e2e.values.difference(back, echoed, true);
    if (found) differences.push(`${name}: ${found}`);
  }
  return differences;
}

const inPage = (body) => `async (...args) => { ${echoes}; return (${body})(...args); }`;

for (const name of Object.keys(IMPLEMENTATIONS)) {
  inBrowsers(`A Peer in Node with ${name}`, { libs: LIBS }, (test) => {
    for (const lib of LIBS) {
      for (const serialization of name === "werift" ? ["binary"] : ["binary", "json"]) {
        test(`carries every value there and back, ${serialization}, for ${lib} in a page`, async ({
          page,
          peerServer,
          keep,
        }) => {
          const program = await keep(start(programs[name], peerServer));
          const differences = await page.runFor(
            60_000,
            inPage(async (lib, id, serialization) => {
              const peer = await e2e.openPeer(lib);
              const conn = e2e.watchConnection(peer.connect(id, { serialization }), "page's");
              await e2e.next(conn, "open");
              return echoes(conn, serialization);
            }),
            lib,
            program.id,
            serialization,
          );
          assert.deepEqual(differences, []);
          assert.equal(program.errors, "");
        });
      }

      // werift does not tell the remote when it closes (docs/node.md).
      if (name === "werift") continue;

      test(`sees connections close that ${lib} in a page has made`, async ({
        page,
        peerServer,
        keep,
      }) => {
        const program = await keep(start(programs[name], peerServer));
        const id = await page.run(
          async (lib, id, count) => {
            const peer = await e2e.openPeer(lib);
            for (let i = 0; i < count; i++) {
              const conn = e2e.watchConnection(peer.connect(id), `page's ${i}`);
              const inbox = e2e.inbox(conn);
              await e2e.next(conn, "open");
              conn.send(i);
              await inbox.take("the echo");
              conn.close();
            }
            return peer.id;
          },
          lib,
          program.id,
          CLOSINGS,
        );
        for (let i = 0; i < CLOSINGS; i++) await program.line(new RegExp(`^close ${id}$`));
        await program.close();
        assert.equal(program.errors, "");
      });

      test(`ends, and ${lib} in a page sees it`, async ({ page, peerServer, keep }) => {
        const program = await keep(start(programs[name], peerServer));
        await page.run(
          async (lib, id) => {
            const peer = await e2e.openPeer(lib);
            globalThis.conn = e2e.watchConnection(peer.connect(id), "page's");
            await e2e.next(conn, "open");
            globalThis.ending = e2e.next(conn, "close");
          },
          lib,
          program.id,
        );
        assert.equal(await program.interrupt(), 0);
        await page.run(() => ending.then(() => {}));
        assert.equal(program.errors, "");
      });
    }
  });
}
