// pkg/mqtt.js: signalling over an MQTT broker.
export { mqtt, will } from "../signaling/mqtt.js";
