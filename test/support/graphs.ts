/** Hand-made graphs for tests: vertices named by short ids instead of digests. */
import { createHash } from "node:crypto";
import { buildProgram } from "../../src/graph/build-program.ts";
import {
  type Digest,
  type Edge,
  type Graph,
  lineOf,
  type OpKind,
  type Vertex,
} from "../../src/graph/graph.ts";
import type { Program } from "../../src/graph/program.ts";
import { execMeta } from "./exec-meta.ts";

export interface VertexSpec {
  readonly id: string;
  /** Default: "exec". */
  readonly kind?: OpKind;
  /** Root file system; none = scratch. */
  readonly on?: string;
  /** Further inputs. */
  readonly uses?: readonly string[];
  /** Lines, or [first, last] pairs. */
  readonly at?: readonly (number | readonly [number, number])[];
  readonly name?: string;
  readonly group?: string;
  /** Of a source. */
  readonly identifier?: string;
  /** Makes it a command that tells what it runs with. */
  readonly env?: readonly string[];
}

export function digestOf(id: string): Digest {
  return `sha256:${createHash("sha256").update(id).digest("hex")}` as Digest;
}

export function edgeOf(id: string): Edge {
  return { vertex: digestOf(id), output: 0 };
}

/** Vertices inputs first; the last one is the result. */
export function makeGraph(text: string | undefined, specs: readonly VertexSpec[]): Graph {
  const last = specs.at(-1);
  return {
    vertices: new Map(specs.map((spec) => [digestOf(spec.id), makeVertex(spec)])),
    result: last === undefined ? undefined : edgeOf(last.id),
    sources: text === undefined ? [] : [{ filename: "Dockerfile", text, language: "Dockerfile" }],
  };
}

export function makeProgram(text: string, specs: readonly VertexSpec[]): Program {
  return buildProgram(makeGraph(text, specs), "Dockerfile");
}

const META = execMeta({ args: ["/bin/sh", "-c", "true"], cwd: "/src" });

function makeVertex(spec: VertexSpec): Vertex {
  const inputs = [...(spec.on === undefined ? [] : [spec.on]), ...(spec.uses ?? [])].map(edgeOf);
  return {
    digest: digestOf(spec.id),
    kind: spec.kind ?? "exec",
    inputs,
    name: spec.name ?? "",
    command: "",
    ranges: (spec.at ?? []).map((at) => {
      const [start, end] = typeof at === "number" ? [at, at] : at;
      return { source: 0, start: lineOf(start), end: lineOf(end) };
    }),
    progressGroup: spec.group,
    exec: spec.env === undefined ? undefined : { meta: { ...META, env: spec.env }, mounts: [] },
    fileActions: [],
    identifier: spec.identifier,
    rootOutput: 0,
    rootInput: spec.on === undefined ? undefined : 0,
    platform: "",
    ignoreCache: false,
    bytes: new Uint8Array(),
    metadata: new Uint8Array(),
  };
}

/** The fixture of the acceptance scenarios: eight steps in three stages. */
export const FX_TEXT = `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
FROM base AS lib
WORKDIR /src
RUN echo one > a.txt
FROM base AS app
WORKDIR /app
COPY --from=lib /src/a.txt .
RUN echo two >> a.txt && echo junk > b.txt && false
COPY Dockerfile .
`;

export const FX_VERTICES: readonly VertexSpec[] = [
  { id: "context", kind: "source", name: "[internal] load build context", identifier: "local://context" },
  { id: "add", kind: "file", uses: ["context"], at: [2], name: "[base 1/2] ADD busybox /bin/busybox" },
  { id: "install", on: "add", at: [3] },
  { id: "src", kind: "file", on: "install", at: [5] },
  { id: "one", on: "src", at: [6] },
  { id: "dir", kind: "file", on: "install", at: [8] },
  { id: "copy", kind: "file", on: "dir", uses: ["one"], at: [9] },
  { id: "two", on: "copy", at: [10] },
  { id: "last", kind: "file", on: "two", uses: ["context"], at: [11] },
];

export function fxProgram(): Program {
  return makeProgram(FX_TEXT, FX_VERTICES);
}

/** Triggers of a stage of the file, which run in two stages, in the second on another platform. */
export const TRIGGERS_TEXT = `FROM busybox AS assets
RUN mkdir /a
FROM busybox AS parent
ONBUILD COPY --from=assets /a /w
ONBUILD ENV X=y
ONBUILD RUN test -e \\
  /w/x
FROM parent AS site
RUN ls
FROM --platform=arm64 parent AS other
RUN id
COPY --from=site / /
`;

export const TRIGGERS_VERTICES: readonly VertexSpec[] = [
  { id: "image", kind: "source", at: [1, 3], name: "[parent 1/1] FROM busybox" },
  { id: "mkdir", on: "image", at: [2], name: "[assets 2/2] RUN mkdir /a" },
  {
    id: "copy",
    kind: "file",
    on: "image",
    uses: ["mkdir"],
    at: [8],
    name: "[site 1/3] ONBUILD COPY --from=assets /a /w",
  },
  { id: "test", on: "copy", at: [8], name: "[site 2/3] ONBUILD RUN test -e   /w/x" },
  { id: "ls", on: "test", at: [9], name: "[site 3/3] RUN ls" },
  {
    id: "copy2",
    kind: "file",
    on: "image",
    uses: ["mkdir"],
    at: [10],
    name: "[other 1/4] ONBUILD COPY --from=assets /a /w",
  },
  { id: "test2", on: "copy2", at: [10], name: "[other 2/4] ONBUILD RUN test -e   /w/x" },
  { id: "id", on: "test2", at: [11], name: "[other 3/4] RUN id" },
  { id: "last", kind: "file", on: "id", uses: ["ls"], at: [12], name: "[other 4/4] COPY --from=site / /" },
];

export function triggersProgram(): Program {
  return makeProgram(TRIGGERS_TEXT, TRIGGERS_VERTICES);
}
