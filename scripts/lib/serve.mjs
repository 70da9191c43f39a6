// Serves the demo, pkg/, PeerJS (for comparison) and a PeerServer on one origin.
import { createServer } from "node:http";
import { join } from "node:path";
import express from "express";
import { ExpressPeerServer } from "peer";
import { PKG, ROOT } from "./paths.mjs";
import { Failure } from "./run.mjs";

/** The path of the PeerServer: the option `path` of a Peer with the `host` "/". */
const PEER_SERVER = "/peerserver";

/**
 * @param {number} port
 * @param {(app: import("express").Express) => void} [more] adds what else there is to serve
 * @returns {Promise<import("node:http").Server>} listening
 */
export function serve(port, more = () => {}) {
  const app = express();
  const server = createServer(app);
  app.use("/pkg", express.static(PKG));
  app.use("/peerjs", express.static(join(ROOT, "node_modules/peerjs/dist")));
  app.use(express.static(join(ROOT, "www")));
  more(app);
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new Failure(`Port ${port} is taken: choose another one with PORT.`) : error);
    });
    server.listen(port, () => {
      // Added only now: before, ExpressPeerServer would throw the error of the server itself.
      app.use(PEER_SERVER, ExpressPeerServer(server));
      resolve(server);
    });
  });
}
