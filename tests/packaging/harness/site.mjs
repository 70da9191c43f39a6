// A minimal file server. It names no charset.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Serves a folder; `page(html, headers)` adds a page to it and returns the page's URL. */
export async function serve(folder) {
  const pages = new Map();
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://site").pathname));
    const page = pages.get(path);
    try {
      const body = page?.html ?? (await readFile(join(folder, path)));
      response.setHeader("content-type", TYPES[page ? ".html" : extname(path)]);
      for (const [name, value] of Object.entries(page?.headers ?? {})) {
        response.setHeader(name, value);
      }
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    page(html, headers) {
      const path = `/page-${pages.size}`;
      pages.set(path, { html, headers });
      return url + path;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
