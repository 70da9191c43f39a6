// The methods of `util` that need the wasm. They are not in util.js, so that a bundle of `util` alone is without the wasm.

import { packToBuffer } from "./codec/pack.js";
import { unpack } from "./codec/reader.js";
import { validate_id } from "./glue.js";
import { load } from "./loader.js";
import { util } from "./util.js";

util.pack = packToBuffer;
util.unpack = unpack;

/** The core has the one rule for ids. An empty id is valid: the server chooses one. */
util.validateId = (id) => {
  load();
  return validate_id(id ? `${id}` : "");
};
