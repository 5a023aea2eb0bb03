// Bundles src/main.ts into dist/: bktui.js (executable), the parts it loads when they are needed, and the licences
// of everything bundled. Files are written under names by content and the entry last, so that a program that
// starts meanwhile finds either the old parts or the new ones.
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

const bundlerOptions = {
  absWorkingDir: root,
  entryPoints: { bktui: "src/main.ts" },
  outdir: dist,
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  jsx: "automatic",
  // Names stay, so that the stack of a defect can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  external: ["node-pty"],
  // Its CommonJS form hides its requires from the bundler.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  plugins: [withoutDevtools],
  // CommonJS packages call require for node's own modules, which an ES module does not have.
  banner: {
    js: 'import{createRequire as bktuiRequire}from"node:module";const require=bktuiRequire(import.meta.url);',
  },
  chunkNames: "part-[hash]",
  metafile: true,
  write: false,
  logLevel: "warning",
};

const startedMs = performance.now();
const { outputFiles, metafile } = await build(bundlerOptions);
await mkdir(dist, { recursive: true });

const isEntry = ({ path }) => basename(path) === entry;
const ordered = [...outputFiles.filter((file) => !isEntry(file)), ...outputFiles.filter(isEntry)];
for (const file of ordered) await replace(file.path, file.contents, isEntry(file) ? 0o755 : 0o644);
await replace(join(dist, notices), await thirdPartyNotices(metafile), 0o644);

const written = new Set([notices, ...ordered.map(({ path }) => basename(path))]);
for (const name of await readdir(dist))
  if (!written.has(name)) await rm(join(dist, name), { recursive: true });

const kilobytes = Math.round(outputFiles.reduce((sum, { contents }) => sum + contents.length, 0) / 1000);
const elapsedMs = Math.round(performance.now() - startedMs);
process.stdout.write(
  `dist/${entry}: ${outputFiles.length} files, ${kilobytes} kB, built in ${elapsedMs} ms\n`,
);

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
