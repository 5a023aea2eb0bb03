/** Looks up what an explanation asks for. Part of the debugger's runtime: the only file here that waits for anything. */
import { unreachable } from "../../base/errors.ts";
import type { Build, Download } from "../../engine/engine.ts";
import type { Digest, Edge, Vertex } from "../../graph/graph.ts";
import { graphWith } from "../../graph/union.ts";
import type { CacheUse } from "../cache-use.ts";
import type { Answer, Question } from "../questions/questions.ts";
import { cachesOf } from "../shells/caches.ts";
import { sightOf } from "./causes/sight.ts";
import { buildOf, type Library, requestOf } from "./library.ts";
import { lookForSources } from "./sources/look-for.ts";
import { unlessMissing } from "./sources/tree.ts";

type Signal = { readonly signal: AbortSignal };

/** Of a script's first line as much as Linux reads. */
const FIRST_LINE_BYTES = 256;

/** @throws {BktuiError} "not-now" when there is nothing to look into. */
export async function answerTo(question: Question, library: Library, { signal }: Signal): Promise<Answer> {
  switch (question.kind) {
    case "sources":
      return await lookForSources(question, library, { signal });
    case "flags":
      return {
        kind: "flags",
        known: await library.engine.knownFlags(requestOf(library), question, { signal }),
      };
    case "download":
      return { kind: "download", download: await downloadOf(library, question.vertex, { signal }) };
    case "programs":
      return {
        kind: "programs",
        names: await programsIn(buildOf(library), question.edge, question.directories, { signal }),
      };
    case "file":
      return { kind: "file", start: await firstLine(buildOf(library), question, { signal }) };
    case "memory":
      return await memoryOf(buildOf(library), question.vertex, { signal });
    case "sight":
      return await sightOf(question, { ...library, build: buildOf(library) }, { signal });
    default:
      return unreachable(question);
  }
}

/** Caches of the step whose container is needed to answer; empty where none is. */
export function cachesAsked(question: Question, { build }: Pick<Library, "build">): readonly CacheUse[] {
  if (question.kind !== "memory" && question.kind !== "sight") return [];
  const { vertex } = question.kind === "sight" ? question.place : question;
  return cachesOf(vertexOf(build, vertex)?.exec?.mounts ?? []);
}

function vertexOf(build: Build | undefined, digest: Digest): Vertex | undefined {
  const graphs = (build?.threads ?? []).map(({ graph }) => graph);
  return graphWith(graphs, digest)?.vertices.get(digest);
}

async function downloadOf(
  library: Library,
  digest: Digest,
  { signal }: Signal,
): Promise<Download | undefined> {
  const vertex = vertexOf(buildOf(library), digest);
  if (vertex === undefined) return undefined;
  return await library.engine.downloadAgain(requestOf(library), vertex, { signal });
}

async function programsIn(
  build: Build,
  edge: Edge,
  directories: readonly string[],
  { signal }: Signal,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const directory of directories) {
    const names = await unlessMissing(namesIn(build, edge, directory, { signal }));
    for (const name of names ?? []) if (!name.endsWith("/")) found.add(name);
  }
  return [...found];
}

async function firstLine(
  build: Build,
  { edge, path }: Extract<Question, { kind: "file" }>,
  { signal }: Signal,
): Promise<string | undefined> {
  const part = await unlessMissing(build.readFile(edge, path, { length: FIRST_LINE_BYTES, signal }));
  return part === undefined ? undefined : (Buffer.from(part.bytes).toString("latin1").split("\n")[0] ?? "");
}

/** Of cgroup v1 the limit that counts, of v2 the step's own; programs of BASE tell it, as the step itself would see it. */
const MEMORY = [
  "/bin/sh",
  "-c",
  "cat /sys/fs/cgroup/memory/memory.stat /sys/fs/cgroup/memory.max /proc/meminfo 2>/dev/null; exit 0",
];
const MOST_MEMORY_CHARACTERS = 16 * 1024;

async function memoryOf(build: Build, vertex: Digest, { signal }: Signal): Promise<Answer> {
  await using container = await build.container({ side: "base", vertex }, { signal });
  const process = await container.start({ args: MEMORY, env: [], terminal: undefined }, { signal });
  let text = "";
  process.onData((chunk) => {
    if (text.length < MOST_MEMORY_CHARACTERS) text += Buffer.from(chunk).toString("latin1");
  });
  await process.exited;
  return memoryIn(text);
}

/** Reads /proc/meminfo (kB) and memory files of cgroups (bytes; a v1 hierarchy without limit says 2^63). */
export function memoryIn(text: string): Extract<Answer, { kind: "memory" }> {
  const kilobytes = /^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  const machine = kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  const bytes = /^hierarchical_memory_limit (\d+)$/m.exec(text)?.[1] ?? /^(\d+)$/m.exec(text)?.[1];
  const limit = bytes === undefined ? undefined : Number(bytes);
  const counts = limit !== undefined && (machine === undefined || limit < machine);
  return { kind: "memory", limit: counts ? limit : undefined, machine };
}

/** Directories end with "/". */
async function namesIn(
  build: Build,
  edge: Edge,
  directory: string,
  { signal }: Signal,
): Promise<readonly string[]> {
  const entries = await build.readDir(edge, directory, { signal });
  return entries.map(({ name, kind }) => (kind === "directory" ? `${name}/` : name));
}
