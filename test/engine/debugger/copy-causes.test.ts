/**
 * What is said of a source that was not found, compared with the truth: besides the sentence itself, what it claims is
 * tried. Without the lines of the ignore file that it names the build passes; the names that it offers can be copied;
 * "a rerun will find it" is said where a rerun does, and nowhere else.
 */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Explanation } from "../../../src/debugger/explain/explanation.ts";
import { lookAndExplain } from "../../../src/debugger/explain/look-up.ts";
import { createDebugger } from "../../../src/debugger/runtime.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { IGNORED, LINKS, PATTERNS, type Tree } from "../../support/copy-causes/causes.ts";
import { NAMES, VARIABLES } from "../../support/copy-causes/names.ts";
import { MOUNTS, STAGES, TARGETS } from "../../support/copy-causes/states.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { forEachEngine } from "../../support/engines.ts";

const { signal } = new AbortController();
/** Of these, engines differ in what they say. */
const EVERYWHERE = [...PATTERNS, ...LINKS, ...STAGES, ...MOUNTS, ...TARGETS];
const CAUSES = [...EVERYWHERE, ...IGNORED, ...NAMES, ...VARIABLES];

forEachEngine((given) => {
  const causes = given.keepsFailedState ? CAUSES : EVERYWHERE;
  let engine: BuildkitEngine;
  beforeAll(async () => {
    const address = parseAddress(given.dockerHost, given.kind);
    engine = await BuildkitEngine.connect(address, { signal, origin: "test", env: {} });
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test.each(causes)("$name: what is said is true", async ({ files, steps, says, why, never, mended }) => {
    await using context = await contextOf(files, steps);
    const said = await run(engine, context);
    expect(said?.headline).toMatch(says);
    expect(said?.why).toEqual(why.map((sentence) => expect.stringMatching(sentence)));
    const all = [said?.headline ?? "", ...(said?.why ?? [])].join("\n");
    expect(all).not.toMatch(never ?? /a rerun will find it|buildkit-mount|overlay2/);
    await tryRules(engine, context, all);
    await tryNames(engine, context, all);
    if (mended === undefined) return;
    await writeTree(context.path, mended.files ?? {});
    await writeFile(join(context.path, "Dockerfile"), wholeText(mended.steps ?? steps));
    expect(await run(engine, context), "with the change that was asked for").toBeUndefined();
  });

  test("an archive that is cut off is told as that, and a whole one is unpacked", async () => {
    const archive = gzipSync(randomBytes(100_000));
    await using context = await contextOf({}, "ADD a.tgz /x/");
    const path = join(context.path, "a.tgz");
    await promisify(execFile)("tar", ["-czf", path, "-C", context.path, "Dockerfile"]);
    expect(await run(engine, context)).toBeUndefined();
    await writeFile(join(context.path, "random"), archive);
    await promisify(execFile)("tar", ["-czf", path, "-C", context.path, "random"]);
    await truncate(path, 50_000);
    const said = await run(engine, context);
    expect(said?.headline).toMatch(/ADD: "a\.tgz" cannot be unpacked: unexpected EOF$/);
    expect(said?.why[0]).toMatch(/^It ends before it should/);
  });

  test("what came into the context after the build had read it is found by a rerun, which is said", async () => {
    await using context = await contextOf({ "src/a.ts": "" }, "COPY dist/app.js /x/");
    await run(engine, context);
    const late = run(engine, context, () => writeTree(context.path, { "dist/app.js": "" }));
    expect((await late)?.why).toEqual(["It exists now; a rerun will find it."]);
    expect(await run(engine, context)).toBeUndefined();
  });

  test("what was ignored when the build read the context is found by a rerun, which is said", async () => {
    const files = { ".dockerignore": "dist\n", "dist/app.js": "" };
    await using context = await contextOf(files, "COPY dist/*.js /x/");
    const late = run(engine, context, () => writeTree(context.path, { ".dockerignore": "" }));
    expect((await late)?.why).toEqual(["Something matches now; a rerun will find it."]);
    expect(await run(engine, context)).toBeUndefined();
  });
});

/** Each line that is named has to go, and no other: with one of them left the source stays hidden. */
async function tryRules(engine: BuildkitEngine, context: Context, said: string): Promise<void> {
  const [, file, list] = /(\S*dockerignore) lines? ([\d, and]+) keeps? /.exec(said) ?? [];
  if (file === undefined || list === undefined) return;
  const path = join(context.path, file);
  const before = await readFile(path, "utf8");
  const numbers = list.match(/\d+/g)?.map(Number) ?? [];
  const without = (gone: readonly number[]): string =>
    before
      .split("\n")
      .filter((_, index) => !gone.includes(index + 1))
      .join("\n");
  await writeFile(path, without(numbers));
  expect((await run(engine, context))?.headline ?? "", `without ${file} lines ${list}`).not.toMatch(
    /not in the context|kept from the build|nothing in/,
  );
  await writeFile(path, before);
}

/** Every name that is offered can be copied. */
async function tryNames(engine: BuildkitEngine, context: Context, said: string): Promise<void> {
  const sentences = [
    /^In the context there is (.*)\.$/gm,
    /^There is (".*"): (?:capitals|its name|it looks)/gm,
    /^(".*") would match\.$/gm,
    /^(?:Names that match are|That name is) elsewhere: (.*)\.$/gm,
    /^There is a file of that name.* is written (".*")\.$/gm,
  ];
  const lists = sentences.flatMap((sentence) => [...said.matchAll(sentence)].map(([, list]) => list ?? ""));
  const names = lists.flatMap((list) => [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? ""));
  const dockerfile = join(context.path, "Dockerfile");
  const before = await readFile(dockerfile, "utf8");
  for (const name of names.filter((each) => !each.startsWith("/"))) {
    await writeFile(dockerfile, `FROM scratch\nCOPY ${JSON.stringify([name, "/x/"])}\n`);
    expect(await run(engine, context), `COPY ${name}`).toBeUndefined();
  }
  await writeFile(dockerfile, before);
}

interface Context extends AsyncDisposable {
  readonly path: string;
}

async function contextOf(files: Tree, steps: string): Promise<Context> {
  const path = await mkdtemp(join(tmpdir(), "bktui-causes-"));
  await writeTree(path, { ...files, Dockerfile: wholeText(steps) });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function wholeText(steps: string): string {
  return /^FROM /m.test(steps) ? `${steps}\n` : `FROM scratch\n${steps}\n`;
}

async function writeTree(root: string, files: Tree): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (typeof content !== "string") await symlink(content.link, path);
    else if (!name.endsWith("/")) await writeFile(path, content);
  }
}

/**
 * Runs the build and explains; undefined when it passes.
 * @param meanwhile done when the build has failed and before anything is looked up
 */
async function run(
  engine: BuildkitEngine,
  { path }: Context,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<Explanation | undefined> {
  await using debug = createDebugger(engine);
  const request = { ...REQUEST, source: fromDockerfile(path, join(path, "Dockerfile")), noCache: true };
  debug.dispatch({ kind: "launch", request, stopOnEntry: false });
  await debug.rest();
  await nextTick(path);
  await meanwhile();
  return await lookAndExplain(debug, undefined, { signal });
}

/** The clock of a file system goes in ticks of some milliseconds: what is written from here on is of a later one. */
async function nextTick(directory: string): Promise<void> {
  const probe = join(tmpdir(), `${basename(directory)}-tick`);
  const from = Date.now();
  do {
    await rm(probe, { force: true });
    await writeFile(probe, "");
  } while ((await stat(probe)).ctimeMs <= from);
  await rm(probe);
}
