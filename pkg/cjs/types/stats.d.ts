/** One end of the path of a connection. */
export interface PathEnd {
  /** How the address was found (W3C WebRTC, "RTCIceCandidateType"). */
  type: RTCIceCandidateType;
  /** The address, if the browser tells it. */
  address?: string;
  /** The port. */
  port: number;
  /** What is spoken at it. */
  protocol: "udp" | "tcp";
}

/** What {@link BaseConnection.stats} gives. What the browser does not say is undefined. */
export interface ConnectionStats {
  /** Milliseconds to the remote and back, as the browser measured it last. */
  rtt?: number;
  /** The less direct type of the two ends. `relay`: a TURN server forwards everything. */
  path?: RTCIceCandidateType;
  /** What is spoken: towards the TURN server, if the local end has one. */
  protocol?: "udp" | "tcp" | "tls";
  /** The local end of the path. */
  local?: PathEnd;
  /** The remote end of the path. */
  remote?: PathEnd;
  /** Bytes sent over this path, without the headers of IP, UDP and TURN. */
  sent?: number;
  /** Bytes received over this path. */
  received?: number;
  /** Bytes sent per second since the last call of `stats()`. Undefined at the first, and after the path has changed. */
  sendRate?: number;
  /** Bytes received per second since the last call of `stats()`. Undefined at the first, and after the path has changed. */
  receiveRate?: number;
  /** Packets of audio and video that did not arrive here. Undefined of data, where nothing is lost that is not repeated. */
  lost?: number;
  /** Bytes that wait in the browser's buffer of the data channel. */
  buffered?: number;
  /** Bytes per second that the browser believes the path can carry. Of calls, in Chromium. */
  available?: number;
}
