import assert from "node:assert/strict";
import { test } from "node:test";
import { guard } from "../../js/guard.js";

/** (module (func (export "trap") unreachable) (func (export "one") (result i32) i32.const 1) (memory (export "m") 1)) */
const MODULE = "AGFzbQEAAAABCAJgAABgAAF/AwMCAAEFAwEAAQcSAwFtAgAEdHJhcAAAA29uZQABCgoCAwAACwQAQQEL";

test("after a trap nothing of the wasm is called any more, and the error says what happened", () => {
  const module = new WebAssembly.Module(Buffer.from(MODULE, "base64"));
  const { one, trap, m } = guard(new WebAssembly.Instance(module).exports);
  assert.equal(one(), 1);
  assert.ok(m instanceof WebAssembly.Memory);
  assert.throws(trap, WebAssembly.RuntimeError);
  const said = ({ message, cause }) =>
    message.startsWith("PeerJS: ") && cause instanceof WebAssembly.RuntimeError;
  assert.throws(one, said);
  assert.throws(trap, said);
});
