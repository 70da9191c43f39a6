// Programs of the kinds that were found in public code; each runs between a page's peers of two builds, by their names.

globalThis.programs = {
  /** A library's own Peer: a class that reads `super.options`, has getters of PeerJS's names, and adds to metadata. */
  async subclass(from, to) {
    const makeClass = ({ Peer }) =>
      class extends Peer {
        constructor(options) {
          super(undefined, options);
          super.on("connection", this.welcome);
        }

        get options() {
          return { ...super.options, own: true };
        }

        get socket() {
          return super.socket;
        }

        welcome(connection) {
          connection.metadata.layer = { sender: this.id, send: (text) => connection.send(text) };
        }
      };
    const [near, far] = [from, to].map((lib) => new (makeClass(e2e.libs[lib]))(e2e.server));
    e2e.atEnd(() => [near, far].map((peer) => peer.destroy()));
    await Promise.all([near, far].map((peer) => e2e.next(peer, "open")));
    far.on("connection", (connection) => {
      const { layer, name } = connection.metadata;
      const greet = () => layer.send(`hello ${name}, from ${layer.sender === far.id}`);
      connection.on("open", greet);
    });
    const connection = near.connect(far.id, { metadata: { name: "near" } });
    const greeting = await e2e.next(connection, "data");
    const { host, own, token } = near.options;
    return { greeting, host, own, token: typeof token, open: near.socket._wsOpen() };
  },

  /** A chat room that has a leader under its name: who finds nobody there becomes it. */
  async room(from, to) {
    const name = `room-${Math.random().toString(36).slice(2)}`;
    const seen = [];
    const join = (lib, user) =>
      new Promise((resolve) => {
        const connections = new Map();
        const member = { user, connections, peer: e2e.makePeer(lib) };
        const take = (connection) => {
          connection.on("open", function () {
            connections.set(this.label, this);
            resolve(member);
          });
          connection.on("data", (text) => seen.push(`${user} hears ${text}`));
          connection.on("close", function () {
            connections.delete(this.label);
          });
        };
        member.peer.on("open", () => {
          take(member.peer.connect(name, { label: user, reliable: true }));
        });
        member.peer.on("error", ({ type, message }) => {
          seen.push(`${user}: ${type} ${message.slice(-name.length) === name}`);
          member.peer.destroy();
          member.peer = e2e.makePeer(lib, name);
          member.peer.on("open", () => resolve(member));
          member.peer.on("connection", take);
        });
      });
    const leader = await join(from, "leader");
    const guest = await join(to, "guest");
    await e2e.awaited(
      "the guest at the leader",
      until(() => leader.connections.get("guest")?.open),
    );
    guest.connections.get("guest").send("hello");
    await e2e.awaited(
      "the message",
      until(() => seen.length > 1),
    );
    guest.peer.destroy();
    await e2e.awaited(
      "the end of the guest",
      until(() => leader.connections.size === 0),
    );
    return seen;
  },

  /** Requests, each over a connection of its own that is closed when the answer has come, several at a time. */
  async requests(from, to) {
    const [near, far] = [await e2e.openPeer(from), await e2e.openPeer(to)];
    far.on("connection", (connection) => {
      connection.on("data", async ({ path, body }) => {
        await Promise.resolve();
        const found = path === "/double";
        connection.send({ status: found ? 200 : 404, body: found ? body.map((n) => 2 * n) : path });
      });
    });
    const request = (path, body) =>
      new Promise((resolve, reject) => {
        const connection = near.connect(far.id, { reliable: true });
        connection.on("open", () => connection.send({ path, body }));
        connection.on("error", reject);
        connection.on("data", (answer) => {
          connection.close();
          resolve(answer);
        });
      });
    const asked = [0, 1, 2, 3, 4, 5].map((n) =>
      request(n < 5 ? "/double" : "/nowhere", [n, n / 4]),
    );
    const answers = await Promise.all(asked);
    await e2e.awaited(
      "the ends",
      until(() => near.connections[far.id].length === 0),
    );
    return answers;
  },

  /** A document that is kept the same at both ends: an adapter that takes its listeners off when it leaves. */
  async adapter(from, to) {
    class Adapter {
      seen = [];
      constructor(connection, name) {
        this.connection = connection;
        this.open = () => connection.send({ type: "arrive", name });
        this.data = (message) => {
          if (message.type === "arrive") connection.send({ type: "welcome", name });
          const bytes = message.data && [...new Uint8Array(message.data)];
          this.seen.push(bytes ? { ...message, data: bytes } : message);
        };
        connection.on("open", this.open).on("data", this.data);
      }
      leave() {
        this.connection.off("open", this.open);
        this.connection.off("data", this.data);
      }
    }
    const [near, far] = [await e2e.openPeer(from), await e2e.openPeer(to)];
    const arrival = e2e
      .next(far, "connection")
      .then((connection) => new Adapter(connection, "far"));
    const here = new Adapter(near.connect(far.id), "near");
    const there = await arrival;
    await e2e.awaited(
      "the welcomes",
      until(() => here.seen.length > 1 && there.seen.length > 1),
    );
    const bytes = Uint8Array.from([1, 2, 3, 4, 5]);
    here.connection.send({ type: "sync", data: bytes.subarray(1, 3) });
    await e2e.awaited(
      "the change",
      until(() => there.seen.length > 2),
    );
    there.leave();
    there.connection.on("data", ({ type }) => there.seen.push(type));
    here.connection.send({ type: "late" });
    await e2e.awaited(
      "the last message",
      until(() => there.seen.length > 3),
    );
    const order = ({ type }) => (type === "arrive" ? 0 : 1);
    return [here, there].map(({ seen }) => seen.toSorted((a, b) => order(a) - order(b)));
  },
};

/** Looks again and again, one task after the other, until `look` finds something. */
function until(look) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      if (!look()) return port2.postMessage(null);
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
