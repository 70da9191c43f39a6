// Two frames with the same program on two scripts, and how much each script weighs.

import { byId, clone } from "./dom.js";
import { LIBRARIES } from "./libraries.js";

const panes = ["peerjs", "peerjs-wasm"].map(makePane);
const [first, second] = panes;

byId("connect").addEventListener("click", () => connect(first, second));
byId("connect-back").addEventListener("click", () => connect(second, first));
byId("swap").addEventListener("click", () => {
  const before = first.parts.select.value;
  load(first, second.parts.select.value);
  load(second, before);
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
  root.setAttribute("aria-label", index ? "Second" : "First");
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

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

async function measure(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(response.statusText);
  const script = await response.blob();
  const gzipped = await new Response(
    script.stream().pipeThrough(new CompressionStream("gzip")),
  ).blob();
  const [timing] = performance.getEntriesByName(new URL(url, location.href).href);
  const sent = timing?.encodedBodySize || script.size;
  return `Transfer: ${kilobytes(sent)} as this server sends it · ${kilobytes(gzipped.size)} with gzip · ${kilobytes(script.size)} unpacked`;
}
