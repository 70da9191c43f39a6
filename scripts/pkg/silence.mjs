// Removes the code that only formats panic messages: 5 KB after gzip. On wasm32 a panic ends in a trap, and std has no
// stderr for the message. The trap remains.
import binaryen from "binaryen";
import { Failure } from "../lib/run.mjs";
import { blankTexts } from "./texts.mjs";

/** Functions that may be replaced with a trap if they never return: those of std, and the checks of wasm-bindgen. */
const MAY_END_IN_A_PANIC =
  /(core|alloc|std|__rustc)\[[0-9a-f]+\]::|^wasm_bindgen::(throw_str|__rt::)/;
const WRITES_MESSAGES = /core\[[0-9a-f]+\]::fmt::|std\[[0-9a-f]+\]::panicking::/;

/**
 * Replaces panicking code with traps.
 *
 * @param {Uint8Array} wasm with the name section
 * @returns {Uint8Array} with the name section
 */
export function silence(wasm) {
  const module = binaryen.readBinary(wasm);
  binaryen.setDebugInfo(true);
  module.runPasses(["dce"]); // afterwards, the type of a body shows whether its end is reached
  const { functions, returning, callers } = survey(module);
  const cut = new Set();
  for (const { name, body } of functions) {
    const ends = returning.has(name) || binaryen.getExpressionType(body) !== binaryen.unreachable;
    if (MAY_END_IN_A_PANIC.test(name) && !ends) cut.add(name);
  }
  for (const { name } of functions.filter(({ name }) => WRITES_MESSAGES.test(name))) {
    const user = [...(callers.get(name) ?? [])].find(
      (caller) => !cut.has(caller) && !WRITES_MESSAGES.test(caller),
    );
    if (user) throw new Failure(`${user} formats text with ${name}: do without core::fmt.`);
    cut.add(name);
  }
  for (const name of cut) {
    binaryen.Function(module.getFunction(name)).body = module.unreachable();
  }
  const silenced = Buffer.from(module.emitBinary());
  for (const { data, offset } of segments(module)) {
    const at = silenced.indexOf(new Uint8Array(data));
    blankTexts(silenced.subarray(at, at + data.byteLength), offset);
  }
  module.dispose();
  return silenced;
}

const segments = (module) =>
  Array.from({ length: module.getNumDataSegments() }, (_, i) =>
    module.getDataSegmentInfo(module.getDataSegmentByIndex(i)),
  );

/** Reads calls and returns from the text format, since binaryen.js has no visitor for code. */
function survey(module) {
  const functions = Array.from({ length: module.getNumFunctions() }, (_, i) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(i)),
  ).filter((info) => !info.module);
  const returning = new Set();
  const callers = new Map();
  const name = String.raw`("(?:[^"\\]|\\.)*"|[^\s)]+)`;
  const words = new RegExp(
    String.raw`^ \(func \$${name}|\((?:return_)?call \$${name}|\((return)\b`,
    "gm",
  );
  let current;
  for (const [, start, call, isReturn] of module.emitText().matchAll(words)) {
    if (start) current = unquoted(start);
    else if (isReturn) returning.add(current);
    else {
      const callee = unquoted(call);
      if (!callers.has(callee)) callers.set(callee, new Set());
      callers.get(callee).add(current);
    }
  }
  return { functions, returning, callers };
}

const unquoted = (name) =>
  name
    .replace(/^"|"$/g, "")
    .replace(/\\([0-9a-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
