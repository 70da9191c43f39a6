// pkg/signaling.js: what makes a transport of one's own.

export { conformance } from "../signaling/conformance.js";
export { failure, signaling } from "../signaling/line.js";
export { peerServer, servers, several } from "../signaling/several.js";
export { overTopics } from "../signaling/topic.js";
