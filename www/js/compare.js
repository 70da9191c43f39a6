// Two frames with the same program on two scripts, and how much each script weighs.

import { byId, clone } from "./dom.js";
import { LIBRARIES } from "./libraries.js";
import { formatBytes } from "./words.js";

const panes = ["peerjs", "peerjs-wasm"].map(makePane);
const [left, right] = panes;

byId("connect").addEventListener("click", () => connect(left, right));
byId("connect-back").addEventListener("click", () => connect(right, left));
byId("swap").addEventListener("click", () => {
  const before = left.parts.select.value;
  load(left, right.parts.select.value);
  load(right, before);
});
addEventListener("message", (event) => {
  const pane = panes.find(({ parts }) => parts.frame.contentWindow === event.source);
  if (!pane || event.origin !== location.origin) return;
  pane.id = event.data.ready;
  enable();
});

function makePane(library, index) {
  const { root, parts } = clone("pane-template");
  for (const [value, { name }] of Object.entries(LIBRARIES))
    parts.select.add(new Option(name, value));
  parts.frame.title = `The program, ${index ? "right" : "left"}`;
  const pane = { parts, id: null };
  parts.select.addEventListener("change", () => load(pane, parts.select.value));
  byId("panes").append(root);
  load(pane, library);
  return pane;
}

function load(pane, library) {
  const { select, tag, frame } = pane.parts;
  const { url } = LIBRARIES[library];
  pane.id = null;
  select.value = library;
  tag.textContent = `<script src="${url}"></script>`;
  frame.src = `compare-frame.html?library=${library}`;
  byId("connect").disabled = true;
  byId("connect-back").disabled = true;
  showSize(pane, library, url);
}

function enable() {
  const ready = panes.every((pane) => pane.id);
  byId("connect").disabled = !ready;
  byId("connect-back").disabled = !ready;
}

function connect(from, to) {
  from.parts.frame.contentWindow.postMessage({ connect: to.id }, location.origin);
}

async function showSize({ parts }, library, url) {
  parts.size.textContent = "Measuring…";
  const words = await measure(url).catch(() => `${url} could not be loaded.`);
  if (parts.select.value === library) parts.size.textContent = words;
}

async function measure(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(response.statusText);
  const script = await response.blob();
  const gzipped = await new Response(
    script.stream().pipeThrough(new CompressionStream("gzip")),
  ).blob();
  const [timing] = performance.getEntriesByName(new URL(url, location.href).href);
  const sent = timing?.encodedBodySize || script.size;
  return `Transfer: ${formatBytes(sent)} as this server sends it · ${formatBytes(gzipped.size)} with gzip · ${formatBytes(script.size)} unpacked`;
}
