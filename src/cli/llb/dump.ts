/** `bktui llb dump`: the definition of a request, written as it is or as text. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { jsonLine } from "../../base/json-line.ts";
import { visibleLine } from "../../base/visible.ts";
import { dotOf, mermaidOf } from "../../graph/drawings.ts";
import type { Graph, Vertex } from "../../graph/graph.ts";
import { unionOf } from "../../graph/union.ts";
import type { Output } from "../../plain/output.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { FrontEnds, ScreenRun } from "../front-ends.ts";
import { failure } from "../paths.ts";
import { interruptible, unaskedUnless } from "../unattended.ts";
import type { DumpChoice } from "./dump-choice.ts";

export interface DumpParts {
  readonly options: DebugOptions;
  readonly run: ScreenRun;
  readonly line: {
    readonly cwd: string;
    readonly stdoutIsTerminal: boolean;
    readonly stdout: Output;
    readonly stderr: Output;
  };
  readonly frontEnds: FrontEnds;
}

type Described = Awaited<ReturnType<FrontEnds["definitionWriter"]>>;

/** Answers the exit code. Nothing is built; a frontend is asked, and the engine that has it. */
export async function dumpInstead(
  choice: DumpChoice,
  { options, run, line, frontEnds }: DumpParts,
): Promise<number> {
  if (choice.format === "llb" && choice.output === undefined && line.stdoutIsTerminal)
    throw new BktuiError("bad-request", "a definition is binary: it is not written to a terminal", {
      hint: "write it to a file with -o FILE, or read it: --json, --dot, --mermaid",
    });
  return await interruptible(line, async (waiting) => {
    for (const note of run.notes) line.stderr.line(`#0 note: ${note}`);
    const { request } = run;
    const graphs =
      request.source.kind === "definition"
        ? [await frontEnds.readDefinition(request, { isBuilt: false })]
        : await answered({ engine: unaskedUnless(false, run.engine, options), request }, frontEnds, waiting);
    const content = contentOf(choice, graphs, await frontEnds.definitionWriter());
    if (choice.output === undefined) {
      line.stdout.write(content);
      await line.stdout.flushed();
      return 0;
    }
    const path = resolve(line.cwd, choice.output);
    await writeFile(path, content).catch((error) => {
      throw failure("io", `cannot write the definition to ${path}`, error, "name another file with -o FILE");
    });
    line.stderr.line(`written to ${visibleLine(path)}`);
    return 0;
  });
}

async function answered(
  { engine, request }: Pick<ScreenRun, "engine" | "request">,
  frontEnds: FrontEnds,
  waiting: Parameters<FrontEnds["connect"]>[1],
): Promise<readonly Graph[]> {
  const { signal } = waiting;
  await using connected = await frontEnds.connect(engine, waiting);
  // What would be made of a build is no matter here.
  const asked = { ...request, tags: [], load: false, push: false, outputs: [] };
  await using build = await connected.engine.open(asked, { signal, onProgress: () => undefined });
  return build.threads.map(({ graph }) => graph);
}

function contentOf({ format }: DumpChoice, graphs: readonly Graph[], writer: Described): Uint8Array | string {
  const all = unionOf(graphs);
  switch (format) {
    case "json":
      return [...all.vertices.values()]
        .map((vertex) => `${jsonLine(jsonOf(vertex, all, writer))}\n`)
        .join("");
    case "dot":
      return `${dotOf(all)}\n`;
    case "mermaid":
      return `${mermaidOf(all)}\n`;
    default: {
      const [only, ...others] = graphs;
      if (only === undefined || others.length > 0)
        throw new BktuiError(
          "bad-request",
          `this build has ${graphs.length} definitions, one for each platform`,
          {
            hint: "choose one: --platform OS/ARCH",
          },
        );
      return writer.marshalled(only);
    }
  }
}

function jsonOf(vertex: Vertex, { sources, result }: Graph, writer: Described): object {
  const { digest, kind, name, inputs, platform, ranges, ignoreCache, progressGroup } = vertex;
  const { op, description, caps } = writer.described(vertex);
  return {
    digest,
    op: kind,
    name,
    inputs: inputs.map((input) => ({ digest: input.vertex, output: input.output })),
    ...(platform === "" ? {} : { platform }),
    places: ranges.map(({ source, start, end }) => ({ file: sources[source]?.filename ?? "", start, end })),
    metadata: { description, caps, ignoreCache, ...(progressGroup === undefined ? {} : { progressGroup }) },
    ...(result?.vertex === digest ? { result: { output: result.output } } : {}),
    content: op,
  };
}
