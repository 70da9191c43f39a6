// pkg/signaling.js: what makes a transport of one's own.
export { failure, signaling } from "../signaling/line.js";
export { overTopics } from "../signaling/topic.js";
export { conformance } from "../signaling/conformance.js";
export { several } from "../signaling/several.js";
