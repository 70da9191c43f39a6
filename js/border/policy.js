// Names, defaults and limits that both sides need. Made by tests/border.rs.

export const SERIALIZATION_BINARY = "binary";
export const SERIALIZATION_BINARY_UTF8 = "binary-utf8";
export const SERIALIZATION_JSON = "json";
export const SERIALIZATION_RAW = "raw";
export const SERIALIZATION_NONE = "none";
export const SERIALIZATION_MSGPACK = "MsgPack";
export const CLOUD_HOST = "0.peerjs.com";
export const DEFAULT_ICE_SERVER = "stun:stun.l.google.com:19302";
export const DEFAULT_KEY = "peerjs";
export const CLOUD_PORT = 443;
export const CLOSE_JSON = '{"__peerData":{"type":"close"}}';
export const PEERJS_PIECE = 16300;
export const STREAM_PIECE = 32768;
export const UNREAD_LIMIT = 67108864;
