// What a Peer sees of a Signaling: a WebSocket to a PeerServer that serves this one peer.

/** An offer that no peer has acknowledged in this time was not delivered: as long as a PeerServer keeps it. */
const EXPIRY = 5_000;
/** Longer messages are ignored: an offer has some thousand characters. */
const LONGEST = 256 * 1024;
/** So many timers leave no place for one that an offer of a remote peer sets. */
const WAITING = 512;

/** What peers say to each other. Everything else only the transport itself may say. */
const FROM_PEERS = new Set(["OFFER", "ANSWER", "CANDIDATE"]);
/** Acknowledges an offer that nothing else has answered in `QUIET`. It ends here. */
const HERE = "HERE";
const QUIET = 1_000;

/** An error of a Signaling, with one of the documented types of a Peer's errors. */
export const failure = (type, message) => Object.assign(new Error(message), { type });

/** The line of one attempt to register. */
function lineOf(signaling, url) {
  const query = new URL(url).searchParams;
  const id = query.get("id");
  /** Timers: "to" and the id for an offer without an acknowledgement, "of" and the id for one that waits for ours. */
  const timers = new Map();
  let closed;

  const emit = (name, data) => closed || line.dispatchEvent(new MessageEvent(name, { data }));

  function deliver(message) {
    try {
      const data = JSON.stringify(message);
      if (data.length <= LONGEST) emit("message", data);
    } catch {
      // Too deep.
    }
  }

  /** Sets a timer, unless it is set. */
  function after(wait, name, then) {
    if (timers.has(name)) return;
    const fire = () => {
      timers.delete(name);
      then();
    };
    timers.set(name, setTimeout(fire, wait));
  }

  function cancel(name) {
    clearTimeout(timers.get(name));
    timers.delete(name);
  }

  function transmit(message) {
    cancel(`of${message.dst}`);
    signaling.send({ src: id, ...message });
  }

  const line = Object.assign(new EventTarget(), {
    /** A frame of the Peer for its server. */
    send(frame) {
      const { type, dst, payload } = JSON.parse(frame);
      if (dst === id) {
        // A Peer asks itself whether it is registered, and the Signaling has told that with `open` and `onclose`.
        queueMicrotask(() => deliver({ type, src: dst, payload }));
      } else if (dst && !closed) {
        if (type === "OFFER") {
          after(EXPIRY, `to${dst}`, () => deliver({ type: "EXPIRE", src: dst }));
        }
        transmit({ type, dst, payload });
      }
    },

    close() {
      if (closed) return;
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      signaling.close();
      line.dispatchEvent(new Event("close"));
    },
  });

  /** A message of another peer, or of who says that it is one. */
  signaling.onmessage = (message) => {
    const { type, src, dst, payload } = message ?? {};
    if (closed || typeof src !== "string" || src === id || dst !== id) return;
    cancel(`to${src}`);
    if (!FROM_PEERS.has(type)) return;
    if (type === "OFFER") {
      const here = () => transmit({ type: HERE, dst: src });
      // A call rings until somebody takes it. What else is offered is answered in a moment, and the answer says it all.
      if (payload?.type === "media" || timers.size > WAITING) here();
      else after(QUIET, `of${src}`, here);
    }
    deliver({ type, src, payload });
  };
  signaling.onclose = () => line.close();
  signaling.onpresence = (src, payload) => deliver({ type: "PRESENCE", src, payload });
  const opened = () => {
    emit("open");
    deliver({ type: "OPEN" });
  };
  signaling.open({ id, token: query.get("token") }).then(opened, (error) => {
    const type = { "unavailable-id": "ID-TAKEN", "server-error": "ERROR" }[error?.type];
    if (type) deliver({ type, payload: { msg: error.message } });
    line.close();
  });
  return line;
}

/**
 * What the option `signaling` of a Peer takes.
 * @param {() => import("./index.js").Signaling} make a new one for each attempt to register
 * @param {{ peers?: () => Promise<string[]>, provesSender?: boolean }} [more]
 */
export const signaling = (make, more) => Object.assign((url) => lineOf(make(), url), more);
