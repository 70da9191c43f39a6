import type { SignalingFactory } from "./types/signaling.js";

/**
 * For the option `signaling`: the peers are those of all tabs, frames and workers of this origin that give the same name.
 * Needs a secure context (https or localhost), for the Web Locks that hold the ids.
 */
export function broadcastChannel(name?: string): SignalingFactory & { peers(): Promise<string[]> };
