// The tape that JavaScript writes (`write` in src/proto/codec/tape.rs). Made by tests/border.rs.

export const NULL = -262144;
export const FALSE = -262143;
export const TRUE = -262142;
export const ARRAY = -262141;
export const MAP = -262140;
export const STRING = -262139;
export const BYTES = -262138;
export const BODY = -262137;
export const TEXT_BODY = -262136;
export const DATE = -262135;
export const NAN = 2146959360;
