// A PeerServer in a process of its own.
import { createServer } from "node:http";
import express from "express";
import { ExpressPeerServer } from "peer";

const app = express();
const server = createServer(app);
// The command was ended.
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => {
  // By default it takes 5,000 clients.
  app.use(ExpressPeerServer(server, { concurrent_limit: 10_000_000 }));
  process.send(server.address().port);
});
