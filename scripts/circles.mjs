// Fails if files of src/ use each other in a circle. A submodule may use its parent module, and test modules may use
// any file.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { Failure, main } from "./lib/run.mjs";

const SRC = join(ROOT, "src");
const USE = /\buse\s+([^;]+);/g;
const TESTS = /#\[cfg\(test\)\]\s*mod \w+ \{.*/s;

/** Returns the paths in a `use` tree: `a::{b, c::d}` has `a::b` and `a::c::d`. */
function pathsOf(tree) {
  const group = /([\w:]*)\{([^{}]*)\}/.exec(tree);
  if (!group) return tree.split(",").map((path) => path.trim());
  const [whole, prefix, members] = group;
  const paths = members.split(",").map((member) => prefix + member.trim());
  return pathsOf(tree.replace(whole, paths.join(",")));
}

/** @returns {Map<string, Set<string>>} maps the module of each file to the modules that it uses */
function imports() {
  const sources = new Map();
  for (const file of readdirSync(SRC, { recursive: true })) {
    const module = file.replace(/(\Wmod)?\.rs$/, "").replace(/\W/g, "::");
    if (!file.endsWith(".rs") || /\btests\b/.test(module)) continue;
    sources.set(module, readFileSync(join(SRC, file), "utf8"));
  }
  const fileOf = (names) => {
    while (names.length > 0 && !sources.has(names.join("::"))) names = names.slice(0, -1);
    return names.join("::");
  };
  const graph = new Map();
  for (const [module, source] of sources) {
    const code = source.replace(/\/\/.*/g, "").replace(TESTS, "");
    const own = module.split("::");
    const starts = { crate: [], self: own, super: own.slice(0, -1) };
    for (const [, name] of code.matchAll(/\bmod (\w+);/g)) starts[name] = [...own, name];
    const path = new RegExp(
      String.raw`(?<![\w:])(?:${Object.keys(starts).join("|")})(?:::\w+)+`,
      "g",
    );
    const paths = [...code.matchAll(USE)].flatMap(([, tree]) => pathsOf(tree));
    const used = new Set();
    for (const names of [...paths, ...(code.replace(USE, "").match(path) ?? [])]) {
      let [first, ...rest] = names.split("::");
      let start = starts[first];
      for (; rest[0] === "super"; rest = rest.slice(1)) start = start?.slice(0, -1);
      const target = start && fileOf([...start, ...rest]);
      if (target && target !== module && !module.startsWith(`${target}::`)) used.add(target);
    }
    graph.set(module, used);
  }
  return graph;
}

/** @returns {string[] | undefined} a circle: modules of which each uses the next; the last one is the first again */
function circle(graph) {
  const done = new Set();
  const follow = (module, path) => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
    if (done.has(module)) return;
    for (const next of graph.get(module)) {
      const found = follow(next, [...path, module]);
      if (found) return found;
    }
    done.add(module);
  };
  for (const module of graph.keys()) {
    const found = follow(module, []);
    if (found) return found;
  }
}

main(() => {
  const found = circle(imports());
  if (found) throw new Failure(`These files use each other in a circle: ${found.join(" -> ")}`);
});
