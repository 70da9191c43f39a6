import { CLOUD_HOST, CLOUD_PORT, DEFAULT_ICE_SERVER, PEERJS_PIECE } from "./border/policy.js";

/** The browsers that PeerJS counts as supported, with their first major version (Safari: of WebKit). */
const SUPPORTED_FROM = { chrome: 72, firefox: 59, safari: 605 };

/**
 * Returns the name and major version of the browser. The rules are those of PeerJS, so that programs which compare the
 * results see no difference.
 */
function detect() {
  const { window } = globalThis;
  const navigator = window?.navigator;
  if (!navigator?.userAgent) return ["Not a browser.", 0];
  const chromium = navigator.userAgentData?.brands?.find(({ brand }) => brand === "Chromium");
  const major = Number.parseInt(chromium?.version, 10);
  if (major >= 90) return ["chrome", major];

  const versionIn = (pattern) => Number(navigator.userAgent.match(pattern)?.[1] ?? 0);
  if (navigator.mozGetUserMedia) return ["firefox", versionIn(/Firefox\/(\d+)\./)];
  if (
    navigator.webkitGetUserMedia ||
    (window.isSecureContext === false && window.webkitRTCPeerConnection)
  ) {
    return ["chrome", versionIn(/Chrom(?:e|ium)\/(\d+)\./)];
  }
  const webkit = window.RTCPeerConnection && versionIn(/AppleWebKit\/(\d+)\./);
  return webkit ? ["safari", webkit] : ["Not a supported browser.", 0];
}

/** Finds out what the browser supports, by making a connection and a channel without a remote. */
function probe() {
  const [browser, version] = detect();
  const isIOS = /^iP(ad|hone|od)$/.test(globalThis.navigator?.platform);
  const supports = {
    browser: version >= SUPPORTED_FROM[browser] && !(browser === "safari" && isIOS),
    webRTC: typeof RTCPeerConnection !== "undefined",
    audioVideo: false,
    data: false,
    binary: false,
    binaryBlob: false,
    reliable: false,
  };
  if (!supports.webRTC) return supports;
  let connection;
  try {
    connection = new RTCPeerConnection();
    supports.audioVideo = true;
    const channel = connection.createDataChannel("", { ordered: true });
    supports.data = true;
    supports.reliable = channel.ordered;
    channel.binaryType = "arraybuffer";
    supports.binary = true;
    channel.binaryType = "blob"; // Older versions of Chromium throw.
    supports.binaryBlob = !isIOS;
  } catch {
    // From the step that failed on, nothing is supported.
  }
  connection?.close();
  return supports;
}

let supports;
let chunkedMessages = 0;

const randomToken = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join("");

/** Returns a token of the application if it has replaced `util.randomToken`, and undefined otherwise. */
export const ownToken = () => (util.randomToken === randomToken ? undefined : util.randomToken());

export const util = {
  CLOUD_HOST,
  CLOUD_PORT,
  chunkedBrowsers: { Chrome: 1, chrome: 1 },
  chunkedMTU: PEERJS_PIECE,
  defaultConfig: {
    iceServers: [{ urls: DEFAULT_ICE_SERVER }],
    sdpSemantics: "unified-plan",
  },

  get browser() {
    return detect()[0];
  },

  get browserVersion() {
    return detect()[1];
  },

  /**
   * What the browser supports, found out at the first access: loading must not make an RTCPeerConnection, nor fail if
   * there is none. Repeated while WebRTC is missing, because a polyfill may add it later.
   */
  get supports() {
    if (!supports?.webRTC) supports = probe();
    return supports;
  },

  chunk(packed) {
    const size = util.chunkedMTU;
    const total = Math.ceil(packed.byteLength / size);
    const __peerData = ++chunkedMessages;
    return Array.from({ length: total }, (_, n) => ({
      __peerData,
      n,
      data: packed.slice(n * size, (n + 1) * size),
      total,
    }));
  },

  randomToken,

  blobToArrayBuffer(blob, callback) {
    const reader = new FileReader();
    reader.onload = reader.onerror = () => callback(reader.result);
    reader.readAsArrayBuffer(blob);
    return reader;
  },

  binaryStringToArrayBuffer(binary) {
    return Uint8Array.from({ length: binary.length }, (_, i) => binary.charCodeAt(i)).buffer;
  },

  isSecure: () => globalThis.location?.protocol === "https:",

  noop() {},
};
