// What npm start serves.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";

// In a process of its own: a PeerServer cannot be ended otherwise.
const script = `
  import { serve } from ${JSON.stringify(import.meta.resolve("../../scripts/lib/serve.mjs"))};
  console.log((await serve(0)).address().port);`;
const server = spawn(process.execPath, ["--input-type=module", "--eval", script], {
  stdio: ["ignore", "pipe", "inherit"],
});
let origin;
before(async () => {
  const [port] = await once(server.stdout.setEncoding("utf8"), "data");
  origin = `http://localhost:${port.trim()}`;
});
after(() => server.kill());

test("the demo, the package and a PeerServer are on one origin", async () => {
  const type = async (path) => (await fetch(origin + path)).headers.get("content-type");
  assert.match(await type("/"), /^text\/html/);
  for (const library of ["pkg", "peerjs"]) {
    assert.match(await type(`/${library}/peerjs.min.js`), /javascript/);
  }
  assert.equal(await type("/pkg/peerjs_wasm_bg.wasm"), "application/wasm");
  const id = await (await fetch(`${origin}/peerserver/peerjs/id`)).text();
  assert.match(id, /^[0-9a-f-]{36}$/);
});

test("the PeerServer takes WebSockets", async () => {
  const url = `${origin.replace("http", "ws")}/peerserver/peerjs?key=peerjs&id=a&token=b`;
  const socket = new (await import("ws")).WebSocket(url);
  const [message] = await once(socket, "message");
  assert.deepEqual(JSON.parse(message), { type: "OPEN" });
  socket.close();
});

test("a taken port is named", async () => {
  const other = createServer().listen(0);
  await once(other, "listening");
  const { port } = other.address();
  await assert.rejects(serve(port), { message: new RegExp(`${port} is taken`) });
  other.close();
});
