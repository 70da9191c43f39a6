import { Peer, type Util, type UtilSupportsObj, util } from "peerjs";

if (util.browser === "firefox" && util.browserVersion > 100) console.log("OK");
const supports: UtilSupportsObj = util.supports;
if (!supports.data || !util.supports.audioVideo || !util.supports.reliable) alert("Sorry");
const can: boolean[] = [supports.browser, supports.webRTC, supports.binaryBlob];
const pretend: UtilSupportsObj = {
  browser: true,
  webRTC: true,
  audioVideo: true,
  data: true,
  binaryBlob: true,
  reliable: true,
};
console.log(can, pretend);

const host: "0.peerjs.com" = util.CLOUD_HOST;
const port: 443 = util.CLOUD_PORT;
const piece: 16300 = util.chunkedMTU;
new Peer({ host, port, debug: piece > 1 ? 1 : 0 });
const config: RTCConfiguration = util.defaultConfig;
new Peer({
  config: {
    ...util.defaultConfig,
    iceServers: [
      ...util.defaultConfig.iceServers,
      { urls: "turn:turn.example", username: "me", credential: "x" },
    ],
  },
});
util.defaultConfig.iceServers.push({ urls: ["turn:a"], username: "me", credential: "x" });
console.log(config.iceServers, util.chunkedBrowsers.chrome + util.chunkedBrowsers.Chrome);

const packed = util.pack({ list: [1, "two", null, undefined, new Date()], blob: new Blob(["x"]) });
if (packed instanceof Promise) packed.then((bytes) => bytes.byteLength);
else {
  const value = util.unpack<{ list: string[] }>(packed);
  console.log(value.list[0].length, util.unpack(packed));
  const text: string = util.unpack(packed);
  console.log(text);
  for (const { __peerData, n, total, data } of util.chunk(packed)) {
    console.log(__peerData + n + total, data.byteLength);
  }
}

const { validateId, randomToken, pack, unpack } = util;
const valid: boolean = validateId("my-id") && util.validateId(randomToken().slice(1));
const reader: FileReader = util.blobToArrayBuffer(new Blob(["x"]), (buffer) => {
  console.log(buffer?.byteLength);
});
const bytes: ArrayBuffer | SharedArrayBuffer = util.binaryStringToArrayBuffer("abc");
util.noop();
const helpers: Util = util;
console.log(valid, reader, bytes, helpers.isSecure(), pack, unpack);

const peer = new Peer();
for (const list of Object.values(peer.connections)) {
  for (const connection of list) connection.send("bye");
}
const byPeer = peer.connections as Record<string, { close(): void }[]>;
for (const id of Object.keys(peer.connections)) byPeer[id][0]?.close();
