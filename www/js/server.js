// This page's Peer: its life and its connection to the server.

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Where this page's PeerServer is. */
export function peerOptions() {
  const { hostname, port, protocol } = location;
  const secure = protocol === "https:";
  const result = {
    host: hostname,
    port: Number(port) || (secure ? 443 : 80),
    path: "/peerserver",
    secure,
  };
  // Tabs on one computer need no STUN server to find each other, and may be offline.
  const offline = LOOPBACK.includes(hostname) || new URLSearchParams(location.search).has("local");
  if (offline) result.config = { iceServers: [] };
  return result;
}

export class Server {
  /** @type {"connecting" | "open" | "disconnected" | "gone"} */
  state = "connecting";
  /** The last id the server gave us; it stays ours while we are disconnected. */
  id = null;
  #on;
  #own;

  /**
   * @param on handlers `changed()`, `connection(conn)`, `call(call)`, `error(error)`
   * @param own what `ownSignaling` has given
   */
  constructor(on, own) {
    this.#on = on;
    this.#own = own;
    this.#start();
  }

  #start() {
    const { id, signaling } = this.#own;
    const peer = new Peer(id, { ...peerOptions(), signaling });
    this.peer = peer;
    peer.on("open", (id) => {
      this.id = id;
      this.#set("open");
    });
    peer.on("disconnected", () => this.#set("disconnected"));
    peer.on("close", () => this.#set("gone"));
    peer.on("connection", this.#on.connection);
    peer.on("call", this.#on.call);
    peer.on("error", this.#on.error);
  }

  /** Takes the same id again where that is possible, a new one where not. */
  reconnect() {
    this.#set("connecting");
    if (this.peer.destroyed) this.#start();
    else this.peer.reconnect();
  }

  #set(state) {
    this.state = state;
    this.#on.changed();
  }
}
