// The bundlers with their default configuration, but for the input and the output.
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Parcel } from "@parcel/core";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import webpack4 from "webpack4";

const require = createRequire(import.meta.url);
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
const ALIAS = { peerjs: "peerjs-wasm" };

/**
 * Each bundles a program of a project for production, into a folder of the project, and resolves
 * with the tag that loads it. The option `alias` puts this package in place of PeerJS.
 */
export const bundlers = {
  async vite(project, folder, program, { alias } = {}) {
    const { output } = await vite.build({
      ...viteConfig(project, alias),
      base: `/${folder}/`,
      build: { outDir: folder, rolldownOptions: { input: join(project, program) } },
    });
    return tag(folder, output.find(({ isEntry }) => isEntry).fileName, "module");
  },

  async webpack(project, folder, program, { alias } = {}) {
    const compiler = webpack({
      context: project,
      mode: "production",
      entry: `./${program}`,
      output: { path: join(project, folder), filename: program },
      performance: false,
      ...(alias && { resolve: { alias: ALIAS } }),
    });
    const stats = await new Promise((resolve, reject) => {
      compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
    });
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
    return tag(folder, program);
  },

  async rollup(project, folder, program) {
    const bundle = await rollup({
      input: join(project, program),
      plugins: [nodeResolve()],
      onwarn: ({ message }) => {
        throw new Error(message);
      },
    });
    await bundle.write({ dir: join(project, folder) });
    return tag(folder, program, "module");
  },

  async esbuild(project, folder, program, { alias } = {}) {
    const { warnings } = await esbuild.build({
      absWorkingDir: project,
      entryPoints: [program],
      outdir: folder,
      bundle: true,
      minify: true,
      logLevel: "silent",
      ...(alias && { alias: ALIAS }),
    });
    if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
    return tag(folder, program);
  },

  async parcel(project, folder, program) {
    const bundler = new Parcel({
      entries: join(project, program),
      defaultConfig: require.resolve("@parcel/config-default"),
      mode: "production",
      shouldDisableCache: true,
      defaultTargetOptions: {
        distDir: join(project, folder),
        publicUrl: `/${folder}/`,
        shouldOptimize: true,
        sourceMaps: false,
      },
    });
    const { bundleGraph } = await bundler.run();
    const [{ filePath }] = bundleGraph.getBundles();
    return tag(folder, basename(filePath));
  },
};

/** Webpack 4, for which `package` is transpiled, and found in place of PeerJS. Its options are those of projects of Vue 2. */
export async function oldWebpack(project, folder, program, packageFolder) {
  const compiler = webpack4({
    context: project,
    mode: "production",
    entry: `./${program}`,
    output: { path: join(project, folder), filename: "program.js" },
    performance: false,
    module: {
      rules: [
        { test: /\.mjs$/, type: "javascript/auto" },
        { test: /\.m?js$/, include: packageFolder, use: require.resolve("./transpile.cjs") },
        {
          test: /\.js$/,
          include: project,
          exclude: /node_modules/,
          use: require.resolve("./transpile.cjs"),
        },
      ],
    },
    resolve: { alias: { peerjs: packageFolder }, modules: [MODULES, "node_modules"] },
  });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
  });
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  return tag(folder, "program.js");
}

/** Starts Vite's development server, which bundles only packages; resolves with {url, close}. */
export async function viteServer(project, { alias } = {}) {
  const server = await vite.createServer({
    ...viteConfig(project, alias),
    server: { host: "127.0.0.1", port: 0 },
  });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

const viteConfig = (root, alias) => ({
  root,
  configFile: false,
  logLevel: "warn",
  ...(alias && { resolve: { alias: ALIAS } }),
});

const tag = (folder, file, type = "text/javascript") =>
  `<script type="${type}" src="/${folder}/${file}"></script>`;
