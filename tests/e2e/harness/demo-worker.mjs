// Serves what `npm start` serves, in a thread of its own, because the timers of its PeerServer cannot be stopped.

import { parentPort } from "node:worker_threads";
import { serve } from "../../../scripts/lib/serve.mjs";

const server = await serve(0);
parentPort.postMessage(server.address().port);
