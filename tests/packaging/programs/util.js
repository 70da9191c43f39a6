import { util } from "peerjs-wasm";

const outcome = (act) => {
  try {
    return act();
  } catch (error) {
    return error.message;
  }
};

globalThis.run = () => [
  util.supports.data,
  typeof util.randomToken(),
  ...["pack", "unpack", "validateId"].map((name) => outcome(() => util[name]("text"))),
];
