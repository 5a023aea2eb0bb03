/** What a RUN in a given place of the Dockerfile would see: asked from the frontend itself. */
import { posix } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import type { Cuts } from "../../graph/cuts.ts";
import type { ExecMeta, Graph, Vertex } from "../../graph/graph.ts";
import { type StateSide, type StepEnvironment, TARGET } from "../engine.ts";
import { mountBelowTarget } from "./mounts.ts";
import { ROOT_MOUNT, USUAL_PATH } from "./near-environment.ts";

/** An exec vertex says itself what it runs with. */
export function ownEnvironment(vertex: Vertex): StepEnvironment | undefined {
  if (vertex.exec === undefined) return undefined;
  const { meta, mounts } = vertex.exec;
  return { meta, mounts, shell: shellOf(meta.args) };
}

/** What the probe's RUN tells about its place. */
export function probedEnvironment(probe: Graph): StepEnvironment {
  const run = probe.result === undefined ? undefined : probe.vertices.get(probe.result.vertex);
  if (run?.exec === undefined) {
    throw new BktuiError("engine", "the frontend's answer for this place of the Dockerfile holds no RUN");
  }
  const { meta } = run.exec;
  return { meta, mounts: [ROOT_MOUNT], shell: meta.args.slice(0, -1) };
}

/**
 * The Dockerfile cut off at a vertex, with a RUN appended: the frontend's definition for it carries the exact
 * environment, user, directory, shell, network and hosts of that place, ARGs and ONBUILD triggers included.
 * Never run, only asked for (checked on dockerd 20.10 and 28.5: 5 to 80 ms).
 * @throws {BktuiError} "not-found" when nothing exists there (before FROM, or a vertex without a line).
 */
export function probeText(graph: Graph, vertex: Vertex, side: StateSide, cuts: Cuts | undefined): string {
  const range = vertex.ranges[0];
  const file = range === undefined ? undefined : graph.sources[cuts?.source ?? range.source];
  if (range === undefined || file === undefined || cuts === undefined) {
    throw new BktuiError("not-found", `${vertex.name || "this vertex"} stands on no line of the Dockerfile`, {
      hint: "open the shell at a step of the Dockerfile",
    });
  }
  const lines = file.text.split(/\r?\n/);
  const { keep, without } = side === "after" ? cuts.after : cuts.before;
  if (side !== "after" && vertex.kind === "source" && isFromLine(lines[keep] ?? "")) {
    throw new BktuiError("not-found", "before FROM there is no file system to look at", {
      hint: "step once, then open the shell",
    });
  }
  const isOut = (line: number): boolean => without.some(({ start, end }) => start <= line && line <= end);
  const kept = lines.slice(0, keep).filter((_, index) => !isOut(index + 1));
  return `${kept.join("\n")}\nRUN true\n`;
}

function isFromLine(line: string): boolean {
  return /^\s*FROM\s/i.test(line);
}

/** `RUN text` becomes shell + text; an exec form RUN names no shell, then the image's usual one is assumed. */
function shellOf(args: readonly string[]): readonly string[] {
  const [program, flag] = args;
  if (args.length !== 3 || program === undefined || flag === undefined || !flag.startsWith("-")) {
    return ["/bin/sh", "-c"];
  }
  return [program, flag];
}

/** Of a process that only looks at files: as root, with what the image has in its PATH, and nothing of the step's. */
export function bareEnvironment(environment: StepEnvironment): StepEnvironment {
  const { meta } = environment;
  const bare: ExecMeta = {
    ...meta,
    user: "",
    cwd: "/",
    env: meta.env.filter((entry) => entry.startsWith("PATH=")),
    proxyEnv: [],
    secretEnv: [],
    ulimits: [],
    network: "none",
    security: "sandbox",
  };
  return { ...environment, meta: bare, mounts: [] };
}

/** They name programs and libraries of the image, which is not at "/". */
const OF_THE_IMAGE = /^(PATH|LD_[A-Z_]+|ENV|BASH_ENV|SHELL)=/;

/** Of a process of the debug root: as root, in the step's directory as it lies there, with the step's other variables. */
export function debugEnvironment({ meta, mounts }: StepEnvironment): StepEnvironment {
  return {
    meta: {
      ...meta,
      user: "",
      cwd: posix.join(TARGET, meta.cwd),
      env: [...meta.env.filter((entry) => !OF_THE_IMAGE.test(entry)), USUAL_PATH],
    },
    mounts: mounts.map(mountBelowTarget),
    shell: [],
  };
}
