// What the browser counts and says of a connection's path, in one shape for all browsers.

/** Kinds of candidates, those that cost most first. */
export const TYPES = ["relay", "prflx", "srflx", "host"];

const end = (candidate) => {
  if (!candidate) return candidate;
  const { candidateType: type, address, port, protocol } = candidate;
  return { type, address, port, protocol };
};

/** The pair of candidates that is in use. */
function selected(report) {
  const all = [...report.values()];
  const transport = all.find((each) => each.selectedCandidatePairId);
  const isSelected = ({ id, nominated, state }) =>
    transport ? id === transport.selectedCandidatePairId : nominated && state === "succeeded";
  return all.find(isSelected) ?? {};
}

const known = (number) => (Number.isFinite(number) ? number : undefined);

/**
 * @param {import("./connection.js").BaseConnection} connection
 * @param {RTCStatsReport} report of its RTCPeerConnection
 */
export function readStats(connection, report) {
  const pair = selected(report);
  const last = connection._lastPair;
  connection._lastPair = pair;
  /** How much it grew in a second. Another path counts anew. */
  const rate = (name) =>
    known(
      last.id === pair.id && ((pair[name] - last[name]) * 1000) / (pair.timestamp - last.timestamp),
    );
  const local = report.get(pair.localCandidateId);
  const remote = report.get(pair.remoteCandidateId);
  const types = [local?.candidateType, remote?.candidateType];
  let lost;
  for (const { type, packetsLost = 0 } of report.values()) {
    if (type === "inbound-rtp") lost = (lost ?? 0) + packetsLost;
  }
  return {
    rtt: known(pair.currentRoundTripTime * 1000),
    path: TYPES.find((type) => types.includes(type)),
    protocol: local?.relayProtocol ?? local?.protocol,
    local: end(local),
    remote: end(remote),
    sent: pair.bytesSent,
    received: pair.bytesReceived,
    sendRate: rate("bytesSent"),
    receiveRate: rate("bytesReceived"),
    lost,
    buffered: connection.dataChannel?.bufferedAmount,
    available: known(pair.availableOutgoingBitrate / 8),
  };
}
