// What a page has open, counted where it is made; and what becomes of a peer.

globalThis.faults = (() => {
  const sockets = new Set();
  const connections = new Set();
  const timers = new Set();

  function counted(name, all) {
    const Original = globalThis[name];
    globalThis[name] = class extends Original {
      constructor(...args) {
        super(...args);
        all.add(this);
      }
    };
  }
  counted("WebSocket", sockets);
  counted("RTCPeerConnection", connections);

  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  globalThis.setTimeout = (act, ...rest) => {
    const timer = setTimeout(
      (...args) => {
        timers.delete(timer);
        act(...args);
      },
      ...rest,
    );
    timers.add(timer);
    return timer;
  };
  globalThis.setInterval = (...args) => {
    const timer = setInterval(...args);
    timers.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => {
    timers.delete(timer);
    clearTimeout(timer);
  };
  globalThis.clearInterval = (timer) => {
    timers.delete(timer);
    clearInterval(timer);
  };

  const count = (all, lives) => [...all].filter(lives).length;

  /** What is left, in words; "" when nothing is. */
  const left = () =>
    Object.entries({
      sockets: count(sockets, (socket) => socket.readyState < WebSocket.CLOSING),
      connections: count(connections, (each) => each.signalingState !== "closed"),
      timers: timers.size,
    })
      .filter(([, number]) => number > 0)
      .map(([what, number]) => `${number} ${what}`)
      .join(", ");

  const PEER = ["open", "error", "disconnected", "close"];

  /** A Peer, its events so far, and `until(event)`: those up to the next event of that name, and after how many seconds. */
  function follow(id, options) {
    const stop = e2e.stopwatch();
    const peer = e2e.makePeer("ours", id ?? undefined, options);
    const events = e2e.record(peer, PEER);
    const until = async (event) => {
      await e2e.next(peer, event);
      return { events: [...events], seconds: stop() };
    };
    return { peer, events, until };
  }

  return { left, follow };
})();
