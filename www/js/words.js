// Errors, sizes and durations in words for people.

const ERRORS = {
  // of the peer
  "browser-incompatible":
    "This browser cannot connect to other browsers: WebRTC is missing or switched off.",
  disconnected:
    "You are not connected to the server, so no new connections are possible. Reconnect first.",
  "invalid-id":
    "An id may contain letters and digits, with spaces, dashes and underscores between.",
  "invalid-key": "The server does not accept the key of this page.",
  network: "The connection to the server was lost.",
  "peer-unavailable":
    "No peer has that id. It may be mistyped, or the other page may have been closed.",
  "server-error": "The server cannot be reached, or it refused this page.",
  "socket-closed": "The server closed the connection.",
  "socket-error": "The connection to the server failed.",
  "ssl-unavailable": "The server does not offer a secure connection.",
  "unavailable-id": "That id is already in use by somebody else.",
  webrtc: "The browser could not set up the connection.",
  // of one connection
  "connection-closed": "The connection to the other side was lost.",
  "message-too-big": "That message is too big to be sent in one piece.",
  "negotiation-failed": "No network path to the other side was found. A firewall may block it.",
  "not-open-yet": "The connection is not open yet.",
};

/** A sentence for an error of a Peer, a connection or a call. */
export const describe = (error) =>
  ERRORS[error.type] ?? `Something went wrong: ${error.message || error}`;

/** "1.5 MB", in the units that file managers use. */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit++;
  } while (value >= 999.5 && unit < 3);
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${["kB", "MB", "GB", "TB"][unit]}`;
}

/** "1:05", "2:00:00"; under a minute "12 s", under ten "2.5 s". */
export function formatDuration(seconds) {
  if (seconds < 9.95) return `${Number(Math.max(seconds, 0.1).toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** The beginning of an id, for places too narrow for all of it. */
export const shortId = (id) => (id.length > 16 ? `${id.slice(0, 13)}…` : id);
