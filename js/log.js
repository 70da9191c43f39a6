import { LOG_ALL, LOG_WARNINGS } from "./border/handles.js";

const inWords = (value) => (value instanceof Error ? `(${value.name}) ${value.message}` : value);

function print(level, ...args) {
  const line = ["PeerJS: ", ...args.map(inWords)];
  if (level === LOG_ALL) console.log(...line);
  else if (level === LOG_WARNINGS) console.warn("WARNING", ...line);
  else console.error("ERROR", ...line);
}

/**
 * Makes the log function of one peer.
 *
 * @param {number | boolean} [debug] the highest LogLevel that is logged; `true` logs everything
 * @param {(level: number, ...args: any[]) => void} [logFunction] replaces the console
 * @returns {(level: number, ...args: any[]) => void}
 */
export function createLog(debug, logFunction) {
  const limit = debug === true ? LOG_ALL : debug;
  const out = logFunction || print;
  return (level, ...args) => {
    if (level <= limit) out(level, ...args);
  };
}
