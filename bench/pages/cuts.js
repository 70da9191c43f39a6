// What the benchmark of cuts does inside a page: connections over which numbers are sent all the time.

/** Milliseconds between the numbers of a connection. */
const PAUSE = 50;

const now = () => performance.timeOrigin + performance.now();

/** What this page knows of each connection, in the order in which they were opened. */
const connections = [];

let timer;

/** Opens a peer; what comes over its connections is kept, with the time. */
export async function listen(lib, options) {
  const peer = await e2e.openPeer(lib, undefined, options);
  peer.on("connection", (conn) => {
    const arrivals = [];
    connections.push({ lib, conn, arrivals, index: conn.metadata });
    conn.on("data", (number) => arrivals.push([number, now()]));
  });
  return peer.id;
}

/** Opens a peer and `count` connections to another one. */
export async function connect(lib, id, count, options) {
  const peer = await e2e.openPeer(lib, undefined, options);
  const opened = Array.from({ length: count }, (_, index) => {
    const conn = peer.connect(id, { reliable: true, metadata: index });
    connections.push({ lib, conn, sent: 0, index });
    return e2e.next(conn, "open");
  });
  await Promise.all(opened);
}

export function start() {
  timer = setInterval(() => {
    for (const each of connections) if (each.conn.open) each.conn.send(each.sent++);
  }, PAUSE);
}

/** Sends no more; gives how many numbers each connection has taken. */
export function stop() {
  clearInterval(timer);
  return connections.map(({ lib, index, sent }) => ({ lib, index, sent }));
}

/** Whether each connection has ended, or something has come over it since `time`. */
export function settled(time) {
  return connections.every(({ conn, arrivals }) => !conn.open || arrivals.at(-1)?.[1] > time);
}

/** Of each connection: milliseconds from `time` to the first arrival after it, null if there was none; and what came. */
export function outcome(time) {
  return connections.map(({ lib, conn, index, arrivals }) => {
    const first = arrivals.find(([, at]) => at > time);
    const after = first ? first[1] - time : null;
    return { lib, index, open: conn.open, after, numbers: arrivals.map(([number]) => number) };
  });
}
