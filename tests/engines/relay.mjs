// Ways to a broker: a slow one, and a gateway.
import { connect, createServer } from "node:net";
import { WebSocketServer } from "ws";

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

/** A gateway from WebSocket to a TCP port of this machine, as stands before brokers; resolves with {url, close}. */
export async function startGateway(target) {
  const server = new WebSocketServer({ host: HOST, port: 0, handleProtocols: () => "mqtt" });
  server.on("connection", (near) => {
    const far = connect(target, HOST).setNoDelay();
    near.on("message", (bytes) => far.write(bytes)).on("close", () => far.destroy());
    far.on("data", (bytes) => near.send(bytes)).on("close", () => near.terminate());
    far.on("error", () => near.terminate());
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `ws://${HOST}:${server.address().port}`,
    close() {
      for (const socket of server.clients) socket.terminate();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
