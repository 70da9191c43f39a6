export { MsgPack } from "../index.js";
