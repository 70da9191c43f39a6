// A React component with a Peer, mounted as development mode does under StrictMode: twice.
import { Peer } from "peerjs";
import { createElement, StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";

function Mounted({ id, server, tell }) {
  useEffect(() => {
    const events = [];
    tell(events);
    const peer = new Peer(id, server);
    peer.on("open", () => tell(events, "open"));
    peer.on("error", (error) => tell(events, error.type));
    return () => peer.destroy();
  }, [id, server, tell]);
  return null;
}

/** The events of the Peers in the order in which they were made: a mount under StrictMode makes two, and the next two more. */
globalThis.run = async (server, id) => {
  const mounts = [];
  const root = createRoot(document.createElement("div"));
  let settled;
  const tell = (events, event) => {
    if (!event) return mounts.push(events);
    events.push(event);
    if (events === mounts.at(-1)) settled();
  };
  for (const key of ["first", "next"]) {
    await new Promise((resolve) => {
      settled = resolve;
      const mounted = createElement(Mounted, { key, id, server, tell });
      root.render(createElement(StrictMode, null, mounted));
    });
  }
  root.unmount();
  return mounts;
};
