// The advice about connections that fail: the cases that the crate passes, too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { diagnosisOf } from "../../js/diagnosis.js";

const [, ...CASES] = readFileSync(new URL("../diagnosis.txt", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");

const list = (field) => (field === "-" ? [] : field.split(" "));

/** An SDP with candidates of these types. */
const description = (field) => ({
  sdp: list(field)
    .map((type) => `a=candidate:1 1 udp 1 192.0.2.1 9 typ ${type} raddr 0.0.0.0 rport 0\r\n`)
    .join(""),
});

test("the advice is that of the crate", () => {
  for (const line of CASES) {
    const [type, registered, local, remote, servers, codes, advice] = line.split(" | ");
    const connection = {
      provider: { open: registered === "yes" },
      _iceErrors: list(codes).map((code) => ({ errorCode: Number(code) })),
    };
    const pc = {
      localDescription: description(local),
      remoteDescription: remote === "none" ? null : description(remote),
      getConfiguration: () => ({
        iceServers: list(servers).map((scheme) => ({ urls: [`${scheme}:ice.example`] })),
      }),
    };
    assert.equal(diagnosisOf(connection, pc, type).advice, advice, line);
  }
});
