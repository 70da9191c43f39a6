// A slow way to a broker.
import { connect, createServer } from "node:net";

const HOST = "127.0.0.1";

/**
 * A relay to a port of this machine that hands on what comes `late` milliseconds after it came, and at most `rate` bytes in
 * a second of each connection and direction; resolves with {port, close}.
 */
export async function startRelay(target, { late, rate }) {
  const sockets = new Set();
  const pipe = (from, to) => {
    let free = 0;
    from.on("data", (bytes) => {
      const now = performance.now();
      free = Math.max(free, now) + (bytes.length / rate) * 1_000;
      setTimeout(() => to.write(bytes), free - now + late);
    });
    from.on("close", () => to.destroy()).on("error", () => to.destroy());
  };
  const server = createServer((near) => {
    const far = connect(target, HOST);
    for (const socket of [near, far]) sockets.add(socket.setNoDelay());
    pipe(near, far);
    pipe(far, near);
  });
  await new Promise((resolve) => server.listen(0, HOST, resolve));
  return {
    port: server.address().port,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
