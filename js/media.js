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
  /** Whether its RTCPeerConnection is that of another connection. */
  _shares = false;
  /** What `configure` was told, by kind of track. */
  _settings = {};

  constructor(peer, provider, options) {
    super(peer, provider, options);
    this._shares = Boolean(options[HANDLE] ?? (options._payload && !options._payload.sdp));
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
    if (json && !this[HANDLE].describe(stream.id, json)) {
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
    const sender = this._add(track, stream);
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
    await Promise.all(this._transceivers().map((each) => this._apply(each)));
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

  /** The transceivers of this call, and not of others that share its RTCPeerConnection. */
  _transceivers() {
    const all = this.peerConnection?.getTransceivers() ?? [];
    return all.filter(({ sender }) => sender[HANDLE] === (this._shares ? this : undefined));
  }

  _senders() {
    return this._transceivers().map(({ sender }) => sender);
  }

  /** Sends a track, over a transceiver of this call's own if it shares its RTCPeerConnection. */
  _add(track, stream) {
    const pc = this.peerConnection;
    if (!this._shares) return pc.addTrack(track, stream);
    this[HANDLE].describe(stream.id, "");
    // Unlike addTrack this takes a track that another call sends, too.
    const { sender } = pc.addTransceiver(track, { direction: "sendonly", streams: [stream] });
    sender[HANDLE] = this;
    return sender;
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
    const { _localStream: stream } = this;
    if (this._shares && stream) {
      const tracks = stream.getTracks();
      const isSent = this.peerConnection.getSenders().some(({ track }) => tracks.includes(track));
      // The remote tells calls apart by the ids of their streams.
      const own = isSent ? new MediaStream(tracks) : stream;
      for (const track of tracks) this._add(track, own);
    }
  }

  _closed(news) {
    // Others may go on over the RTCPeerConnection.
    for (const each of this._transceivers()) each.stop();
    this._localStream = null;
    this._remoteStream = null;
    this._received.clear();
    this.options._stream = null;
    super._closed(news);
  }
}
