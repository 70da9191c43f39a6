// pkg/tabs.js: signalling between the tabs of one origin.
export { broadcastChannel } from "../signaling/tabs.js";
