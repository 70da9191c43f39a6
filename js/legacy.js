// What programs written for PeerJS find in the browser because PeerJS brings webrtc-adapter along: docs/compatibility.md
// says which of its shims are here and which are not.

function removeStream(stream) {
  for (const sender of this.getSenders()) {
    if (stream.getTracks().includes(sender.track)) this.removeTrack(sender);
  }
}

let done = false;

/** Adds what is missing. More calls do nothing. */
export function addLegacyApis() {
  const { navigator, RTCPeerConnection } = globalThis;
  if (done || !navigator?.mediaDevices) return;
  done = true;
  // Chromium's own wants to be called as a method, and with all three arguments. One that a program has put here stays.
  if (!Object.hasOwn(navigator, "getUserMedia")) {
    navigator.getUserMedia = (constraints, onSuccess, onError) => {
      navigator.mediaDevices.getUserMedia(constraints).then(onSuccess, onError);
    };
  }
  // Firefox has no such method.
  if (RTCPeerConnection) RTCPeerConnection.prototype.removeStream ??= removeStream;
}
