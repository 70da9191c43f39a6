// The tape that Rust writes (`read` in src/proto/codec/tape.rs). Made by tests/border.rs.

export const BOXED = -262144;
export const NULL = 0;
export const UNDEFINED = 1;
export const FALSE = 2;
export const TRUE = 3;
export const TEXT = 4;
export const WIDE = 5;
export const BYTES = 6;
export const ARRAY = 7;
export const LIST = 8;
export const MAP = 9;
export const KNOWN = 10;
export const NEW = 11;
export const PROTO = 12;
export const LONG_TEXT = 13;
export const LONG_BYTES = 14;
export const DATE = 15;
export const EXT = 16;
export const NUMBERS = 17;
export const LONG_VALUE = 18;
export const WINDOW = 16384;
export const RANGE_SHIFT = 14;
export const PLACE_SHIFT = 19;
