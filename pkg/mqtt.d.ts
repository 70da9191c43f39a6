import type { MqttClient, SignalingFactory } from "./types/signaling.js";

export type { MqttClient } from "./types/signaling.js";

/** Options of {@link mqtt}. */
export interface MqttOptions {
  /** What all topics begin with. Default: `"peerjs"`. */
  prefix?: string;
  /**
   * Whether the Peer emits `presence`. The broker then tells this client of every peer that comes or goes: with N peers of
   * whom all ask for it, N messages for each. Default: false.
   */
  presence?: boolean;
  /**
   * Whether an ACL of the broker lets each client write under its own name alone, as `docs/mosquitto.acl` does. It changes
   * nothing but what {@link SignalingFactory.provesSender} says. Default: false.
   */
  provesSender?: boolean;
}

/**
 * For the option `signaling`: over any MQTT broker. The client is the application's, and stays so: it is not closed.
 */
export function mqtt(
  client: MqttClient,
  options?: MqttOptions,
): SignalingFactory & { peers(): Promise<string[]> };

/** Returns the option `will` of `mqtt.connect`: with it, the broker reports this peer as gone when its client is lost. */
export function will(
  id: string,
  options?: { prefix?: string },
): { topic: string; payload: string; qos: 1; retain: true };
