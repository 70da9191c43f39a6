// The browser APIs that programs written for PeerJS get from webrtc-adapter, which PeerJS includes.
// docs/compatibility.md lists which of its shims are here and which are not.

function removeStream(stream) {
  for (const sender of this.getSenders()) {
    if (stream.getTracks().includes(sender.track)) this.removeTrack(sender);
  }
}

let done = false;

/** Adds the APIs that the browser lacks. Further calls do nothing. */
export function addLegacyApis() {
  const { navigator, RTCPeerConnection } = globalThis;
  if (done || !navigator?.mediaDevices) return;
  done = true;
  // Chromium's own must be called as a method, and with all three arguments. A function that the application has set
  // here is kept.
  if (!Object.hasOwn(navigator, "getUserMedia")) {
    navigator.getUserMedia = (constraints, onSuccess, onError) => {
      navigator.mediaDevices.getUserMedia(constraints).then(onSuccess, onError);
    };
  }
  // Firefox lacks this method.
  if (RTCPeerConnection) RTCPeerConnection.prototype.removeStream ??= removeStream;
}
