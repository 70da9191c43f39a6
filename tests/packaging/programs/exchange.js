/**
 * Two peers on one page: one greets the other, which answers.
 * @returns what each got, and what it should have got
 */
export async function exchange(Peer, server) {
  const options = { ...server, config: { iceServers: [] } };
  const [caller, callee] = [new Peer(options), new Peer(options)];
  try {
    await Promise.all([next(caller, "open"), next(callee, "open")]);
    const greeting = { text: "Grüße, 你好 👋", numbers: [1, -2.5, 2 ** 40] };
    const answer = ["heard", greeting];

    const [incoming, outgoing] = [next(callee, "connection"), caller.connect(callee.id)];
    const [far] = await Promise.all([incoming, next(outgoing, "open")]);
    const [greeted, answered] = [next(far, "data"), next(outgoing, "data")];
    outgoing.send(greeting);
    const got = [await greeted];
    far.send(answer);
    got.push(await answered);
    return { got, wanted: [greeting, answer] };
  } finally {
    caller.destroy();
    callee.destroy();
  }
}

function next(emitter, event) {
  return new Promise((resolve, reject) => {
    emitter.once(event, resolve);
    emitter.once("error", reject);
  });
}
