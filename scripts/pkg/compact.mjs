// Rewrites the glue of wasm-bindgen into shorter code with the same behaviour.
//
// wasm-bindgen supports all browsers of the last eight years, and writes a complete function per import. The rewritten
// glue supports the browsers of bundle.mjs, and shares the common parts of these functions.
import binaryen from "binaryen";
import { Failure } from "../lib/run.mjs";

/** The name under which the module imports the glue. */
export const GLUE_MODULE = "./peerjs_wasm_bg.js";

/** Replacements for functions of the glue, by name. */
const FUNCTIONS = {
  handleError: `
const fallible = (f) => (...args) => {
    try {
        return f(...args);
    } catch (error) {
        wasm.__wbindgen_exn_store(addToExternrefTable0(error));
    }
};`,
  getArrayU8FromWasm0: `
function getArrayU8FromWasm0(ptr, len) {
    return new Uint8Array(wasm.memory.buffer, ptr >>> 0, len);
}`,
  getStringFromWasm0: `
function getStringFromWasm0(ptr, len) {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(getArrayU8FromWasm0(ptr, len));
}`,
  passStringToWasm0: `
function passStringToWasm0(text) {
    if (isLikeNone(text)) return 0;
    const bytes = new TextEncoder().encode(text);
    const ptr = wasm.__wbindgen_malloc(WASM_VECTOR_LEN = bytes.length, 1);
    getArrayU8FromWasm0(ptr, WASM_VECTOR_LEN).set(bytes);
    return ptr;
}
function returnString(to, text) {
    const ptr = passStringToWasm0(text);
    new Int32Array(wasm.memory.buffer, to >>> 0, 2).set([ptr, WASM_VECTOR_LEN]);
}
function takeString([ptr, len]) {
    if (ptr) {
        const text = getStringFromWasm0(ptr, len);
        wasm.__wbindgen_free(ptr, len, 1);
        return text;
    }
}`,
  getDataViewMemory0: "",
  getUint8ArrayMemory0: "",
  decodeText: "",
  initSync: `
function initSync({ module }) {
    if (wasm) return wasm;
    if (!(module instanceof WebAssembly.Module)) module = new WebAssembly.Module(module);
    return __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()));
}`,
};

const STRING = /(passStringToWasm0\(\w+), wasm\.__wbindgen_malloc, wasm\.__wbindgen_realloc\)/g;
const RETURN_STRING =
  / *(?:const|var) ptr1 = passStringToWasm0\(ret\);\n.*WASM_VECTOR_LEN;\n.*\+ 4 \* 1, len1, true\);\n.*\+ 4 \* 0, ptr1, true\);\n/g;
const RETURN_NUMBER =
  / *getDataViewMemory0\(\)\.setFloat64\(.*\n *getDataViewMemory0\(\)\.setInt32\(.*!isLikeNone\(ret\), true\);\n/g;
const TAKE_OWNED_STRING =
  / {8}let deferred1_0;\n {8}let deferred1_1;\n {8}try \{\n *const ret = (.*);\n(?:.*\n){5} {8}\}\n/g;
const TAKE_OPTIONAL_STRING =
  / {8}const ret = (.*);\n {8}let v1;\n {8}if \(ret\[0\] !== 0\) \{\n(?:.*\n){3} {8}return v1;\n/g;

const REGISTRY =
  "    finalization = new FinalizationRegistry(([free, ...args]) => free(...args));\n";
const OWNERSHIP = `
let finalization, wasm;
function own(object, ptr, free) {
    object.__wbg_ptr = ptr;
    finalization.register(object, [free, ptr, 1]);
    return object;
}`;

/** Patterns and their replacements, in the order in which they are applied. */
const REWRITES = [
  [/^ *\/\/.*\n/gm, ""],
  // A FinalizationRegistry for each class, with a fallback for old browsers; and `free`, which is never called.
  [/^const \w+ = \(typeof FinalizationRegistry === 'undefined'\)\n.*\n.*\n/gm, ""],
  [/^ {4}(?:__destroy_into_raw|free)\(\) \{\n(?: {8}.*\n)*? {4}\}\n/gm, ""],
  [/^if \(Symbol\.dispose\).*\n/gm, ""],
  [
    /const obj = (Object\.create\((\w+)\.prototype\));\n.*= ptr;\n.*\n.*return obj;/g,
    (_, object, name) => `return own(${object}, ptr, wasm.__wbg_${name.toLowerCase()}_free);`,
  ],
  [
    /this\.__wbg_ptr = ret;\n *(\w+)Finalization\.register\(.*\n *return this;/g,
    (_, name) => `own(this, ret, wasm.__wbg_${name.toLowerCase()}_free);`,
  ],
  [
    /CLOSURE_DTORS\.register\(real, state, state\)/,
    "finalization.register(real, [state => wasm.__wbindgen_destroy_closure(state.a, state.b), state], state)",
  ],
  [/CLOSURE_DTORS/g, "finalization"],
  // Text and numbers.
  [STRING, "$1)"],
  [/isLikeNone\((\w+)\) \? 0 : (passStringToWasm0\(\1\))/g, "$2"],
  [RETURN_STRING, "returnString(arg0, ret);\n"],
  [
    RETURN_NUMBER,
    "new Float64Array(wasm.memory.buffer, arg0 >>> 0, 2).set([0, ret]);\nnew Uint8Array(wasm.memory.buffer)[arg0 >>> 0] = !isLikeNone(ret);\n",
  ],
  [TAKE_OWNED_STRING, "return takeString($1);\n"],
  [TAKE_OPTIONAL_STRING, "return takeString($1);\n"],
  // Cached buffers and codecs.
  [/^let (?:cached\w+|numBytesDecoded)\b.*\n/gm, ""],
  [/^(?:cachedTextDecoder\.|const (?:MAX_SAFARI|cachedTextEncoder)).*\n/gm, ""],
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n(?: .*\n)*\}\n/m, ""],
  // Initialised with the module, so that importing the glue uses no browser API.
  [/^let wasmModule, wasmInstance, wasm;\n/m, OWNERSHIP],
  [/^ {4}(?:wasmInstance|wasmModule|cached\w+) = .*\n/gm, ""],
  [/^ {4}wasm\.__wbindgen_start\(\);\n/m, `$&${REGISTRY}`],
  // Calls after a trap throw.
  [/^ {4}wasm = instance\.exports;\n/m, "    wasm = guard(instance.exports);\n"],
  [/^/, 'import { guard } from "../../js/guard.js";\n'],
];

/** An import of the module: its name and its body. */
const IMPORT =
  /^ {8}(\w+): function\((?:\) \{ return (handleError)\(function \()?(.*?)\) \{\n(.*?)^ {8}\}(?:, arguments\); \})?,\n/gms;

/** Must not match the result. If it does, this version of wasm-bindgen writes other glue: adapt the patterns above. */
const LEFT =
  /handleError|arguments|DataView|cached|Symbol\.dispose|\w+Finalization\b|realloc|deferred|Memory0/;

/**
 * Rewrites the glue.
 *
 * @param {string} source
 * @returns {{ source: string, same: Record<string, string> }} same: maps each redundant import to an equal one
 */
export function compact(source) {
  for (const [name, text] of Object.entries(FUNCTIONS)) {
    source = source.replace(new RegExp(`^function ${name}\\(.*?^\\}$`, "ms"), () => text);
  }
  for (const [from, to] of REWRITES) source = source.replace(from, to);
  const known = new Map();
  const same = {};
  source = source.replace(IMPORT, (_, name, catches, parameters, body) => {
    const code = `(${parameters}) => {\n${body}}`;
    const whole = catches ? `fallible(${code})` : code;
    if (known.has(whole)) {
      same[name] = known.get(whole);
      return "";
    }
    known.set(whole, name);
    return `        ${name}: ${whole},\n`;
  });
  const left = LEFT.exec(source);
  if (left) {
    throw new Failure(
      `wasm-bindgen writes its glue differently now, with ${left[0]}: teach compact.mjs to.`,
    );
  }
  return { source, same };
}

/**
 * Adapts the module to the compact glue: merges equal imports, and removes unused exports.
 *
 * @param {Uint8Array} wasm with the name section
 * @param {Record<string, string>} same
 * @returns {Uint8Array} with the name section
 */
export function fit(wasm, same) {
  const module = binaryen.readBinary(wasm);
  binaryen.setDebugInfo(true);
  module.removeExport("__wbindgen_realloc");
  for (let i = module.getNumFunctions(); i-- > 0; ) {
    const { name, base, params, results } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (base in same) {
      module.removeFunction(name);
      module.addFunctionImport(name, GLUE_MODULE, same[base], params, results);
    }
  }
  const fitting = module.emitBinary();
  module.dispose();
  return fitting;
}

/**
 * Removes imports that the optimised module no longer has.
 *
 * @param {string} source the compact glue
 * @param {Set<string>} used
 */
export const prune = (source, used) =>
  source.replace(COMPACT_IMPORT, (whole, name) => (used.has(name) ? whole : ""));

const COMPACT_IMPORT = /^ {8}(\w+): (?:fallible\()?\(.*?^\}\)?,\n/gms;
