/** What {@link Util.pack} takes: what BinaryPack can say. */
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

/** What {@link Util.unpack} gives. */
export type Unpackable =
  | null
  | undefined
  | string
  | number
  | boolean
  | ArrayBuffer
  | Unpackable[]
  | { [key: string]: Unpackable };

/** What a browser can do (PeerJS reference, "util.supports"). */
export interface UtilSupportsObj {
  /** Whether it is one of the browsers, and versions, that PeerJS counts as supported. */
  browser: boolean;
  /** Whether it has `RTCPeerConnection` at all. */
  webRTC: boolean;
  /** Whether calls are possible. */
  audioVideo: boolean;
  /** Whether data connections are possible. */
  data: boolean;
  /** Whether a data channel can hand over what it receives as Blobs. */
  binaryBlob: boolean;
  /** Whether data connections can be reliable. */
  reliable: boolean;
}

/**
 * The type of {@link util}. As in PeerJS it is declared as a class; it exists for types only and is no value at run
 * time.
 */
export declare class Util {
  /** Host name of the public PeerServer. */
  readonly CLOUD_HOST = "0.peerjs.com";

  /** Port of the public PeerServer. */
  readonly CLOUD_PORT = 443;

  /** The browsers for which PeerJS cuts long messages. */
  readonly chunkedBrowsers: {
    /** Always 1. */
    Chrome: number;
    /** Always 1. */
    chrome: number;
  };

  /** Bytes above which {@link Util.chunk} cuts. */
  readonly chunkedMTU = 16300;

  /** What {@link PeerOptions.config} is when not given: a public STUN server and PeerJS's TURN servers. */
  readonly defaultConfig: {
    /** STUN and TURN servers (W3C WebRTC, "RTCIceServer"). */
    iceServers: (
      | { urls: string; username?: undefined; credential?: undefined }
      | { urls: string[]; username: string; credential: string }
    )[];
    /** Always `"unified-plan"`, the only semantics browsers still have. */
    sdpSemantics: string;
  };

  /**
   * This browser's family: `"chrome"` (everything built on Chromium), `"firefox"`, `"safari"`,
   * `"Not a supported browser."`, or `"Not a browser."` where there is no window (Node, workers).
   */
  readonly browser: string;

  /** The major version; of WebKit in Safari. 0 when unknown. */
  readonly browserVersion: number;

  /** What this browser can do: found out on the first reading, not on loading. */
  readonly supports: UtilSupportsObj & {
    /** Whether data connections carry binary data. In the documents; PeerJS 1.5.5 has it not. */
    binary: boolean;
  };

  /**
   * Packs a value into BinaryPack.
   *
   * @param data - The value.
   * @returns The bytes; a promise of them when a Blob is inside.
   * @throws TypeError when a part of the value cannot be packed; the message names the path to it.
   */
  pack: (data: Packable) => ArrayBuffer | Promise<ArrayBuffer>;

  /**
   * Unpacks a value from BinaryPack.
   *
   * @param data - The bytes of exactly one value.
   * @returns The value, binary data as `ArrayBuffer`.
   * @throws Error when the bytes are not one whole value.
   */
  unpack: <T extends Unpackable>(data: ArrayBuffer | ArrayBufferView) => T;

  /**
   * Cuts packed bytes as they travel to the other side. The pieces of one call share a number that counts up.
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
   * Whether an id may be asked for: letters and digits, in the middle also spaces, dashes and underscores.
   *
   * @param id - The id. An empty one leaves the choice to the server, and is valid.
   */
  validateId: (id: string) => boolean;

  /** @returns An unguessable token of small letters and digits. */
  randomToken: () => string;

  /**
   * Reads a Blob.
   *
   * @param blob - What to read.
   * @param cb - Called with the bytes, or with null when they cannot be read.
   * @returns The reader at work.
   */
  blobToArrayBuffer(blob: Blob, cb: (arg: ArrayBuffer | null) => void): FileReader;

  /**
   * Turns a binary string, one byte in each character, into bytes.
   *
   * @param binary - The string. Of a character above 255 only the low eight bits count.
   */
  binaryStringToArrayBuffer(binary: string): ArrayBuffer;

  /** Whether the page came by https. */
  isSecure(): boolean;

  /** Does nothing. */
  noop(): void;
}

/**
 * Helpers of PeerJS (PeerJS reference, "util"). In a bundle that imports nothing of the package but `util`, `pack`, `unpack`
 * and `validateId` throw an Error, since they need the wasm.
 */
export declare const util: Util;
