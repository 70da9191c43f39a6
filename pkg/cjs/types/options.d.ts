import type { DataConnection } from "./connection.js";
import type { LogLevel } from "./enums.js";
import type { Peer } from "./peer.js";
import type { SignalingFactory } from "./signaling.js";

/** The options of a {@link Peer} as a plain shape: see {@link PeerOptions} for what they mean. */
export interface PeerJSOption {
  /** See {@link PeerOptions.key}. */
  key?: string;
  /** See {@link PeerOptions.host}. */
  host?: string;
  /** See {@link PeerOptions.port}. */
  port?: number;
  /** See {@link PeerOptions.path}. */
  path?: string;
  /** See {@link PeerOptions.secure}. */
  secure?: boolean;
  /** See {@link PeerOptions.token}. */
  token?: string;
  /** See {@link PeerOptions.config}. */
  config?: RTCConfiguration;
  /** See {@link PeerOptions.debug}. */
  debug?: number;
  /** See {@link PeerOptions.referrerPolicy}. */
  referrerPolicy?: ReferrerPolicy;
}

/**
 * The options of a {@link Peer} (PeerJS reference, "new Peer"), every one of them optional. As in PeerJS this is
 * declared as a class, to be extended or implemented; it exists for types only and is no value at run time.
 */
export declare class PeerOptions implements PeerJSOption {
  /** How much is printed. Default: {@link LogLevel.Disabled}. */
  debug?: LogLevel;

  /** Host name of the PeerServer; `"/"` means the host of the page. Default: `"0.peerjs.com"`, the public cloud. */
  host?: string;

  /** Port of the PeerServer. Default: 443. */
  port?: number;

  /** Path under which the PeerServer is mounted; missing slashes at its ends are added. Default: `"/"`. */
  path?: string;

  /** Key that the PeerServer asks for. Default: `"peerjs"`. */
  key?: string;

  /** Secret that lets this peer come back under its id after a disconnect. Default: random. */
  token?: string;

  /**
   * What every `RTCPeerConnection` is made with: STUN and TURN servers above all (W3C WebRTC, "RTCConfiguration").
   * Default: {@link Util.defaultConfig}, the documents' STUN server and no TURN server.
   *
   * Or a function that returns it or a promise of it: fresh TURN credentials, say. It is asked before every connection and
   * call, on either end, and before every {@link BaseConnection.restartIce}. Until it has answered a connection has no
   * `peerConnection`. If it throws, rejects, gives no object or takes more than 10 s, the connection emits `error` of the
   * type `"config-failed"`, with what was thrown as `cause`, and `close`; a restart goes on with the configuration that
   * there was. PeerJS takes no function.
   */
  config?: any;

  /**
   * Whether to speak TLS with the PeerServer. Default: whether the page itself came by https. Always true for the
   * public cloud.
   */
  secure?: boolean;

  /** Milliseconds between two signs of life to the PeerServer, which drops a silent peer. Default: 5000. */
  pingInterval?: number;

  /**
   * What carries the messages by which peers find each other, in place of a PeerServer: made by `peerjs-wasm/mqtt`,
   * `peerjs-wasm/nats`, `peerjs-wasm/tabs` or `peerjs-wasm/signaling`. Not in PeerJS.
   */
  signaling?: SignalingFactory;

  /**
   * How many bytes of memory, about, the messages that are under way on one connection may take before they are complete.
   * One that takes more is an `invalid-data` error, and the connection lives on.
   * @default 1073741824
   */
  receiveLimit?: number;

  /**
   * Whether the peer comes back by itself, under its id, when it has lost its server or cannot reach it: `true`, or how
   * ({@link ReconnectOption}). Connections live on meanwhile. Default: false, as in PeerJS. Not in PeerJS.
   *
   * What a program sees is what it would see if it called {@link Peer.reconnect} itself: each time that the server is
   * lost or an attempt fails, `error` (of type `network`, or `server-error` where no id could be had) and
   * `disconnected`, which says in its second argument in how many milliseconds it is tried again; `open` once it is
   * back. Between attempts `disconnected` is true and `connect` and `call` refuse, during one they wait. When
   * {@link ReconnectOption.retries} are used up the last `disconnected` has no second argument.
   *
   * It ends when the program calls `disconnect` or `destroy`, in any listener too, and when the server refuses:
   * `unavailable-id` (somebody has taken the id meanwhile), `invalid-key`, `server-error` said by the server itself.
   * {@link Peer.reconnect} begins anew.
   */
  reconnect?: boolean | ReconnectOption;

  /**
   * Whether connections and calls outlive the path they use: `true`, `false`, or for how long ({@link ResumeOption}).
   * When the path is lost, the events `reconnecting` and `reconnected` say so, and nothing is lost on reliable, ordered
   * connections. When none is found in time, the connection ends: `error` of type `connection-closed`, `close`. Both
   * peers must be of this library and want it; a path to PeerJS is never looked for again. Default: true. Not in PeerJS.
   */
  resume?: boolean | ResumeOption;

  /** Referrer policy of the HTTP requests to the PeerServer. Default: `"strict-origin-when-cross-origin"`. */
  referrerPolicy?: ReferrerPolicy;

  /**
   * Receives the log instead of the console: only what {@link PeerOptions.debug} lets through, without a prefix.
   *
   * @param logLevel - How grave: {@link LogLevel.Errors}, {@link LogLevel.Warnings} or {@link LogLevel.All}.
   * @param rest - What would have been printed.
   */
  logFunction?: (logLevel: LogLevel, ...rest: any[]) => void;

  /**
   * Serializers of your own, by the names that {@link PeerConnectOption.serialization} and
   * {@link DataConnection.serialization} use. Both peers need them. They add to the built-in ones, or replace them; the
   * one named `default` serves connections that ask for none. Default: none.
   */
  serializers?: SerializerMapping;
}

/** For how long a lost path is looked for: see {@link PeerOptions.resume}. Not in PeerJS. */
export interface ResumeOption {
  /**
   * Milliseconds until the connection ends. They begin anew while the remote's browser acknowledges bytes, and at most four
   * times when this page has slept or the browser has found a path over which nothing came yet. Default: 30000.
   */
  timeout?: number;
}

/**
 * How a {@link Peer} comes back to its server: see {@link PeerOptions.reconnect}. It waits twice as long each time, and
 * something between half of that and all of it is waited, so that not everybody comes at once; when the browser says
 * that it is online again nothing more is waited. Not in PeerJS.
 */
export interface ReconnectOption {
  /** How many attempts in a row may fail. Default: Infinity. */
  retries?: number;

  /** The first wait, in milliseconds. Default: 1000. */
  minDelay?: number;

  /** The longest wait, in milliseconds. Default: 30000. */
  maxDelay?: number;
}

/** What the {@link Peer} constructor takes: {@link PeerOptions}, with the older form of `debug` as well. */
export interface PeerInit extends Omit<PeerOptions, "debug"> {
  /** How much is printed: a {@link LogLevel}, or `true` for everything. Default: nothing. */
  debug?: number | boolean;
}

/** Classes of connections, each under the name of its serialization. */
export interface SerializerMapping {
  /** A subclass of {@link BufferedConnection}, {@link StreamConnection} or {@link DataConnection}. */
  [key: string]: new (
    peerId: string,
    provider: Peer,
    options: any,
  ) => DataConnection;
}

/** The options of {@link Peer.connect}. */
export interface PeerConnectOption {
  /** Name of the connection, seen by both sides as {@link DataConnection.label}. Default: random. */
  label?: string;

  /**
   * Anything JSON can say, handed to the other side with the offer: {@link DataConnection.metadata}, and the second
   * argument of its event `connection`. Default: none.
   */
  metadata?: any;

  /**
   * How messages become bytes: a {@link SerializationType}, `"none"` (another name of `"raw"`) or the name of one of
   * the {@link PeerOptions.serializers}. Default: `"binary"`.
   */
  serialization?: "binary" | "binary-utf8" | "json" | "raw" | "none" | (string & {});

  /**
   * Whether messages arrive in the order in which they were sent. Either way nothing is lost, unless
   * {@link PeerConnectOption.maxRetransmits} or {@link PeerConnectOption.maxPacketLifeTime} say so. Default: false.
   */
  reliable?: boolean;

  /**
   * The data channel's own `ordered` (W3C WebRTC, "RTCDataChannelInit"). Default: {@link PeerConnectOption.reliable}.
   * Not in PeerJS.
   */
  ordered?: boolean;

  /**
   * How often a lost packet is sent again before it is given up (W3C WebRTC, "RTCDataChannelInit"). Not together with
   * {@link PeerConnectOption.maxPacketLifeTime}. Default: until it arrives. Not in PeerJS.
   */
  maxRetransmits?: number;

  /**
   * For how many milliseconds a lost packet is sent again before it is given up (W3C WebRTC, "RTCDataChannelInit"). Not
   * together with {@link PeerConnectOption.maxRetransmits}. Default: until it arrives. Not in PeerJS.
   */
  maxPacketLifeTime?: number;

  /**
   * Weight against the other channels of the connection (W3C WebRTC Priority, "RTCPriorityType"), where the browser
   * knows it. Default: `"low"`. Not in PeerJS.
   */
  priority?: RTCPriorityType;

  /**
   * What `createOffer` is called with (W3C WebRTC, "RTCOfferOptions"). Browsers ignore what they do not know, as the
   * `mandatory` of old programs. Default: nothing.
   */
  constraints?: RTCOfferOptions | { [legacy: string]: any };

  /**
   * Rewrites the offer before it is set and sent: called with the SDP text, returns the text to use instead. Anything
   * falsy keeps the original. Default: none.
   */
  sdpTransform?: Function;
}

/** The options of {@link Peer.call}. */
export interface CallOption {
  /** Anything JSON can say, handed to the other side with the offer: {@link MediaConnection.metadata}. Default: none. */
  metadata?: any;

  /**
   * What `createOffer` is called with (W3C WebRTC, "RTCOfferOptions"). Browsers ignore what they do not know, as the
   * `mandatory` of old programs. Default: nothing.
   */
  constraints?: RTCOfferOptions | { [legacy: string]: any };

  /**
   * Rewrites the offer before it is set and sent: called with the SDP text, returns the text to use instead. Anything
   * falsy keeps the original. Default: none.
   */
  sdpTransform?: Function;
}

/** The options of {@link MediaConnection.answer}. */
export interface AnswerOption {
  /**
   * Rewrites the answer before it is set and sent: called with the SDP text, returns the text to use instead. Anything
   * falsy keeps the original. Default: none.
   */
  sdpTransform?: Function;
}
