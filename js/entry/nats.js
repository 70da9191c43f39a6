// pkg/nats.js: signalling over NATS.
export { nats } from "../signaling/nats.js";
