// In place of node:test: keeps the tests of a file until they are asked for by name.

/** @type {Map<string, () => unknown>} */
export const tests = new Map();

let prefix = "";

export function suite(name, define) {
  prefix = `${name}: `;
  define();
  prefix = "";
}

export function test(name, body) {
  tests.set(prefix + name, () => {
    const context = new Context();
    return Promise.resolve(context)
      .then(body)
      .finally(() => context.restore());
  });
}

class Context {
  #endings = [];

  mock = {
    method: (object, name) => {
      const original = object[name];
      let calls = 0;
      object[name] = (...args) => {
        calls += 1;
        return original.apply(object, args);
      };
      this.#endings.push(() => (object[name] = original));
      return { mock: { callCount: () => calls } };
    },
  };

  restore() {
    for (const end of this.#endings) end();
  }
}
