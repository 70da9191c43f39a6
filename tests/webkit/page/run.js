// Runs test files of tests/js in a page.
import { tests } from "/page/node-test.js";

const steps = {
  /** The names of the tests of a file. */
  async load(file) {
    await import(file);
    return [...tests.keys()];
  },
  /** What a test fails with; undefined if it passes. */
  async run(name) {
    try {
      await tests.get(name)();
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  },
};

export const step = (name, argument) => steps[name](argument);
