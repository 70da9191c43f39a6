// A proxy between pages and a PeerServer, which drops, delays, repeats or changes frames as a test says.

import { request as ask, createServer } from "node:http";
import WebSocket, { WebSocketServer } from "ws";
import { listen, stop } from "./servers.mjs";

/**
 * Every frame that a page sends goes through `rule(frame, pass, id)`, which calls `pass(frame)` as
 * often and as late as it likes. Resolves with {options, say, deafen, close}: `options` are what `new
 * Peer` needs, `say(id, frame)` sends a frame to a page as if it came from the server, `deafen()`
 * keeps all sockets open and lets nothing more through, in either direction.
 */
export async function startProxy(peerServer, rule = (frame, pass) => pass(frame)) {
  const { host, port } = peerServer.options;
  const pages = new Map();
  let deaf = false;

  const server = createServer((request, response) => {
    const { url, method, headers } = request;
    const onward = ask({ host, port, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });

  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (page, { url }) => {
    const id = new URL(url, "http://proxy").searchParams.get("id");
    pages.set(id, page);
    const onward = new WebSocket(`ws://${host}:${port}${url}`);
    const opened = new Promise((resolve) => onward.on("open", resolve));
    const pass = async (frame) => {
      await opened;
      if (!deaf && onward.readyState === WebSocket.OPEN) onward.send(JSON.stringify(frame));
    };
    page.on("message", (text) => rule(JSON.parse(text), pass, id));
    onward.on("message", (text) => {
      if (!deaf) page.send(String(text));
    });
    onward.on("close", () => page.terminate()).on("error", () => {});
    page.on("close", () => onward.terminate());
  });

  const own = await listen(server);
  return {
    options: { ...peerServer.options, host: "127.0.0.1", port: own },
    say: (id, frame) => pages.get(id).send(JSON.stringify(frame)),
    deafen() {
      deaf = true;
    },
    close() {
      for (const socket of sockets.clients) socket.terminate();
      return stop(server);
    },
  };
}
