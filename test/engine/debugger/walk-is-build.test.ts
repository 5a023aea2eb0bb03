/**
 * A walk step by step, a run in one solve and docker's own client end alike: same verdict, same image. Every Dockerfile
 * of the tests and demos is tried, with and without cache; new ones are found by themselves. Of those that only fail, each in
 * its own way, `npm run test:long` takes all.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { give, startDebugging, where } from "../../support/debugging.ts";
import { docker, dockerBuild } from "../../support/docker-client.ts";
import { forEachEngine } from "../../support/engines.ts";
import { sampled } from "../../support/sampled.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { signal } = new AbortController();

/** Steps that wait for minutes, and stages that wait for each other: step by step the first of those never ends. */
const ENDLESS = /\b(sleep|usleep) \d{3,}|id=rendezvous/;
/** Of one project, on a busy machine. */
const DEADLINE_MS = 240_000;

const projects = ["test/fixtures/builds", "test/fixtures/cases", "demo"]
  .flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: "utf8" }).map((path) => join(top, path)),
  )
  .filter((path) => path.endsWith("/Dockerfile"))
  .map((path) => relative(root, join(root, dirname(path))))
  .filter((project) => !ENDLESS.test(readFileSync(join(root, project, "Dockerfile"), "utf8")));

/** Those that fail each in a way of their own: a sample of them will do. */
const ONE_FAILURE = /^test\/fixtures\/builds\/(?:causes|failures)\//;
const chosen = sampled(projects, 4, (project) => !ONE_FAILURE.test(project));

interface Given {
  readonly request: Partial<BuildRequest>;
  readonly options: readonly string[];
}

/** What a project cannot be built without. */
function givenFor(project: string): Given {
  if (project !== "demo/mounts") return { request: {}, options: [] };
  const path = join(root, project, "token.txt");
  return {
    request: { secrets: [{ id: "token", from: { kind: "file", path } }] },
    options: ["--secret", `id=token,src=${path}`],
  };
}

interface Ending {
  /** E.g. "finished", "before 4 exception". */
  readonly where: string;
  readonly image: string | undefined;
}

/** By `next` alone. */
async function walk(debug: Debugger): Promise<Ending> {
  for (let steps = 0; where(debug.state).endsWith("step") || steps === 0; steps += 1) {
    if (steps > 300) throw new Error("the walk does not end");
    if (debug.state.phase.kind !== "paused") break;
    await give(debug, "next");
  }
  return endingOf(debug);
}

async function runThrough(debug: Debugger): Promise<Ending> {
  if (debug.state.phase.kind === "paused") await give(debug, "continue");
  return endingOf(debug);
}

function endingOf({ state }: Debugger): Ending {
  return { where: where(state), image: state.phase.kind === "finished" ? state.phase.imageId : undefined };
}

async function again(debug: Debugger, request: BuildRequest): Promise<void> {
  debug.dispatch({ kind: "rerun", here: false, request });
  await debug.rest();
}

/**
 * How others than these were had, of the vertices that the build can take from the cache, or must not (`--no-cache`). Those
 * without inputs are asked for either way.
 */
async function allAre({ state, progress }: Debugger, status: "cached" | "done"): Promise<void> {
  const vertices = [...(programOf(state)?.graph.vertices.values() ?? [])].filter(
    ({ ignoreCache, inputs }) => inputs.length > 0 && (ignoreCache || status === "cached"),
  );
  const others = (): readonly string[] =>
    vertices.flatMap(({ name, digest }) => {
      const is = progress.vertex(digest)?.status ?? "none";
      return is === status ? [] : [`${is}: ${name}`];
    });
  // The engine may tell of it a moment later than of the end.
  await vi.waitFor(() => expect(others()).toEqual([]), 10_000);
}

/** What is in the result, without times. */
async function tree(debug: Debugger): Promise<readonly string[]> {
  const last = programOf(debug.state)?.steps.at(-1);
  if (last === undefined) return [];
  const found: string[] = [];
  const pending = ["/"];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const { name, kind, mode, size, target } of await debug.files(last.id as StepId, "after", {
      path,
      signal,
    })) {
      const entry = join(path, name);
      found.push(`${entry} ${kind} ${mode.toString(8)} ${kind === "file" ? size : ""} ${target ?? ""}`);
      if (kind === "directory") pending.push(entry);
    }
  }
  return found.sort();
}

/** What an image says about itself besides its files. */
async function configOf(engine: TestEngine, image: string): Promise<unknown> {
  const { stdout } = await docker(engine, [
    "image",
    "inspect",
    "--format",
    "{{json .Config}} {{len .RootFS.Layers}}",
    image,
  ]);
  return stdout.trim();
}

/** What docker's client makes of it: the image, or nothing when it fails. */
async function dockersImage(
  engine: TestEngine,
  context: string,
  options: readonly string[],
): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-iid-"));
  try {
    const iid = join(directory, "iid");
    const { exitCode } = await dockerBuild(engine, [...options, "--iidfile", iid, context], { load: true });
    return exitCode === 0 ? await readFile(iid, "utf8") : undefined;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The Dockerfile on an image of its own, see `ownImage`. */
async function ownText(project: string, name: string): Promise<string> {
  const text = await readFile(join(root, project, "Dockerfile"), "utf8");
  return text.replace(/\bbusybox(?=:)/g, name);
}

forEachEngine((engine) => {
  const made = new Set<string>();

  /**
   * A busybox with a file that no other one has. An engine joins sources of the same content, whatever their names, and takes
   * nothing from the cache over one that another build has open without cache (seen on 20.10 and 28.5).
   */
  const ownImage = async (project: string): Promise<string> => {
    const name = `bktui-walk-${createHash("sha256").update(project).digest("hex").slice(0, 12)}`;
    if (made.has(`${name}:1.36`)) return name;
    made.add(`${name}:1.36`);
    const input = `FROM busybox:1.36\nRUN echo ${name} > /etc/walked\n`;
    const { exitCode, stderr } = await dockerBuild(engine, ["-t", `${name}:1.36`, "-"], {
      input,
      load: true,
    });
    if (exitCode !== 0) throw new Error(stderr);
    return name;
  };

  beforeAll(async () => {
    await docker(engine, ["pull", "busybox:1.36"]);
  });

  afterAll(async () => {
    if (made.size > 0) await docker(engine, ["image", "rm", "--force", ...made]);
  });

  test.concurrent.each(chosen)(
    "%s: a walk ends as a build does, and as docker's",
    { timeout: DEADLINE_MS },
    async (project) => {
      const { request: extra, options } = givenFor(project);
      const fixture = join(root, project);
      await using bench = await startDebugging(
        parseAddress(engine.dockerHost, engine.kind),
        { fixture, unique: true, files: { Dockerfile: await ownText(project, await ownImage(project)) } },
        { ...extra, noCache: true, load: true },
      );
      const { debug, context } = bench;
      const { request } = debug.state;
      if (request === undefined) throw new Error(where(debug.state));
      const walked = await walk(debug);
      const ends = walked.where === "finished";
      if (ends) await allAre(debug, "done");

      await again(debug, { ...request, noCache: false });
      expect(await runThrough(debug)).toEqual(walked);
      expect(await dockersImage(engine, context.path, options)).toBe(walked.image);
      // BuildKit 0.8 is ended by its own panic ("failed to get edge") when many builds that fail are opened again and again.
      if (!ends && !engine.keepsFailedState) return;
      if (ends) await allAre(debug, "cached");
      await again(debug, { ...request, noCache: false });
      expect(await walk(debug)).toEqual(walked);
      const walkedTree = ends ? await tree(debug) : [];

      await again(debug, request);
      const built = await runThrough(debug);
      expect(built.where).toBe(walked.where);
      const dockers = await dockersImage(engine, context.path, ["--no-cache", ...options]);
      expect(dockers !== undefined).toBe(built.image !== undefined);
      if (dockers !== undefined) made.add(dockers);
      // Nothing more can be the same of a build that fails.
      if (walked.image === undefined || built.image === undefined) return;
      made.add(walked.image).add(built.image);
      await allAre(debug, "done");
      expect(await tree(debug)).toEqual(walkedTree);
      expect(await configOf(engine, built.image)).toEqual(await configOf(engine, walked.image));
    },
  );

  test("an answer for several platforms that has one only is built as docker's is", async () => {
    const buildArgs = { BUILDKIT_MULTI_PLATFORM: "true" };
    const Dockerfile = `FROM busybox:1.36 AS base
FROM base AS one
RUN echo "$PATH" > /one
FROM base
COPY --from=one /one /two
`;
    await using bench = await startDebugging(
      parseAddress(engine.dockerHost, engine.kind),
      { files: { Dockerfile } },
      { buildArgs, load: true },
    );
    const { debug, context } = bench;
    const program = programOf(debug.state);
    const walked = await walk(debug);
    expect(walked.where).toBe("finished");
    made.add(walked.image ?? "");
    expect(await dockersImage(engine, context.path, ["--build-arg", "BUILDKIT_MULTI_PLATFORM=true"])).toBe(
      walked.image,
    );
    const { request } = debug.state;
    if (request === undefined) throw new Error(where(debug.state));
    await again(debug, { ...request, buildArgs: {} });
    const stepsOf = (of: typeof program) => of?.steps.map(({ text, stage }) => `${stage} ${text}`);
    expect(stepsOf(program)).toEqual(stepsOf(programOf(debug.state)));
    expect(await walk(debug)).toEqual(walked);
  });
});
