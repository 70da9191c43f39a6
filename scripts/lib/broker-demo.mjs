// The demo over a broker: the page of `npm start` with the broker's address in its own.
import { build } from "esbuild";
import { mosquitto, natsCluster } from "../../tests/engines/harness.mjs";
import { ROOT } from "./paths.mjs";
import { Failure } from "./run.mjs";
import { serve } from "./serve.mjs";

const BROKERS = {
  async mqtt() {
    const broker = await mosquitto();
    return { urls: [broker.web], stop: broker.stop };
  },
  async nats() {
    const { nodes, stop } = await natsCluster(3);
    return { urls: nodes.map(({ web }) => web), stop };
  },
};

/** What the page loads of the broker's client, which is no part of pkg/. */
const CLIENTS = {
  mqtt: 'export { default } from "mqtt";',
  nats: 'export { wsconnect } from "@nats-io/nats-core";',
};

async function client(transport) {
  const { outputFiles } = await build({
    stdin: { contents: CLIENTS[transport], resolveDir: ROOT },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
  });
  return outputFiles[0].text;
}

/**
 * @param {string} transport mqtt or nats
 * @param {number} port 0 for any
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} `url` is the demo's page
 */
export async function serveDemo(transport, port) {
  if (!Object.hasOwn(BROKERS, transport)) {
    throw new Failure(`No transport is called ${transport}: ${Object.keys(BROKERS).join(", ")}.`);
  }
  const code = await client(transport);
  const broker = await BROKERS[transport]();
  try {
    const server = await serve(port, (app) => {
      app.get(`/clients/${transport}.js`, (_, response) => response.type("js").send(code));
    });
    const query = new URLSearchParams([
      ["signaling", transport],
      ...broker.urls.map((url) => ["broker", url]),
    ]);
    return {
      url: `http://localhost:${server.address().port}/?${query}`,
      async stop() {
        server.closeAllConnections();
        server.close();
        await broker.stop();
      },
    };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}
