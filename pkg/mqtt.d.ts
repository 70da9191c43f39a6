import type { MqttClient, SignalingFactory } from "./types/signaling.js";

export type { MqttClient } from "./types/signaling.js";

/**
 * For the option `signaling`: over any MQTT broker. The client is the application's, and stays so: it is not closed.
 * @param options - `prefix` of all topics. Default: `"peerjs"`.
 */
export function mqtt(
  client: MqttClient,
  options?: { prefix?: string },
): SignalingFactory & { peers(): Promise<string[]> };

/** For the option `will` of `mqtt.connect`: the broker then says that this peer is gone when its client is. */
export function will(
  id: string,
  options?: { prefix?: string },
): { topic: string; payload: string; qos: 1; retain: true };
