import Peer, { type AnswerOption, type CallOption, ConnectionType, MediaConnection } from "peerjs";

const peer = new Peer();
const transform: Function = (sdp: string) => sdp.replace("b=AS:30", "b=AS:300");
const options: CallOption = { metadata: { topic: "x" }, sdpTransform: transform };

async function start(video: HTMLVideoElement) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const call = peer.call("other", stream, options);
  call.on("stream", (remote) => {
    video.srcObject = remote;
  });
  call.on("close", () => video.remove());
  setTimeout(() => {
    if (!call.open) call.close();
  }, 10_000);
  const senders: RTCRtpSender[] = call.peerConnection.getSenders();
  senders[0]?.replaceTrack(stream.getVideoTracks()[0]);
  const [local, remote]: MediaStream[] = [call.localStream, call.remoteStream];
  console.log(local.id, remote.id, call.metadata.topic, call.label, call.connectionId, call.peer);
  console.log(call.type === ConnectionType.Media, call.dataChannel.readyState, call.provider.id);
  return call;
}

peer.on("call", (call: MediaConnection) => {
  const answer: AnswerOption = { sdpTransform: (sdp: string) => sdp };
  if (call.metadata?.audioOnly) call.answer();
  else call.answer(new MediaStream(), answer);
  console.log(call instanceof MediaConnection);
});

const legacy = { metadata: "x", constraints: { mandatory: { OfferToReceiveAudio: true } } };
peer.call("other", new MediaStream(), legacy);
const calls = new Map<string, MediaConnection>();
start(document.createElement("video")).then((call) => calls.set(call.connectionId, call));
for (const call of calls.values()) call.close();
console.log(options.sdpTransform?.call(null, "v=0"));
