// Bundles bktui into dist/: bktui.js (executable, src/start/start.ts), the program that it runs (src/main.ts), the
// menus with Ink, and the licences of everything bundled. Files are written under names by content and the entry
// last, so that a program that starts meanwhile finds either the old parts or the new ones.
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const entry = "bktui.js";
const notices = "THIRD_PARTY_NOTICES.txt";

/** Ink asks for it in development only; without it the bundle would not resolve. */
const withoutDevtools = {
  name: "without-react-devtools",
  setup(bundler) {
    bundler.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: "empty" }));
    bundler.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export default {};" }));
  },
};

/** gRPC asks for it when .proto files are read at run time, which bktui never does; it brings a compiler for them. */
const withoutProtoLoader = {
  name: "without-proto-loader",
  setup(bundler) {
    bundler.onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace: "unused" }));
    bundler.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** What the SDK of the Model Context Protocol has for other transports, for clients and for tasks; see ADR 46. */
const UNUSED_OF_SDK =
  /^(express|hono|@hono\/.*|cors|jose|eventsource.*|raw-body|cross-spawn|pkce-challenge)(\/|$)/;

/** A way of zod's to make code from strings, and what stands in its place: it is not gone then, but refuses (S44). */
const CODE_OF_ZOD = [
  {
    file: /zod\/v4\/core\/util\.js$/,
    text: 'new F("");',
    instead: 'throw new Error("no code from strings");',
  },
  {
    file: /zod\/v4\/core\/doc\.js$/,
    text: "const F = Function;",
    instead: 'const F = () => { throw new Error("no code from strings"); };',
  },
];

/**
 * The server, its messages and zod, nothing else: no web server may come with it, and no validator that makes code from
 * schemas (ajv). What is of zod 3, which nobody has here, is empty.
 */
const onlyTheServer = {
  name: "only-the-server",
  setup(bundler) {
    bundler.onResolve({ filter: UNUSED_OF_SDK }, ({ path }) => ({
      errors: [{ text: `${path} is for other transports of the SDK: import its server only` }],
    }));
    bundler.onResolve({ filter: /validation\/ajv-provider\.js$/ }, ({ path }) => ({
      path,
      namespace: "no-ajv",
    }));
    bundler.onLoad({ filter: /.*/, namespace: "no-ajv" }, () => ({
      contents:
        'export class AjvJsonSchemaValidator { constructor() { throw new Error("give a validator"); } }',
    }));
    bundler.onResolve({ filter: /^(zod\/v3|zod-to-json-schema)$/ }, ({ path }) => ({
      path,
      namespace: "no-zod-3",
    }));
    bundler.onLoad({ filter: /.*/, namespace: "no-zod-3" }, () => ({
      contents: "export const object = undefined, zodToJsonSchema = undefined;",
    }));
    for (const { file, text, instead } of CODE_OF_ZOD)
      bundler.onLoad({ filter: file }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (source.split(text).length !== 2)
          return { errors: [{ text: `${path} no longer has \`${text}\` once: look how it makes code now` }] };
        return { contents: source.replace(text, () => instead) };
      });
  },
};

/** What every start would pay for (docs/architecture.md, "The start"); string-width alone takes 30 ms to load. */
const withoutHeavy = {
  name: "without-heavy",
  setup(bundler) {
    const heavy =
      /^(ink|ink-select-input|react|react-reconciler|yoga-layout|string-width|ws|protobufjs)(\/|$)/;
    bundler.onResolve({ filter: heavy }, ({ path }) =>
      path === "protobufjs/minimal.js"
        ? undefined
        : { errors: [{ text: `${path} is too heavy for the start: import it late, as ink-menu.ts is` }] },
    );
  },
};

/**
 * Turns `import("node-pty")` and the menus' into a call of start.ts: kept code must have no `import()` of its own, since
 * Node 20 has no loader for that of code which it did not compile itself. A promise cannot be a module, but what
 * `import()` gives is awaited, and a module with a `then` is waited for like a promise.
 */
function loadedLate(wanted) {
  return {
    name: "loaded-late",
    setup(bundler) {
      for (const { filter, specifier } of wanted)
        bundler.onResolve({ filter }, ({ kind }) =>
          kind === "dynamic-import"
            ? { path: specifier, namespace: "late" }
            : { errors: [{ text: `${specifier} is not in the bundle: import it late` }] },
        );
      bundler.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
        contents: `export const then = (done, failed) => bktuiImport(${JSON.stringify(path)}).then(done, failed);`,
      }));
    },
  };
}

/** Shared by all parts. Names stay where there is no map, so that the stack of a defect can be read. */
const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  platform: "node",
  target: "node20",
  jsx: "automatic",
  charset: "ascii",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
};

/** Menus are an ES module of their own: Ink loads its layout engine with a top-level await. */
const menus = {
  ...common,
  entryPoints: { menus: "src/tui/overlays/ink-menu.ts" },
  entryNames: "[name]-[hash]",
  outExtension: { ".js": ".mjs" },
  format: "esm",
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [withoutDevtools],
  // CommonJS packages call require for node's own modules, which an ES module does not have.
  banner: {
    js: 'import{createRequire as bktuiRequire}from"node:module";const require=bktuiRequire(import.meta.url);',
  },
};

/** The server for agents is as large as a tenth of the program, and no person's start needs it. */
const mcp = {
  ...common,
  entryPoints: { mcp: "src/mcp/serve-mcp.ts" },
  entryNames: "[name]-[hash]",
  outExtension: { ".js": ".mjs" },
  format: "esm",
  plugins: [onlyTheServer],
};

/** One function, so that start.ts can run it as a script: V8 takes compiled code for scripts only. */
function programWith({ menusFile, mcpFile }) {
  return {
    ...common,
    entryPoints: { program: "src/main.ts" },
    entryNames: "[name]-[hash]",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    define: { "process.env.NODE_ENV": '"production"', "import.meta.url": "bktuiUrl" },
    // A third of the text, which every start reads and a server keeps; src/base/source-stack.ts finds names again.
    minifyIdentifiers: true,
    sourcemap: "external",
    sourcesContent: false,
    // Its CommonJS form hides its requires from the bundler.
    alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
    plugins: [
      withoutProtoLoader,
      withoutHeavy,
      loadedLate([
        { filter: /\/ink-menu\.ts$/, specifier: `./${menusFile}` },
        { filter: /\/serve-mcp\.ts$/, specifier: `./${mcpFile}` },
        { filter: /^node-pty$/, specifier: "node-pty" },
      ]),
    ],
    banner: {
      js: "(function(require,bktuiUrl,bktuiKeepCode,bktuiImport){",
    },
    footer: { js: "})" },
  };
}

/** A CommonJS module: starting Node's loader of ES modules takes 10 ms more. */
function entryOf(programFile) {
  return {
    ...common,
    entryPoints: { bktui: "src/start/start.ts" },
    format: "cjs",
    define: {
      "import.meta.url": "bktuiUrl",
      bktuiBundle: JSON.stringify(`./${basename(programFile.path)}`),
      bktuiBuild: JSON.stringify(createHash("sha256").update(programFile.contents).digest("hex")),
    },
    banner: { js: 'const bktuiUrl=require("node:url").pathToFileURL(__filename).href;' },
  };
}

/** What is said about a package holds for its dist/ too, unless dist/ says something else. */
const manifest = { path: join(dist, "package.json"), contents: '{ "type": "commonjs" }\n' };

const startedMs = performance.now();
const menusBuild = await build(menus);
const mcpBuild = await build(mcp);
const [menusFile, mcpFile] = [menusBuild, mcpBuild].map(({ outputFiles: [file] }) => basename(file.path));
const programBuild = await build(programWith({ menusFile, mcpFile }));
const programFile = programBuild.outputFiles.find(({ path }) => path.endsWith(".cjs"));
refuseImports(programFile);
const entryBuild = await build(entryOf(programFile));
await mkdir(dist, { recursive: true });

const outputFiles = [
  manifest,
  ...menusBuild.outputFiles,
  ...mcpBuild.outputFiles,
  ...programBuild.outputFiles,
  ...entryBuild.outputFiles,
];
for (const { path, contents } of outputFiles)
  await replace(path, contents, basename(path) === entry ? 0o755 : 0o644);
const inputs = {
  ...menusBuild.metafile.inputs,
  ...mcpBuild.metafile.inputs,
  ...programBuild.metafile.inputs,
};
await replace(join(dist, notices), await thirdPartyNotices({ inputs }), 0o644);

const written = new Set([notices, ...outputFiles.map(({ path }) => basename(path))]);
for (const name of await readdir(dist))
  if (!written.has(name)) await rm(join(dist, name), { recursive: true });

const kilobytes = Math.round(outputFiles.reduce((sum, { contents }) => sum + contents.length, 0) / 1000);
const elapsedMs = Math.round(performance.now() - startedMs);
process.stdout.write(
  `dist/${entry}: ${outputFiles.length} files, ${kilobytes} kB, built in ${elapsedMs} ms\n`,
);

/** One that is left would work in the first start of a version, and on Node 20 in no other. */
function refuseImports({ path, text }) {
  const found = /\bimport\s*\(.{0,80}/s.exec(text);
  if (found === null) return;
  const where = `${basename(path)} has \`${found[0]}\``;
  throw new Error(`${where}: kept code cannot import; add it to loadedLate() in scripts/build.js`);
}

async function replace(path, contents, mode) {
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, contents, { mode });
  await chmod(draft, mode);
  await rename(draft, path);
}

/** Name, version, licence and licence text of each package that went into the bundle. */
async function thirdPartyNotices({ inputs }) {
  const directories = new Set(Object.keys(inputs).map(packageDirectoryOf).filter(Boolean));
  const entries = await Promise.all([...directories].map(noticeOf));
  const rule = "-".repeat(80);
  const introduction = "bktui contains the following packages, each under its own licence.\n";
  return [introduction, ...entries.sort()].join(`\n${rule}\n\n`);
}

/** `node_modules/@grpc/grpc-js/build/x.js` -> `node_modules/@grpc/grpc-js`, nested ones included. */
function packageDirectoryOf(input) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(relative(root, join(root, input)))?.[1];
}

async function noticeOf(directory) {
  const { name, version, license } = JSON.parse(
    await readFile(join(root, directory, "package.json"), "utf8"),
  );
  const files = (await readdir(join(root, directory))).filter((file) =>
    /^(licen[cs]e|copying|notice)/i.test(file),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(root, directory, file), "utf8")));
  return [`${name} ${version} (${license ?? "no licence named"})`, ...texts.map((text) => text.trim())].join(
    "\n\n",
  );
}
