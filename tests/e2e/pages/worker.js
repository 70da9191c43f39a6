// A module for workers: makes a Peer, and tells every page what it hears of it.
import { Peer } from "/pkg/index.js";

const told = [];
const peer = new Peer();
peer.on("error", (error) => told.push(error.type));
peer.on("disconnected", () => told.push("disconnected"));
peer.on("close", () => new BroadcastChannel("worker").postMessage([...told, "close"]));
