// Every documented name is there, and is what it is in PeerJS: a method, an object, a text, or the very same value.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const EMITTER = "on once off addListener removeListener removeAllListeners listeners listenerCount";
const NAMES = {
  peer: `id connections disconnected destroyed open options connect call disconnect
    reconnect destroy listAllPeers getConnection ${EMITTER} eventNames emit`,
  dataConnection: `send close dataChannel label metadata open peerConnection peer reliable
    serialization type bufferSize connectionId options provider ${EMITTER} eventNames emit`,
  mediaConnection: `answer close open metadata peer type label connectionId localStream
    remoteStream peerConnection dataChannel options provider ${EMITTER} eventNames emit`,
  util: `browser browserVersion supports CLOUD_HOST CLOUD_PORT defaultConfig chunkedMTU
    chunkedBrowsers chunk pack unpack validateId randomToken blobToArrayBuffer
    binaryStringToArrayBuffer isSecure noop`,
  "util.supports": "browser webRTC audioVideo data binary binaryBlob reliable",
};

/** What PeerJS lacks, though its reference has it, or though its data connections do. */
const ONLY_HERE = { "mediaConnection.label": "string", "util.supports.binary": "boolean true" };

const libs = ["ours", "peerjs"];

inBrowsers("documented names", { libs, scripts: ["calls", "surface"] }, (test) => {
  let seen;

  for (const [object, names] of Object.entries(NAMES)) {
    for (const name of names.split(/\s+/)) {
      test(`${object}.${name}`, async ({ page }) => {
        seen ??= {
          ours: await page.run(() => surface("ours")),
          peerjs: await page.run(() => surface("peerjs")),
        };
        const wanted = seen.peerjs[object][name] ?? ONLY_HERE[`${object}.${name}`];
        assert.notEqual(wanted, undefined, `PeerJS has no ${object}.${name}`);
        assert.equal(seen.ours[object][name], wanted);
      });
    }
  }
});
