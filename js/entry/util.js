// pkg/util.js: `util` without what needs the wasm, which index.js adds.
import { util } from "../util.js";

const missing = () => {
  throw new Error("PeerJS: util.pack, util.unpack and util.validateId come with Peer: import it");
};
util.pack = missing;
util.unpack = missing;
util.validateId = missing;

export { ownToken, util } from "../util.js";
