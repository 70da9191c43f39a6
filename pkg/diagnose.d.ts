import type { Advice } from "./types/errors.js";
import type { Peer } from "./types/peer.js";

/** What can be said of what was tested, beside {@link Advice}. */
export type ReportAdvice =
  | Advice
  | "ok"
  | "server-unreachable"
  | "config-failed"
  | "stun-unreachable"
  | "udp-blocked";

/** What {@link diagnose} found out about one URL of an ICE server. */
export interface IceServerReport {
  /** The URL. */
  url: string;
  /** Whether it gave a candidate. Undefined of a STUN server if the browser does not tell: there may be no NAT. */
  reachable?: boolean;
  /** After how many milliseconds. */
  ms?: number;
  /** The types of all candidates that came meanwhile. */
  types: RTCIceCandidateType[];
  /** The error of STUN or TURN: 401 wrong credentials, 701 not reached. Not in Firefox. */
  errorCode?: number;
  /** The error in words. */
  error?: string;
}

/** What {@link diagnose} found out. */
export interface Report {
  /** The signalling server: its URL, whether it answered, after how many milliseconds, and why not. */
  server: { url?: string; reachable: boolean; ms?: number; error?: string };
  /** Why the function `config` gave nothing. */
  config?: string;
  /** Every URL of every ICE server. */
  iceServers: IceServerReport[];
  /**
   * Whether the NAT maps a port the same towards all servers. `endpoint-dependent` (symmetric) needs a TURN server. Known
   * only with two STUN servers or more, and where the browser tells local addresses.
   */
  nat: "endpoint-independent" | "endpoint-dependent" | "unknown";
  /** Whether an ICE server was reached over UDP. Undefined if there is none. */
  udp?: boolean;
  /** Whether a TURN server was reached over TCP or TLS. Undefined if there is none. */
  tcp?: boolean;
  /** What is to be done: codes, and the same in words. */
  advice: { code: ReportAdvice; text: string }[];
}

/**
 * Tests what a peer can reach: its server and each of its ICE servers by itself. It makes RTCPeerConnections of its own and
 * does not touch those of the peer. The promise is not rejected.
 *
 * @param peer - Its options say what is tested. It need not be open.
 * @param options - `timeout`: how many milliseconds one server may take. Default: 10000.
 */
export declare function diagnose(peer: Peer, options?: { timeout?: number }): Promise<Report>;

/**
 * Says in words what is to be done.
 *
 * @param advice - A code of a {@link Report}, or {@link Diagnosis.advice} of an error.
 */
export declare function explain(advice: ReportAdvice): string;
