// fast-check with few runs: what is made at random is slow in a debugged page, and Node has thousands of runs.
import fc from "/npm/fast-check";

const RUNS = 100;

export default {
  ...fc,
  assert: (property, parameters) => fc.assert(property, { ...parameters, numRuns: RUNS }),
};
