// Why a connection has failed, as far as its RTCPeerConnection tells. The words for it are in peerjs-wasm/diagnose.

import { BaseConnectionErrorType } from "./enums.js";
import { TYPES } from "./stats.js";

/** How many candidates of each type a description has. */
const count = (description) =>
  Object.fromEntries(
    TYPES.map((type) => [type, (description?.sdp ?? "").split(` typ ${type}`).length - 1]),
  );

/**
 * @param {import("./connection.js").BaseConnection} connection
 * @param {RTCPeerConnection} pc not closed yet
 * @param {string} type of the error
 */
export function diagnosisOf({ provider, _iceErrors: servers }, pc, type) {
  const { localDescription, remoteDescription } = pc;
  const local = count(localDescription);
  const remote = count(remoteDescription);
  const hasTurn = pc.getConfiguration().iceServers?.some(({ urls }) => /turns?:/.test(urls));
  let advice = "relay-failed";
  if (type === BaseConnectionErrorType.ConnectionClosed) advice = "path-lost";
  else if (!remoteDescription) advice = "no-answer";
  else if (hasTurn && !local.relay) {
    advice = servers.some(({ errorCode }) => errorCode === 401)
      ? "turn-refused"
      : "turn-unreachable";
  } else if (!remoteDescription.sdp.includes(" typ ")) advice = "no-candidates";
  else if (!local.relay && !remote.relay) advice = "turn-needed";
  if (!provider?.open && /^(path|no)-/.test(advice)) advice = "signalling-lost";
  return { local, remote, servers, advice };
}
