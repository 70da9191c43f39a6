// The video call, one at a time.

import { byId, notify, showState } from "./dom.js";
import { canShareScreen, openMedia, openScreen } from "./media.js";
import { describe, formatDuration } from "./words.js";

export class CallDesk {
  /** {id, call, state, media, screen, since}; call and media come as they are ready. */
  #current = null;
  #place;
  #ended;

  /** @param on `place(id, stream)` makes a call, `ended(id, sentence)` is told how it went */
  constructor({ place, ended }) {
    this.#place = place;
    this.#ended = ended;
    byId("call-accept").addEventListener("click", () => this.#accept());
    byId("call-decline").addEventListener("click", () => this.hangUp());
    byId("call-hangup").addEventListener("click", () => this.hangUp());
    byId("call-mute").addEventListener("click", () => this.#toggle("audio"));
    byId("call-camera").addEventListener("click", () => this.#toggle("video"));
    byId("call-screen").addEventListener("click", () => this.#toggleScreen());
    byId("call-screen").hidden = !canShareScreen();
  }

  /** Calls a person. */
  async start(id) {
    if (this.#current) return notify("You are in a call already. Hang up first.");
    const current = this.#begin(id, "preparing");
    if (!(await this.#openMedia(current))) return;
    const call = this.#place(id, current.media.stream);
    if (!call) return this.#end(current, "The call could not be made.");
    this.#follow(current, call);
    this.#set(current, "calling");
  }

  /** Shows an incoming call. */
  ring(call) {
    if (this.#current) {
      call.close(); // the line is engaged
      this.#ended(call.peer, "Missed a video call: you were in another one.");
      return;
    }
    const current = this.#begin(call.peer, "ringing");
    this.#follow(current, call);
  }

  /** Ends, declines or cancels the call, if there is one (with this person, if told). */
  hangUp(id = this.#current?.id) {
    const current = this.#current;
    if (!current || current.id !== id) return;
    const declined = current.state === "ringing";
    this.#end(current, declined ? "You have declined a video call." : "You have hung up.");
    current.call?.close();
  }

  /** The server says that this person cannot be called. */
  fail(id, sentence) {
    const current = this.#current;
    if (current?.id === id && current.state === "calling") this.#end(current, sentence);
  }

  async #accept() {
    const current = this.#current;
    this.#set(current, "preparing");
    if (!(await this.#openMedia(current))) return;
    this.#set(current, "answering");
    current.call.answer(current.media.stream);
  }

  #begin(id, state) {
    const current = { id, call: null, media: null, screen: null, since: 0, state };
    this.#current = current;
    byId("ringing-from").textContent = id;
    byId("call-peer").textContent = id;
    for (const name of ["call-mute", "call-camera", "call-screen"])
      byId(name).setAttribute("aria-pressed", "false");
    this.#set(current, state);
    return current;
  }

  /** @returns whether the call is still wanted */
  async #openMedia(current) {
    const media = await openMedia();
    if (current !== this.#current) {
      media.stop();
      return false;
    }
    current.media = media;
    byId("call-hint").textContent = media.hint;
    byId("local-video").srcObject = media.stream;
    byId("call").scrollIntoView({ block: "nearest" });
    return true;
  }

  #follow(current, call) {
    current.call = call;
    call.on("stream", (stream) => {
      if (current !== this.#current) return;
      current.since ||= performance.now();
      byId("remote-video").srcObject = stream;
      this.#set(current, "open");
    });
    call.on("error", (error) => this.#end(current, describe(error)));
    call.on("close", () => {
      const missed = current.state === "ringing" ? "You missed a video call." : "";
      const refused = current.state === "calling" ? "The call was declined." : "";
      this.#end(current, missed || refused || "The other side has hung up.");
    });
  }

  #end(current, sentence) {
    if (current !== this.#current) return;
    this.#current = null;
    current.media?.stop();
    current.screen?.stop();
    byId("local-video").srcObject = null;
    byId("remote-video").srcObject = null;
    byId("call-hint").textContent = "";
    byId("call").hidden = true;
    byId("ringing").hidden = true;
    const lasted = current.since && formatDuration((performance.now() - current.since) / 1000);
    this.#ended(current.id, lasted ? `${sentence} The call lasted ${lasted}.` : sentence);
  }

  #set(current, state) {
    current.state = state;
    byId("ringing").hidden = state !== "ringing";
    byId("call").hidden = state === "ringing";
    const words = {
      preparing: "Getting your camera and microphone…",
      calling: "Calling…",
      answering: "Connecting the call…",
      open: "In a call with",
    };
    showState(byId("call-state"), state, words[state] ?? "");
    byId("call-hangup").textContent = state === "open" ? "Hang up" : "Cancel";
    for (const name of ["call-mute", "call-camera", "call-screen"])
      byId(name).disabled = !current.media || !current.call;
  }

  #toggle(kind) {
    const track = this.#current.media.stream.getTracks().find((one) => one.kind === kind);
    track.enabled = !track.enabled;
    const button = byId(kind === "audio" ? "call-mute" : "call-camera");
    button.setAttribute("aria-pressed", String(!track.enabled));
  }

  async #toggleScreen() {
    const current = this.#current;
    if (current.screen) return this.#stopScreen(current);
    try {
      const screen = await openScreen();
      if (!screen) return;
      if (current !== this.#current) return screen.stop();
      current.screen = screen;
      screen.addEventListener("ended", () => this.#stopScreen(current));
      await this.#show(current, screen);
    } catch (error) {
      notify(`The screen cannot be shared: ${error.message}`);
      await this.#stopScreen(current);
    }
  }

  async #stopScreen(current) {
    current.screen?.stop();
    current.screen = null;
    if (current === this.#current)
      await this.#show(current, current.media.stream.getVideoTracks()[0]);
  }

  /** Sends this picture from now on, and shows it as our own. */
  async #show(current, track) {
    byId("call-screen").setAttribute("aria-pressed", String(track === current.screen));
    byId("local-video").srcObject = new MediaStream([track]);
    const senders = current.call.peerConnection?.getSenders() ?? [];
    await senders.find((sender) => sender.track?.kind === "video")?.replaceTrack(track);
  }
}
