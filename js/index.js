import { wasm } from "./loader.js";

export class Peer {
  constructor() {
    this.two = wasm().smoke_add(1, 1);
  }
}
export default Peer;
