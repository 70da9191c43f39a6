import assert from "node:assert/strict";
import { test } from "node:test";
import { LogLevel } from "../../js/enums.js";
import { createLog } from "../../js/log.js";

/** What a log of this `debug` prints when something is said on every level. */
function printed(t, debug) {
  const lines = [];
  for (const method of ["log", "warn", "error"]) {
    t.mock.method(console, method, (...args) => lines.push([method, ...args]));
  }
  const log = createLog(debug);
  for (const level of [LogLevel.Errors, LogLevel.Warnings, LogLevel.All]) log(level, "said", level);
  t.mock.restoreAll();
  return lines;
}

const ERROR = ["error", "ERROR", "PeerJS: ", "said", 1];
const WARNING = ["warn", "WARNING", "PeerJS: ", "said", 2];
const REMARK = ["log", "PeerJS: ", "said", 3];

for (const [debug, lines] of [
  [undefined, []],
  [0, []],
  [false, []],
  [1, [ERROR]],
  [2, [ERROR, WARNING]],
  [3, [ERROR, WARNING, REMARK]],
  [true, [ERROR, WARNING, REMARK]],
]) {
  test(`debug: ${debug} prints ${lines.length} of 3 levels`, (t) => {
    assert.deepEqual(printed(t, debug), lines);
  });
}

test("errors are printed by name and message, everything else as it is", (t) => {
  const print = t.mock.method(console, "error", () => {});
  const value = { any: "thing" };
  createLog(1)(LogLevel.Errors, "Error:", new TypeError("wrong"), value);
  assert.deepEqual(print.mock.calls[0].arguments, [
    "ERROR",
    "PeerJS: ",
    "Error:",
    "(TypeError) wrong",
    value,
  ]);
});

test("a log function takes the console's place: level first, no prefix, errors as they are", (t) => {
  const consoles = ["log", "warn", "error"].map((name) => t.mock.method(console, name, () => {}));
  const heard = [];
  const log = createLog(2, (...args) => heard.push(args));
  const error = new Error("x");
  log(LogLevel.Errors, "Error:", error);
  log(LogLevel.Warnings, "careful");
  log(LogLevel.All, "chatter");
  assert.deepEqual(heard, [
    [1, "Error:", error],
    [2, "careful"],
  ]);
  for (const { mock } of consoles) assert.equal(mock.callCount(), 0);
});

test("the logs of two peers do not disturb each other", () => {
  const heard = [];
  const loud = createLog(3, () => heard.push("loud"));
  createLog(0, () => heard.push("silent"));
  loud(LogLevel.All, "x");
  assert.deepEqual(heard, ["loud"]);
});
