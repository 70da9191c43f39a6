// What any transport has to do, as tests for its author.

const PATIENCE = 10_000;
const PROBE = "probe of the suite";
const BIG = 100_000;
const MANY = 200;

/** One end of a transport: the frames that came, and a way to wait for one. */
class End {
  constructor(factory, id, token = `token of ${id}`) {
    this.id = id;
    this.frames = [];
    this._looks = new Set();
    this._line = factory(`wss://server.example/peerjs?${new URLSearchParams({ id, token })}`);
    this._line.addEventListener("message", ({ data }) => this._add(JSON.parse(data)));
    // As a Peer does: a PeerServer that still holds an id registers it anew without a word.
    this._line.addEventListener("open", () => this.send("CANDIDATE", id, { connectionId: PROBE }));
    this._line.addEventListener("close", () => this._add({ type: "closed" }));
  }

  _add(frame) {
    const isProbe = frame.src === this.id && frame.payload?.connectionId === PROBE;
    this.frames.push(isProbe || frame.type === "OPEN" ? { type: "registered" } : frame);
    for (const look of this._looks) look();
  }

  send(type, dst, payload) {
    this._line.send(JSON.stringify({ type, dst, payload }));
  }

  /** The first frame that is of one of these types and fits, taken out. */
  async take(types, fits = () => true) {
    const found = () => this.frames.findIndex((frame) => types.includes(frame.type) && fits(frame));
    if (found() < 0) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const seen = this.frames.map((frame) => frame.type).join(" ") || "nothing";
          reject(new Error(`${this.id} waited for ${types} and got ${seen}`));
        }, PATIENCE);
        const look = () => {
          if (found() < 0) return;
          clearTimeout(timer);
          this._looks.delete(look);
          resolve();
        };
        this._looks.add(look);
      });
    }
    return this.frames.splice(found(), 1)[0];
  }

  close() {
    this._line.close();
  }
}

const same = (got, wanted) => {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`got ${a.slice(0, 200)} for ${b.slice(0, 200)}`);
};

const TESTS = {
  async "carries messages both ways, in their order"({ open }) {
    const [a, b] = [await open(), await open()];
    for (let i = 0; i < MANY; i++) a.send("CANDIDATE", b.id, { connectionId: "c", i });
    for (let i = 0; i < MANY; i++) {
      const { src, payload } = await b.take(["CANDIDATE"]);
      same([src, payload], [a.id, { connectionId: "c", i }]);
    }
    b.send("ANSWER", a.id, { deep: ["é 🦀", null, 0.5] });
    const { src, payload } = await a.take(["ANSWER"]);
    same([src, payload], [b.id, { deep: ["é 🦀", null, 0.5] }]);
  },
  async "carries big messages"({ open }) {
    const [a, b] = [await open(), await open()];
    a.send("OFFER", b.id, { sdp: "x".repeat(BIG) });
    same((await b.take(["OFFER"])).payload.sdp.length, BIG);
  },
  async "delivers to nobody else"({ open }) {
    const [a, b, c] = [await open(), await open(), await open()];
    a.send("CANDIDATE", b.id, { n: 1 });
    await b.take(["CANDIDATE"]);
    a.send("CANDIDATE", c.id, { n: 2 });
    same((await c.take(["CANDIDATE"])).payload, { n: 2 });
  },
  async "says that a peer is not there"({ open, name }) {
    const a = await open();
    const nobody = name();
    a.send("OFFER", nobody, {});
    same((await a.take(["EXPIRE"])).src, nobody);
  },
  async "brings a message to oneself"({ open }) {
    const a = await open();
    a.send("CANDIDATE", a.id, { connectionId: "probe" });
    same((await a.take(["CANDIDATE"], ({ src }) => src === a.id)).payload, {
      connectionId: "probe",
    });
  },
  async "keeps an id from a peer with another token"({ open, end }) {
    const [a, b] = [await open(), await open()];
    await end(a.id, "another").take(["ID-TAKEN"]);
    b.send("CANDIDATE", a.id, { n: 1 });
    same((await a.take(["CANDIDATE"])).payload, { n: 1 });
  },
  async "hands an id over to the same token"({ open, end }) {
    const [a, b] = [await open(), await open()];
    const again = end(a.id);
    await again.take(["registered"]);
    b.send("CANDIDATE", a.id, { n: 1 });
    same((await again.take(["CANDIDATE"])).payload, { n: 1 });
  },
  async "frees the id of a peer that leaves"({ open, end }) {
    const a = await open();
    a.close();
    // It may take a moment.
    const until = Date.now() + PATIENCE;
    while ((await end(a.id, "another").take(["registered", "ID-TAKEN"])).type === "ID-TAKEN") {
      if (Date.now() > until) throw new Error("the id is still taken");
    }
  },
  async "takes ids with what brokers give a meaning to"({ open, end, name }) {
    const a = await open();
    const base = name();
    const ids = ["a b", "a_b", "a-b", "aXb"].map((id) => `${base} ${id}`);
    const ends = ids.map((id) => end(id));
    await Promise.all(ends.map((each) => each.take(["registered"])));
    for (const [n, id] of ids.entries()) a.send("CANDIDATE", id, { n });
    for (const [n, each] of ends.entries()) same((await each.take(["CANDIDATE"])).payload, { n });
    // Nobody has these, and whoever is asked for them must not be another one, nor break.
    for (const id of [
      "#",
      "+",
      "*",
      ">",
      ".",
      "a/#",
      "../x",
      `${base}.*`,
      "\0",
      "\ud800",
      "$SYS/x",
      "x".repeat(70_000),
    ]) {
      a.send("CANDIDATE", id, { stray: true });
    }
    a.send("CANDIDATE", ids[0], { last: true });
    same((await ends[0].take(["CANDIDATE"])).payload, { last: true });
  },
};

/**
 * Tests for a transport: each rejects if the transport does not do what a Peer needs.
 * @param {import("../types/signaling.js").SignalingFactory} factory
 * @returns {{ name: string, run: () => Promise<void> }[]}
 */
export function conformance(factory) {
  return Object.entries(TESTS).map(([name, test]) => ({
    name,
    async run() {
      const ends = [];
      const fresh = () => `conformance-${Math.random().toString(36).slice(2)}x`;
      const end = (id, token) => {
        ends.push(new End(factory, id, token));
        return ends.at(-1);
      };
      const open = async () => {
        const made = end(fresh());
        await made.take(["registered"]);
        return made;
      };
      try {
        await test({ open, end, name: fresh });
      } finally {
        for (const each of ends) each.close();
      }
    },
  }));
}
