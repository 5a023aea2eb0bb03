/** Threads and their stacks: the step that is stood at, and the steps that wait for its stage. From the state alone. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { numberOf } from "../../console/phrases/stop-words.ts";
import { callersOf, programOf, stopOf } from "../../debugger/state/inspect.ts";
import type { Program, Step } from "../../graph/program.ts";
import { toClientColumn, toClientLine } from "../state/client.ts";
import type { Session } from "../state/session.ts";
import { type ThreadView, threadViews } from "../state/threads.ts";
import type { Handlers } from "./handler.ts";
import { referenceOf } from "./operations.ts";

const LONGEST_NAME = 200;

export const STACK: Handlers<"threads" | "stackTrace"> = {
  threads: (_args, session) => ({
    threads: session.hasBuild
      ? threadViews(session.debug.state).map((view) => ({ id: view.number, name: threadName(view, session) }))
      : [],
  }),
  stackTrace: ({ threadId, startFrame, levels }, session) => {
    const view = session.thread(threadId);
    const frames = framesOf(view, session);
    const start = startFrame ?? 0;
    const count = typeof levels === "number" && levels > 0 ? levels : frames.length;
    return { stackFrames: frames.slice(start, start + count), totalFrames: frames.length };
  },
};

function threadName({ platform, state }: ThreadView, { build }: Session): string {
  const target = state.request?.target ?? "build";
  return visibleLine(build.masked(platform === undefined ? target : `${target} ${platform}`)).slice(
    0,
    LONGEST_NAME,
  );
}

function framesOf(view: ThreadView, session: Session): DebugProtocol.StackFrame[] {
  const { state, number } = view;
  const { phase } = state;
  if (phase.kind === "broken" || phase.kind === "lost") return [brokenFrame(session, phase.error)];
  if (phase.kind === "running" || phase.kind === "opening" || phase.kind === "finishing")
    throw new BktuiError("not-now", "the build is running", { hint: "pause stops it before its next step." });
  const program = programOf(state);
  const stop = stopOf(state);
  const here = stop === undefined ? undefined : program?.steps[stop.step];
  if (program === undefined || stop === undefined || here === undefined) return [];
  const own = frameOf(here, { session, program, thread: number, depth: 0 });
  const first = stop.kind === "before" ? own : { ...own, name: `end of stage ${visibleLine(stop.stage)}` };
  const waiting = waitingFor(here, program, callersOf(state)).map((step, index) =>
    frameOf(step, { session, program, thread: number, depth: index + 1 }),
  );
  return [first, ...waiting];
}

/** Who asked for this stage with "into", nearest first; else the steps that will use it, one after the other. */
function waitingFor(here: Step, program: Program, callers: readonly Step[]): readonly Step[] {
  const found: Step[] = [...callers];
  const seen = new Set([here.stage, ...found.map(({ stage }) => stage)]);
  for (let stage: string | undefined = found.at(-1)?.stage ?? here.stage; stage !== undefined; ) {
    const wanted: string = stage;
    const user = program.steps.find((step) => step.needs.includes(wanted) && !seen.has(step.stage));
    if (user === undefined) break;
    found.push(user);
    seen.add(user.stage);
    stage = user.stage;
  }
  return found;
}

interface FrameFacts {
  readonly session: Session;
  readonly program: Program;
  readonly thread: number;
  readonly depth: number;
}

function frameOf(step: Step, { session, program, thread, depth }: FrameFacts): DebugProtocol.StackFrame {
  const { client, frames, sources } = session;
  const id = frames.numberOf(`${thread} ${depth} ${step.id}`, () => ({
    thread,
    step: step.id,
    depth,
    kind: depth === 0 ? ("here" as const) : ("waiting" as const),
  }));
  const { source, line } = sources.at(step.start);
  const reference = referenceOf(step, program);
  const name = `${step.text} (${numberOf(step, program)}, stage ${step.stage})`;
  return {
    id,
    name: visibleLine(session.build.masked(name)).slice(0, LONGEST_NAME),
    source,
    line: toClientLine(line, client),
    column: toClientColumn(1, client),
    endLine: toClientLine(line + step.end - step.start, client),
    canRestart: depth === 0,
    ...(reference === undefined ? {} : { instructionPointerReference: reference }),
    presentationHint: depth === 0 ? "normal" : "subtle",
  };
}

function brokenFrame(session: Session, error: BktuiError): DebugProtocol.StackFrame {
  const { client, sources } = session;
  const line = "ranges" in error && Array.isArray(error.ranges) ? Number(error.ranges[0]?.start ?? 1) : 1;
  const [own] = sources.all;
  return {
    id: session.frames.numberOf("broken", () => ({
      thread: 1,
      step: 0 as never,
      depth: 0,
      kind: "here" as const,
    })),
    name: visibleLine(session.build.masked(error.message)).slice(0, LONGEST_NAME),
    ...(own === undefined ? {} : { source: own.source }),
    line: toClientLine(line, client),
    column: toClientColumn(1, client),
    presentationHint: "label",
  };
}
