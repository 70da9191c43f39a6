// Servers that are no PeerServer, down to the bytes.

import { createServer } from "node:net";
import { listen } from "./servers.mjs";

const html = "<!doctype html><title>Welcome</title><p>It works!";
const http = (status, body, more = "") =>
  `HTTP/1.1 ${status}\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

/** What each does with a connection; those in `SLOW` keep it for as long as they can. */
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

/** Firefox opens one socket after the other to an address: there, others need not wait. */
const HOST = "127.0.0.2";

/** `behave(socket)` begins with the first bytes of a request. */
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
