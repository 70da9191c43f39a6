// What a peer can reach: its signalling server and its ICE servers, each by itself. An entry of its own, for a page that is
// opened when something does not work; the texts are here, too.

/** How long one server may take, in milliseconds. */
const TIMEOUT = 10_000;

const TEXTS = {
  ok: "Everything that was tested works.",
  "server-unreachable":
    "The signalling server cannot be reached: check its address, and whether a firewall blocks it.",
  "config-failed": "The function `config` gave no configuration: see the error.",
  "turn-needed":
    "No TURN server is configured: behind some firewalls and NATs no connection is possible without one.",
  "turn-unreachable":
    "No TURN server can be reached: check its address, and offer it over TCP and TLS at port 443, too.",
  "turn-refused":
    "The TURN server refuses the user name or the credential, which may have expired.",
  "stun-unreachable":
    "No STUN server can be reached: only direct and relayed connections are possible.",
  "udp-blocked": "UDP is blocked: everything goes through a TURN server over TCP, which is slower.",
  "relay-failed": "A TURN server was used, but not even so was the other end reached.",
  "no-answer": "The other end has not answered: it may be offline, or its page is frozen.",
  "no-candidates": "The other end has no address that may be used: it may need a TURN server.",
  "path-lost": "The connection worked, and then its network path was lost.",
  "signalling-lost":
    "This page has lost its signalling server, so that nothing could be agreed on.",
};

/**
 * @param {string} advice a code of `Diagnosis.advice` or of a report
 * @returns {string} what is to be done, in English
 */
export const explain = (advice) => TEXTS[advice] ?? advice;

/**
 * @param {import("./peer.js").Peer} peer its options say what is tested
 * @returns {Promise<object>} types/diagnose.d.ts says what is in it
 */
export async function diagnose(peer, { timeout = TIMEOUT } = {}) {
  const { options } = peer;
  const [server, ice] = await Promise.all([testServer(peer, timeout), testIce(options, timeout)]);
  const report = { server, ...ice };
  return { ...report, advice: advise(report).map((code) => ({ code, text: explain(code) })) };
}

/** Rejects when `promise` takes more than `timeout` milliseconds. */
function within(timeout, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, timeout, new Error(`no answer within ${timeout / 1000} s`));
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function testServer({ options, open }, timeout) {
  if (options.signaling) return { url: undefined, reachable: open };
  const { host, port, path, key, secure } = options;
  const url = `http${secure ? "s" : ""}://${host}:${port}${path}${key}/id`;
  const start = performance.now();
  try {
    const response = await within(timeout, fetch(`${url}?ts=${Date.now()}`));
    if (!response.ok) throw new Error(`status ${response.status}`);
    return { url, reachable: true, ms: performance.now() - start };
  } catch (error) {
    return { url, reachable: false, error: error.message };
  }
}

async function testIce({ config }, timeout) {
  let answer = config;
  try {
    if (typeof config === "function") answer = await within(timeout, Promise.resolve(config()));
  } catch (error) {
    return { iceServers: [], config: error?.message ?? String(error), nat: "unknown" };
  }
  const each = (answer?.iceServers ?? []).flatMap((server) =>
    [server.urls].flat().map((url) => ({ server, url })),
  );
  const [iceServers, nat] = await Promise.all([
    Promise.all(each.map(({ server, url }) => testIceServer(server, url, timeout))),
    mapping(each.map(({ url }) => url).filter(isStun), timeout),
  ]);
  const works = (isIt) => {
    const some = iceServers.filter(isIt);
    return some.length > 0 ? some.some(({ reachable }) => reachable) : undefined;
  };
  return { iceServers, nat, udp: works((it) => !isTcp(it)), tcp: works(isTcp) };
}

const isStun = (url) => /^stuns?:/i.test(url);
const isTcp = ({ url }) => /^turns:|transport=tcp/i.test(url);

/** Gathers candidates with `config` until `found(candidate)` is true or there are no more. */
async function gather(config, timeout, { found = () => false, failed = () => {} }) {
  const pc = new RTCPeerConnection(config);
  try {
    await within(
      timeout,
      new Promise((resolve, reject) => {
        pc.onicecandidateerror = failed;
        pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && resolve();
        pc.onicecandidate = ({ candidate }) => {
          if (!candidate || (candidate.candidate && found(candidate))) resolve();
        };
        pc.createDataChannel("");
        pc.setLocalDescription().catch(reject);
      }),
    );
  } finally {
    pc.close();
  }
}

const typeOf = ({ candidate }) => / typ (\w+)/.exec(candidate)?.[1];

async function testIceServer(server, url, timeout) {
  const isTurn = !isStun(url);
  const wanted = isTurn ? "relay" : "srflx";
  const start = performance.now();
  const result = {
    url,
    reachable: undefined,
    ms: undefined,
    types: [],
    errorCode: undefined,
    error: undefined,
  };
  const found = (candidate) => {
    const type = typeOf(candidate);
    if (!result.types.includes(type)) result.types.push(type);
    if (type !== wanted) return false;
    result.reachable = true;
    result.ms = performance.now() - start;
    return true;
  };
  const failed = ({ errorCode, errorText }) => {
    result.errorCode ??= errorCode;
    result.error ??= errorText;
  };
  const config = {
    iceServers: [{ ...server, urls: url }],
    iceTransportPolicy: isTurn ? "relay" : "all",
  };
  try {
    await gather(config, timeout, { found, failed });
  } catch (error) {
    result.error ??= error.message;
  }
  // A STUN server that says what the host knows gives no candidate, nor an error in the browsers that report errors.
  if (isTurn || result.error) result.reachable ??= false;
  else if ("onicecandidateerror" in RTCPeerConnection.prototype) result.reachable ??= true;
  return result;
}

/** Whether a NAT gives one port here the same port towards all servers; two STUN servers are needed to know. */
async function mapping(urls, timeout) {
  if (urls.length < 2) return "unknown";
  const ports = new Map();
  const found = (candidate) => {
    const [, , , , , port, , , , base, , basePort] = candidate.candidate.split(" ");
    if (typeOf(candidate) === "srflx") {
      const key = `${base}:${basePort}`;
      ports.set(key, new Set([...(ports.get(key) ?? []), port]));
    }
    return false;
  };
  await gather({ iceServers: [{ urls }] }, timeout, { found }).catch(() => {});
  // Where the browser hides the local address all have the same base, and several interfaces look like one.
  const all = [...ports].filter(([base]) => !base.endsWith(":0"));
  if (all.length === 0) return "unknown";
  return all.some(([, set]) => set.size > 1) ? "endpoint-dependent" : "endpoint-independent";
}

function advise({ server, config, iceServers, udp, tcp }) {
  const codes = [];
  const turn = iceServers.filter(({ url }) => !isStun(url));
  const stun = iceServers.filter(({ url }) => isStun(url));
  if (!server.reachable) codes.push("server-unreachable");
  if (config) codes.push("config-failed");
  else if (turn.length === 0) codes.push("turn-needed");
  else if (!turn.some(({ reachable }) => reachable)) {
    codes.push(
      turn.some(({ errorCode }) => errorCode === 401) ? "turn-refused" : "turn-unreachable",
    );
  }
  if (stun.length > 0 && stun.every(({ reachable }) => reachable === false)) {
    codes.push("stun-unreachable");
  }
  if (udp === false && tcp) codes.push("udp-blocked");
  return codes.length > 0 ? codes : ["ok"];
}
