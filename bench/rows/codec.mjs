// Values <-> bytes: util.pack and util.unpack.

const ROUNDS = 31;

const FLOORS = {
  pack: [
    ["chat message", 10, 40],
    ["game state", 10, 40],
    ["1,000 ints", 40, 100],
    ["1,000 doubles", 40, 100],
    ["200 objects", 40, 60],
    ["depth 100", 40, 60],
    ["100 KB ASCII", 2, 6],
    ["100 KB CJK and emoji", 1.3, 2.5],
    ["binary 1 MB", 1],
    ["binary 16 MB", 1],
  ],
  unpack: [
    ["chat message", 1.5, 2.5],
    ["game state", 2, 3.5],
    ["1,000 ints", 3.5, 5],
    ["1,000 doubles", 10, 12],
    ["200 objects", 2.5, 3.5],
    ["depth 100", 1.5, 2.5],
    ["100 KB ASCII", 10, 25],
    ["100 KB CJK and emoji", 1.2, 1.8],
    ["binary 1 MB", 1],
    ["binary 16 MB", 1],
  ],
};

export const rows = Object.entries(FLOORS).flatMap(([direction, values]) =>
  values.map(([value, floor, goal]) => ({
    name: `${direction}: ${value}`,
    unit: "µs",
    floor,
    goal,
    direction,
    value,
  })),
);

export async function run(world, wanted, report) {
  const page = await world.open();
  await page.call("warmUp");
  for (const { direction, value, ...row } of wanted) {
    const { ours, peerjs } = await page.call("codec", direction, value, ROUNDS);
    report(row, { ours: ours.map(micro), peerjs: peerjs.map(micro) });
  }
}

const micro = (milliseconds) => milliseconds * 1000;
