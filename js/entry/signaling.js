// pkg/signaling.js: functions for custom transports.

export { conformance } from "../signaling/conformance.js";
export { failure, signaling } from "../signaling/line.js";
export { peerServer, servers, several } from "../signaling/several.js";
export { overTopics } from "../signaling/topic.js";
