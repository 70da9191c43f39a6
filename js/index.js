import { wasm } from "./loader.js";

export class Peer {
  constructor() {
    this.destroyed = wasm().smoke_add(1, 1) !== 2;
  }

  destroy() {
    this.destroyed = true;
  }
}
export default Peer;
