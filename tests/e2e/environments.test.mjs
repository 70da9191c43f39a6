// Programs that lean on what PeerJS never documented but always had: the same text on PeerJS and on ours.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const scripts = ["environments"];

for (const lib of ["peerjs", "ours"]) {
  inBrowsers(`programs for PeerJS, ${lib}`, { libs: [lib], scripts }, (test) => {
    for (const form of ["method", "chain", "assigned", "unfailing"]) {
      test(`getUserMedia with callbacks: ${form}`, async ({ page }) => {
        assert.equal(
          await page.run((form) => environments.getUserMedia(form), form),
          "audio,video",
        );
      });
    }

    test("getUserMedia tells its second callback of a failure", async ({ page }) => {
      assert.match(await page.run(() => environments.refusedMedia()), /^(Overcon|NotFound)/);
    });

    test("removeStream and addStream switch what a call sends", async ({ page }) => {
      const sent = await page.run((lib) => environments.switchStream(lib), lib);
      assert.deepEqual(sent, [false, true]);
    });

    for (const wrap of ["observed", "proxied"]) {
      for (const serialization of ["binary", "json"]) {
        test(`a Peer that is ${wrap} deeply talks ${serialization}`, async ({ page }) => {
          const said = await page.run(
            (lib, wrap, options) => environments.talk(lib, environments.wraps[wrap], options),
            lib,
            wrap,
            { serialization },
          );
          const answer = ["heard", { hello: 1 }];
          assert.deepEqual(said, { answer, known: [false, true, 1], destroyed: true });
        });
      }
    }

    test("the options of a Peer can be cloned", async ({ page, peerServer }) => {
      const options = await page.run((lib) => environments.clonedOptions(lib), lib);
      const { token, key, debug, port } = options;
      const wanted = { token: "string", key: "peerjs", debug: 0, port: peerServer.options.port };
      assert.deepEqual({ token, key, debug, port }, wanted);
    });
  });
}

/** The server says soon that there is nobody. */
const server = { expire_timeout: 1, cleanup_out_msgs: 50 };

inBrowsers("stand-ins for RTCPeerConnection", { libs: ["ours"], scripts, server }, (test) => {
  for (const kind of ["empty", "without events", "without promises", "that throws"]) {
    for (const what of ["connect", "call"]) {
      test(`${kind}: ${what}() fails with a type, and the next Peer works`, async ({ page }) => {
        const error = await page.run((...args) => environments.standIn(...args), kind, what);
        assert.match(error, /^(webrtc|peer-unavailable|TypeError)$/);
        await page.run(() => e2e.openPeer("ours").then(() => {}));
        page.takeErrors();
      });
    }
  }
});

inBrowsers("a Peer that is made, destroyed and made again", { libs: ["ours"], scripts }, (test) => {
  for (const known of [true, false]) {
    test(`gets its id: the server knew the first ${known}`, async ({ page }) => {
      assert.ok(await page.run((known) => environments.mountTwice(known), known));
    });
  }
});

inBrowsers("a trap", { libs: ["ours"], scripts }, (test) => {
  test("is the last one: what is called next says what happened", async (world) => {
    const page = await world.open(world.site.blank(["ours"], world.peerServer, scripts));
    const [first, ...later] = await page.run(() => environments.trap());
    assert.equal(first, "trap");
    for (const said of later) assert.match(said, /^PeerJS: a bug has stopped this library/);
    // What the browser still tells of it throws, too.
    await page.goto("about:blank");
    page.takeErrors();
  });
});
