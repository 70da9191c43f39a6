// Servers that do not speak the PeerServer's protocol, or not even HTTP.

import { createServer } from "node:net";
import { listen } from "./servers.mjs";

const html = "<!doctype html><title>Welcome</title><p>It works!";
const http = (status, body, more = "") =>
  `HTTP/1.1 ${status}\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

/** How each behaves on a connection; those in `SLOW` keep it open for as long as they can. */
export const BEHAVIOURS = {
  "answers with a page": (socket) => socket.end(http("200 OK", html)),
  "answers 500": (socket) => socket.end(http("500 Internal Server Error", "oops")),
  "answers 404": (socket) => socket.end(http("404 Not Found", html)),
  "answers garbage": (socket) =>
    socket.end(Buffer.from(Array.from({ length: 999 }, (_, i) => i * 7))),
  "closes at once": (socket) => socket.destroy(),
  "closes in mid-answer": (socket) => {
    socket.write(
      "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 99\r\n\r\nhalf",
    );
    socket.end();
  },
};

export const SLOW = {
  "takes the connection and never answers": () => {},
  "drips its answer": (socket) => {
    const head =
      "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 99999\r\n\r\n";
    drip(socket, Array.from(head));
  },
};

function drip(socket, letters) {
  const timer = setInterval(() => socket.write(letters.shift() ?? "x"), 50);
  socket.on("close", () => clearInterval(timer));
}

/** Firefox opens sockets to one address one after the other; another address need not wait for it. */
const HOST = "127.0.0.2";

/** Starts a server that calls `behave(socket)` at the first bytes of a request. */
export async function startRudeServer(behave) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.once("data", () => behave(socket));
  });
  const port = await listen(server, HOST);
  return {
    options: { host: HOST, port, path: "/" },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
