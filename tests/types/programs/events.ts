// The EventEmitter side: every method, on every class, with names and arguments inferred.
import {
  BaseConnectionErrorType,
  type DataConnection,
  DataConnectionErrorType,
  type MediaConnection,
  Peer,
  PeerError,
  PeerErrorType,
  type PeerEvents,
} from "peerjs";

const peer = new Peer();
const connection: DataConnection = peer.connect("other");
const call: MediaConnection = peer.call("other", new MediaStream());

const onOpen = (id: string) => console.log(id);
const chained: Peer = peer
  .on("open", onOpen)
  .once("open", onOpen)
  .addListener("open", (id) => id.trim())
  .off("open", onOpen)
  .removeListener("open", onOpen)
  .removeListener("open")
  .removeAllListeners("open")
  .removeAllListeners();
const listeners: ((id: string) => void)[] = chained.listeners("open");
const count: number = peer.listenerCount("connection");
const names: (keyof PeerEvents)[] = peer.eventNames();
const heard: boolean = peer.emit("open", "id");
peer.emit("close");
peer.emit("connection", connection);
peer.emit("call", call);
peer.emit("error", new PeerError("network", "gone"));
connection.emit("data", { any: "thing" });
connection.emit("open");
call.emit("stream", new MediaStream());
console.log(listeners, count, names, heard);

const sameConnection: DataConnection = connection.on("open", () => {}).once("close", () => {});
const sameCall: MediaConnection = call
  .on("stream", (stream) => stream.getTracks())
  .on("willCloseOnRemote", () => {})
  .on("iceStateChanged", (state: RTCIceConnectionState) => console.log(state))
  .on("close", () => {});
console.log(sameConnection, sameCall);

// A listener that takes less, or optionally more, than it is given.
peer.on("connection", () => {});
function register(conn: DataConnection, retries = 3) {
  console.log(conn.peer, retries);
}
peer.on("connection", register);
const handlers: Pick<PeerEvents, "open" | "connection"> = {
  open: (id) => onOpen(id),
  connection: (conn) => register(conn),
};
peer.on("open", handlers.open).on("connection", handlers.connection);

// Generic helpers.
function next<Event extends keyof PeerEvents>(event: Event) {
  return new Promise<Parameters<PeerEvents[Event]>>((resolve) => {
    peer.once(event, (...args) => resolve(args as any));
  });
}
function pass<Event extends keyof PeerEvents>(event: Event, listener: (...args: any[]) => void) {
  peer.on(event, listener).off(event, listener);
  return peer.listeners(event).length + peer.listenerCount(event);
}
pass("open", () => {});
const either: "open" | "close" = Math.random() < 0.5 ? "open" : "close";
peer.on(either, () => {});
for (const event of ["open", "close"] as const) peer.on(event, () => console.log(event));
next("open").then(([id]) => id.length);
next("connection").then(([conn]) => conn.send("hi"));

interface NodeStyleEmitter {
  addListener(event: string | symbol, listener: (...args: any[]) => void): this;
  removeListener(event: string | symbol, listener: (...args: any[]) => void): this;
}
const emitter: NodeStyleEmitter = peer;
emitter.addListener("open", onOpen);

// Errors: every type by name, exhaustively.
function unreachable(value: never): never {
  throw new Error(`What is ${value}?`);
}
peer.on("error", (error) => {
  const withType: PeerError<`${PeerErrorType}`> = error;
  switch (withType.type) {
    case "browser-incompatible":
    case "disconnected":
    case "invalid-id":
    case "invalid-key":
    case "network":
    case "peer-unavailable":
    case "ssl-unavailable":
    case "server-error":
    case "socket-error":
    case "socket-closed":
    case "unavailable-id":
      return error.message;
    case PeerErrorType.WebRTC:
      return error.name;
    default:
      return unreachable(withType.type);
  }
});
function report(error: PeerError<`${DataConnectionErrorType | BaseConnectionErrorType}`>) {
  switch (error.type) {
    case DataConnectionErrorType.NotOpenYet:
    case DataConnectionErrorType.MessageToBig:
    case BaseConnectionErrorType.ConnectionClosed:
    case BaseConnectionErrorType.NegotiationFailed:
      return error.message;
    default:
      return unreachable(error.type);
  }
}
connection.on("error", report);
connection.on("error", (error) => report(error));
call.on("error", ({ type }) => {
  const known: "negotiation-failed" | "connection-closed" = type;
  console.log(known);
});
peer.emitError(PeerErrorType.Network, "gone");
connection.emitError(DataConnectionErrorType.NotOpenYet, new Error("early"));
const error = new PeerError("mine", new Error("cause"));
const isError: Error = error;
error.type = "mine";
console.log(isError, error instanceof PeerError);
