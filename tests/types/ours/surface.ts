// No member of any class or interface of PeerJS's types is missing from ours, and none that a program reads or writes
// has another type. (Whole instances cannot be compared: protected members make classes nominal.)
import type * as PeerJS from "peerjs";
import type * as Ours from "peerjs-wasm";

type Same<Theirs, Mine> = [Exclude<keyof Theirs, keyof Mine>] extends [never] ? true : false;
type Instances = "Util" | "PeerOptions" | "DataConnection" | "MediaConnection" | "Peer";
type Bases = "BufferedConnection" | "StreamConnection" | "MsgPack" | "MsgPackPeer";

type OfPeerJS = { [Name in Instances | Bases]: (typeof PeerJS)[Name]["prototype"] };
type OfOurs = { [Name in Instances | Bases]: (typeof Ours)[Name]["prototype"] };
export const nothingMissing: { [Name in keyof OfPeerJS]: Same<OfPeerJS[Name], OfOurs[Name]> } = {
  Util: true,
  PeerOptions: true,
  DataConnection: true,
  MediaConnection: true,
  Peer: true,
  BufferedConnection: true,
  StreamConnection: true,
  MsgPack: true,
  MsgPackPeer: true,
};
export const everyValue: Same<typeof PeerJS, typeof Ours> = true;
export const everyEvent: Same<PeerJS.PeerEvents, Ours.PeerEvents> = true;

// Shapes without classes inside are compared whole: theirs is accepted by ours, and what ours gives is theirs.
type Both<Theirs, Mine> = [Theirs] extends [Mine]
  ? [Mine] extends [Theirs]
    ? true
    : false
  : false;
export const shapes: [
  Both<PeerJS.UtilSupportsObj, Ours.UtilSupportsObj>,
  Both<PeerJS.PeerJSOption, Ours.PeerJSOption>,
  Both<PeerJS.PeerConnectOption, Ours.PeerConnectOption>,
  Both<PeerJS.CallOption, Ours.CallOption>,
  Both<PeerJS.AnswerOption, Ours.AnswerOption>,
  Both<PeerJS.PeerError<"network">, Ours.PeerError<"network">>,
] = [true, true, true, true, true, true];
type Readable = Exclude<keyof PeerJS.Util, "pack">;
type Read<Type> = Pick<Type, Readable & keyof Type>;
export const helpers: Read<Ours.Util> extends Read<PeerJS.Util> ? true : false = true;
type Pack = ReturnType<Ours.Util["pack"]> extends ReturnType<PeerJS.Util["pack"]> ? true : false;
type Packs = Parameters<PeerJS.Util["pack"]> extends Parameters<Ours.Util["pack"]> ? true : false;
export const packing: [Pack, Packs] = [true, true];
