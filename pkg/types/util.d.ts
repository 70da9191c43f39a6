/** The values that {@link Util.pack} accepts: those that BinaryPack can represent. */
export type Packable =
  | null
  | undefined
  | string
  | number
  | boolean
  | Date
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | Packable[]
  | { [key: string]: Packable };

/** The values that {@link Util.unpack} returns. */
export type Unpackable =
  | null
  | undefined
  | string
  | number
  | boolean
  | ArrayBuffer
  | Unpackable[]
  | { [key: string]: Unpackable };

/** The capabilities of a browser (PeerJS reference, "util.supports"). */
export interface UtilSupportsObj {
  /** Whether PeerJS counts this version of this browser as supported. */
  browser: boolean;
  /** Whether there is an `RTCPeerConnection`. */
  webRTC: boolean;
  /** Whether calls are possible. */
  audioVideo: boolean;
  /** Whether data connections are possible. */
  data: boolean;
  /** Whether a data channel can deliver received data as Blobs. */
  binaryBlob: boolean;
  /** Whether data connections can be reliable. */
  reliable: boolean;
}

/**
 * The type of {@link util}. It is declared as a class, as in PeerJS, but exists only as a type and not at run time.
 */
export declare class Util {
  /** Host name of the public PeerServer. */
  readonly CLOUD_HOST = "0.peerjs.com";

  /** Port of the public PeerServer. */
  readonly CLOUD_PORT = 443;

  /** The browsers for which PeerJS cuts long messages. For compatibility only. */
  readonly chunkedBrowsers: {
    /** Always 1. */
    Chrome: number;
    /** Always 1. */
    chrome: number;
  };

  /** Length of the pieces that {@link Util.chunk} makes, in bytes. */
  readonly chunkedMTU = 16300;

  /** The default of {@link PeerOptions.config}: a public STUN server. */
  readonly defaultConfig: {
    /** STUN and TURN servers (W3C WebRTC, "RTCIceServer"). */
    iceServers: (
      | { urls: string; username?: undefined; credential?: undefined }
      | { urls: string[]; username: string; credential: string }
    )[];
    /** Always `"unified-plan"`, the only semantics that browsers still support. */
    sdpSemantics: string;
  };

  /**
   * The family of this browser: `"chrome"` (all browsers based on Chromium), `"firefox"`, `"safari"`,
   * `"Not a supported browser."`, or `"Not a browser."` if there is no window (Node, workers).
   */
  readonly browser: string;

  /** The major version of this browser; in Safari that of WebKit. 0 if it is unknown. */
  readonly browserVersion: number;

  /** The capabilities of this browser, found out at the first access. */
  readonly supports: UtilSupportsObj & {
    /** Whether data connections carry binary data. In the PeerJS reference, but not in PeerJS 1.5.5. */
    binary: boolean;
  };

  /**
   * Packs a value into BinaryPack.
   *
   * @param data - The value.
   * @returns The bytes, or a promise of the bytes if the value contains a Blob.
   * @throws TypeError if a part of the value cannot be packed; the message has the path to it.
   */
  pack: (data: Packable) => ArrayBuffer | Promise<ArrayBuffer>;

  /**
   * Unpacks a value from BinaryPack.
   *
   * @param data - The bytes of exactly one value.
   * @returns The value, binary data as `ArrayBuffer`.
   * @throws Error if the bytes are not exactly one value.
   */
  unpack: <T extends Unpackable>(data: ArrayBuffer | ArrayBufferView) => T;

  /**
   * Cuts packed bytes into the pieces in which PeerJS sends them. The pieces of one call have the same `__peerData`,
   * which counts up with each call.
   *
   * @param blob - The bytes.
   * @returns The pieces, of at most {@link Util.chunkedMTU} bytes; `data` is of the same class as `blob`.
   */
  chunk: (blob: ArrayBuffer) => {
    /** Number of the message. */
    __peerData: number;
    /** Number of the piece, from 0. */
    n: number;
    /** How many pieces there are. */
    total: number;
    /** The bytes of the piece. */
    data: Uint8Array;
  }[];

  /**
   * Returns whether an id is valid: ASCII letters and digits, and between them also spaces, dashes and underscores.
   *
   * @param id - The id. An empty id is valid: the server chooses one.
   */
  validateId: (id: string) => boolean;

  /** Returns an unguessable token of lowercase letters and digits. */
  randomToken: () => string;

  /**
   * Reads a Blob asynchronously.
   *
   * @param blob - The Blob to read.
   * @param cb - Called with the bytes, or with null if they cannot be read.
   * @returns The reader in use.
   */
  blobToArrayBuffer(blob: Blob, cb: (arg: ArrayBuffer | null) => void): FileReader;

  /**
   * Converts a binary string, with one byte in each character, to bytes.
   *
   * @param binary - The string. Only the lowest eight bits of each character are used.
   */
  binaryStringToArrayBuffer(binary: string): ArrayBuffer;

  /** Returns whether the page was loaded over https. */
  isSecure(): boolean;

  /** Does nothing. */
  noop(): void;
}

/**
 * Helpers of PeerJS (PeerJS reference, "util"). In a bundle that imports nothing of the package but `util`, `pack`, `unpack`
 * and `validateId` throw an Error, since they need the wasm.
 */
export declare const util: Util;
