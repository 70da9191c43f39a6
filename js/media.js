// The face of a call.

import { LOG_WARNINGS } from "./border/handles.js";
import { BaseConnection } from "./connection.js";
import { HANDLE } from "./emitter.js";

/** What the browser can carry of this kind, the wanted first. */
function preferring(wanted, kind) {
  const names = wanted.map((name) => `${kind}/${name}`.toLowerCase());
  const rank = ({ mimeType }) => names.indexOf(mimeType.toLowerCase()) + 1 || names.length + 1;
  return RTCRtpReceiver.getCapabilities(kind).codecs.sort((a, b) => rank(a) - rank(b));
}

export class MediaConnection extends BaseConnection {
  static ID_PREFIX = "mc_";

  _localStream;
  _remoteStream;

  /** The stream of each RTCRtpSender whose track was added later. */
  _sent = new WeakMap();
  _received = new Set();
  /** What `configure` was told, by kind of track. */
  _settings = {};

  constructor(peer, provider, options) {
    super(peer, provider, options);
    // A call that comes in is started by its answer.
    if ("_stream" in options) {
      this._localStream = options._stream;
      this[HANDLE].start(options._stream);
    }
  }

  get type() {
    return "media";
  }

  get localStream() {
    return this._localStream;
  }

  get remoteStream() {
    return this._remoteStream;
  }

  get localStreams() {
    const sending = this._senders().filter(({ track }) => track);
    const streams = sending.map((sender) => this._sent.get(sender) ?? this._localStream);
    return [...new Set(streams)];
  }

  get remoteStreams() {
    return [...this._received];
  }

  answer(stream, options) {
    if (this[HANDLE].start(stream, options)) {
      this._localStream = stream;
      this[HANDLE].opened();
    }
  }

  addStream(stream, { metadata } = {}) {
    this._requireControl("addStream");
    const json = JSON.stringify(metadata);
    if ((json || this.options[HANDLE]) && !this[HANDLE].describe(stream.id, json ?? "")) {
      throw new RangeError("addStream: metadata may have 16 KiB as JSON.");
    }
    for (const track of stream.getTracks()) {
      this.addTrack(track, stream);
    }
  }

  removeStream(stream) {
    for (const track of stream.getTracks()) {
      this.removeTrack(track);
    }
  }

  addTrack(track, stream) {
    this._requireControl("addTrack");
    const sender = this[HANDLE].add_track(track, stream);
    this._sent.set(sender, stream);
    this._localStream ??= stream;
    const transceivers = this.peerConnection.getTransceivers();
    this._apply(transceivers.find((each) => each.sender === sender)).catch((error) =>
      this._log(LOG_WARNINGS, "Cannot configure a new track", error),
    );
    return sender;
  }

  removeTrack(track) {
    this._requireControl("removeTrack");
    this.peerConnection.removeTrack(this._senderOf(track));
    const { localStreams } = this;
    if (!localStreams.includes(this._localStream)) {
      this._localStream = localStreams[0];
    }
  }

  async replaceTrack(oldTrack, newTrack) {
    await this._senderOf(oldTrack).replaceTrack(newTrack);
  }

  async configure(settings) {
    this._requireOpen("configure");
    const negotiates = Object.values(settings).some(({ codecs }) => codecs);
    if (negotiates) {
      this._requireControl("configure");
    }
    Object.assign(this._settings, settings);
    const own = this._own(this.peerConnection.getTransceivers(), ({ sender }) => sender);
    await Promise.all(own.map((each) => this._apply(each)));
    if (negotiates) {
      this[HANDLE].negotiate();
    }
  }

  /** Has a transceiver send as `configure` was told. */
  async _apply(transceiver) {
    const { sender, receiver } = transceiver;
    const { kind } = receiver.track;
    const { codecs, ...encoding } = this._settings[kind] ?? {};
    if (codecs) {
      transceiver.setCodecPreferences(preferring(codecs, kind));
    }
    if (sender.track) {
      const parameters = sender.getParameters();
      for (const each of parameters.encodings) {
        Object.assign(each, encoding);
      }
      await sender.setParameters(parameters);
    }
  }

  _senders() {
    return this._own(this.peerConnection?.getSenders() ?? []);
  }

  /** Those of this call, and not of others that share its RTCPeerConnection. */
  _own(list, sender = (each) => each) {
    return list.filter((each) => this[HANDLE].is_own(sender(each)));
  }

  _senderOf(track) {
    const sender = this._senders().find((sender) => sender.track === track);
    if (!track || !sender) {
      throw new TypeError("This track is not sent over the call.");
    }
    return sender;
  }

  // The browser's event `track`. The next two are called from Rust.
  _trackCame({ track, streams: [stream = new MediaStream([track])] }) {
    if (!this._received.has(stream)) {
      this._received.add(stream);
      stream.addEventListener("removetrack", () => {
        if (stream.getTracks().length === 0 && this._received.delete(stream)) {
          this._remoteStream = this.remoteStreams.at(-1);
          this.emit("streamremoved", stream);
        }
      });
      this._remoteStream = stream;
      const metadata = this[HANDLE].metadata_of(stream.id);
      // A listener written for PeerJS may count its arguments.
      this.emit("stream", stream, ...(metadata === undefined ? [] : [metadata]));
    }
    this.emit("track", track, stream);
  }

  _opened() {
    this._open = true;
  }

  _closed(news) {
    this._localStream = null;
    this._remoteStream = null;
    this._received.clear();
    this.options._stream = null;
    super._closed(news);
  }
}
