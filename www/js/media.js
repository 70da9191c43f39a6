// The tracks for a call: camera and microphone, or, where one is missing, a generated picture or sound.

const PICTURE = { width: 640, height: 360, fps: 15 };

/**
 * @returns {Promise<{stream: MediaStream, hint: string, stop: () => void}>} always one audio and one video track, so
 *   that either can be replaced later without a new agreement with the other side
 */
export async function openMedia() {
  const { tracks, denied } = await deviceTracks();
  const undo = [];
  const missing = [];
  if (!tracks.some((track) => track.kind === "video")) {
    missing.push("camera");
    const picture = testPicture();
    tracks.push(...picture.stream.getTracks());
    undo.push(picture.stop);
  }
  if (!tracks.some((track) => track.kind === "audio")) {
    missing.push("microphone");
    const sound = testSound();
    tracks.push(...sound.stream.getTracks());
    undo.push(sound.stop);
  }
  return {
    stream: new MediaStream(tracks),
    hint: hintFor(missing, denied),
    stop() {
      for (const track of tracks) track.stop();
      for (const step of undo) step();
    },
  };
}

/** Whether this browser can show its screen to others. */
export const canShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia);

/** @returns the screen's track, or null when the person changed their mind */
export async function openScreen() {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
    return stream.getVideoTracks()[0];
  } catch (error) {
    if (error.name === "NotAllowedError") return null;
    throw error;
  }
}

async function deviceTracks() {
  // Not there at all on a page that is neither https nor localhost.
  if (!navigator.mediaDevices?.getUserMedia) return { tracks: [], denied: false };
  const ask = async (wanted) => (await navigator.mediaDevices.getUserMedia(wanted)).getTracks();
  try {
    return { tracks: await ask({ video: true, audio: true }), denied: false };
  } catch (error) {
    if (error.name === "NotAllowedError") return { tracks: [], denied: true };
  }
  // One of the two is missing or busy: take the other.
  for (const wanted of [{ video: true }, { audio: true }]) {
    const tracks = await ask(wanted).catch(() => null);
    if (tracks) return { tracks, denied: false };
  }
  return { tracks: [], denied: false };
}

function hintFor(missing, denied) {
  if (missing.length === 0) return "";
  const made = { camera: "a test picture", microphone: "a soft test tone" };
  const sent = `you are sending ${missing.map((device) => made[device]).join(" and ")} instead.`;
  const why = denied ? "This page may not use" : "There is no";
  return `${why} ${missing.join(denied ? " and " : " or ")} here: ${sent}`;
}

/** A moving picture made here, for where there is no camera. */
export function testPicture() {
  const canvas = document.createElement("canvas");
  canvas.width = PICTURE.width;
  canvas.height = PICTURE.height;
  const context = canvas.getContext("2d");
  const hue = Math.floor(Math.random() * 360); // so that two test pictures can be told apart
  const draw = () => drawTestPicture(context, hue, performance.now() / 1000);
  draw();
  // Not requestAnimationFrame: it stands still in a tab that is not in front.
  const timer = setInterval(draw, 1000 / PICTURE.fps);
  return { stream: canvas.captureStream(PICTURE.fps), stop: () => clearInterval(timer) };
}

function drawTestPicture(context, hue, seconds) {
  const { width, height } = PICTURE;
  for (let bar = 0; bar < 8; bar++) {
    context.fillStyle = `hsl(${hue + bar * 14} 55% ${32 + bar * 4}%)`;
    context.fillRect((bar * width) / 8, 0, width / 8 + 1, height);
  }
  const x = width / 2 + Math.cos(seconds * 1.6) * width * 0.36;
  const y = height / 2 + Math.sin(seconds * 3.2) * height * 0.26;
  context.fillStyle = "#fff";
  context.beginPath();
  context.arc(x, y, 26, 0, 2 * Math.PI);
  context.fill();
  context.font = "600 28px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText("Test picture", width / 2, height - 56);
  context.fillText(new Date().toLocaleTimeString(), width / 2, height - 22);
}

/** A quiet beep every second. */
function testSound() {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 440 });
  const beat = new OscillatorNode(context, { type: "square", frequency: 0.5 });
  const depth = new GainNode(context, { gain: 0.02 });
  const volume = new GainNode(context, { gain: 0.02 });
  const out = context.createMediaStreamDestination();
  beat.connect(depth).connect(volume.gain);
  tone.connect(volume).connect(out);
  tone.start();
  beat.start();
  return { stream: out.stream, stop: () => context.close() };
}
