import type { SignalingFactory } from "./types/signaling.js";

/**
 * For the option `signaling`: the peers are those of all tabs, frames and workers of this origin that give the same name.
 * Needs a secure context (https or localhost), for the Web Locks that hold the ids.
 * @param options - `presence`: whether the Peer emits `presence`. Default: false.
 */
export function broadcastChannel(
  name?: string,
  options?: { presence?: boolean },
): SignalingFactory & { peers(): Promise<string[]> };
