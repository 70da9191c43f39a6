// What crosses the border as a number (src/proto/border.rs). Made by tests/border.rs.

export const RECEIVED_VALUE = 1;
export const RECEIVED_BATCH = 2;
export const RECEIVED_UNFINISHED = 3;
export const STATE_OPEN = 1;
export const STATE_DISCONNECTED = 2;
export const STATE_DESTROYED = 4;
export const AREA_SLOTS = 0;
export const AREA_TEXT = 1;
export const AREA_WINDOW = 2;
export const LOG_ERRORS = 1;
export const LOG_WARNINGS = 2;
export const LOG_ALL = 3;
