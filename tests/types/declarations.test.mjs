import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import PeerJS from "peerjs";
import { SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";
import * as enumerations from "../../js/enums.js";
import { here, root } from "./compiler.mjs";

const enums = { ...enumerations };
const api = new API({ cwd: here });
after(() => api.close());
const { program } = api
  .updateSnapshot({ openProject: join(here, "tsconfig.ours.json") })
  .getProjects()[0];
const sources = program
  .getSourceFileNames()
  .filter((name) => name.startsWith(join(root, "js/")))
  .map((name) => program.getSourceFile(name));
const theirs = program.getSourceFile(join(root, "node_modules/peerjs/dist/types.d.ts"));

const reExports = new Set([SyntaxKind.ExportDeclaration, SyntaxKind.ImportDeclaration]);
const nameOf = (node) =>
  node.name?.text ?? node.declarationList?.declarations[0].name.text ?? SyntaxKind[node.kind];

/** Every declaration of a file, with the members of its types and of the shapes its members have. */
function* declarations(node) {
  for (const child of node.statements ?? node.members ?? node.type?.members ?? []) {
    if (!reExports.has(child.kind)) yield child;
    yield* declarations(child);
  }
}

const lineOf = ({ text }, offset) => text.slice(0, offset).split("\n").length;

const enumsOf = (source) =>
  source.statements
    .filter((node) => node.kind === SyntaxKind.EnumDeclaration)
    .map((node) => [
      node.name.text,
      Object.fromEntries(
        node.members.map(({ name, initializer }) => [
          name.text,
          initializer.kind === SyntaxKind.NumericLiteral
            ? Number(initializer.text)
            : initializer.text,
        ]),
      ),
    ]);

test("every exported symbol and every member has a comment", () => {
  let seen = 0;
  const bare = [];
  for (const source of sources) {
    for (const node of declarations(source)) {
      seen += 1;
      if (node.jsDoc?.length) continue;
      const place = `${relative(root, source.fileName)}:${lineOf(source, node.end)}`;
      bare.push(`${place} ${nameOf(node)}`);
    }
  }
  assert.deepEqual(bare, []);
  assert.ok(seen > 200, `only ${seen} declarations were found`);
});

test("every name that PeerJS's types export is exported", () => {
  const exported = theirs.statements
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword))
    .map(nameOf);
  const index = program.getSourceFile(join(root, "js/index.d.ts"));
  const ours = index.statements.flatMap(({ exportClause }) =>
    exportClause.elements.map(({ name }) => name.text),
  );
  assert.deepEqual(
    exported.filter((name) => !ours.includes(name)),
    [],
  );
  assert.ok(ours.includes("default"));
  assert.ok(exported.length > 20, `only ${exported.length} names were found`);
});

test("our declared enumerations are PeerJS's declared ones", () => {
  const declared = Object.fromEntries(sources.flatMap(enumsOf));
  assert.deepEqual(declared, Object.fromEntries(enumsOf(theirs)));
  assert.equal(Object.keys(declared).length, 8);
});

test("our enumerations are at run time what they are declared to be", () => {
  const declared = Object.fromEntries(sources.flatMap(enumsOf));
  for (const [name, values] of Object.entries(declared)) {
    // Numeric enumerations also lead from the value back to the name.
    const back = Object.entries(values).filter(([, value]) => typeof value === "number");
    const whole = { ...values, ...Object.fromEntries(back.map(([key, value]) => [value, key])) };
    assert.deepEqual(enums[name], whole, name);
  }
  assert.deepEqual(Object.keys(enums).sort(), Object.keys(declared).sort());
});

test("our enumerations are at run time PeerJS's", () => {
  const shared = Object.keys(enums).filter((name) => name in PeerJS);
  // PeerJS declares LogLevel but does not export it.
  assert.deepEqual(
    Object.keys(enums).filter((name) => !(name in PeerJS)),
    ["LogLevel"],
  );
  for (const name of shared) assert.deepEqual(enums[name], PeerJS[name], name);
});
