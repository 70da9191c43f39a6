// Runs the real PeerServer in a thread of its own, because its timers cannot be stopped otherwise.

import { parentPort, workerData } from "node:worker_threads";
import { PeerServer } from "peer";

PeerServer(workerData, (server) => parentPort.postMessage(server.address().port));
