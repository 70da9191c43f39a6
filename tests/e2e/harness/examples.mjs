// The examples in Rust, as pages of a test.

import { before } from "node:test";
import { examples } from "../../../scripts/lib/examples.mjs";

/** Has the examples compiled before the file's tests. */
export const compiled = () => before(examples);

/** Opens a page with an example, which uses the server with these options unless the test's own is wanted. */
export function openExample({ open, site, peerServer }, name, { options } = peerServer) {
  const { host, port } = options;
  return open(`${site.url}/examples/${name}/index.html?${new URLSearchParams({ host, port })}`);
}

/** The id of the page's Peer, once it has one. */
export const idOf = (page) =>
  page.until(() => {
    const id = document.querySelector("#id")?.textContent;
    return !["…", "connecting", "", undefined].includes(id) && id;
  });

/** Waits until an element that the selector finds has this text in it. */
export const shows = (page, selector, text) =>
  page.until(
    (selector, text) =>
      [...document.querySelectorAll(selector)].some((it) => it.textContent.includes(text)),
    selector,
    text,
  );
