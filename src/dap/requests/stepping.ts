/** Motions. Each is answered once the debugger has taken it; where it leads is told by an event. */
import { BktuiError } from "../../base/errors.ts";
import type { Command } from "../../debugger/debugger.ts";
import { programOf, stopOf } from "../../debugger/state/inspect.ts";
import { lineOf } from "../../graph/graph.ts";
import { stepsAt } from "../../graph/source-map.ts";
import { fromClientLine, toClientLine } from "../state/client.ts";
import type { Session } from "../state/session.ts";
import type { SourceArgument } from "./arguments.ts";
import type { Handlers } from "./handler.ts";

export const STEPPING: Handlers<
  | "continue"
  | "next"
  | "stepIn"
  | "stepOut"
  | "pause"
  | "stepInTargets"
  | "gotoTargets"
  | "goto"
  | "restartFrame"
> = {
  continue: async ({ threadId }, session) => {
    await move(session, threadId, { kind: "continue" });
    return { allThreadsContinued: true };
  },
  next: async ({ threadId }, session) => await move(session, threadId, { kind: "next" }),
  stepIn: async ({ threadId, targetId }, session) => {
    const target = typeof targetId === "number" ? session.targets.get(targetId) : undefined;
    if (typeof targetId === "number" && target === undefined)
      throw new BktuiError("not-found", `there is no target ${targetId} now`, {
        hint: "Ask for the targets again.",
      });
    return await move(session, threadId, target ?? { kind: "into" });
  },
  stepOut: async ({ threadId }, session) => await move(session, threadId, { kind: "finish" }),
  pause: async ({ threadId }, session) => {
    session.show(threadId);
    await session.build.console.give((commands) => commands.pause());
    return undefined;
  },
  stepInTargets: ({ frameId }, session) => ({ targets: stepInTargets(session, frameId) }),
  gotoTargets: ({ source, line }, session) => ({ targets: gotoTargets(session, source, line) }),
  goto: async ({ threadId, targetId }, session) => {
    const target = session.targets.get(targetId);
    if (target === undefined)
      throw new BktuiError("not-found", `there is no target ${targetId} now`, {
        hint: "Ask for the targets again.",
      });
    return await move(session, threadId, target);
  },
  restartFrame: async ({ frameId }, session) => {
    const { thread } = session.frame(frameId);
    session.show(thread);
    await session.moving((commands) => commands.rerun({ here: true }));
    return undefined;
  },
};

async function move(session: Session, thread: number, command: Command): Promise<undefined> {
  await session.give(thread, command);
  return undefined;
}

/** The stages that the step at a frame needs. */
function stepInTargets(session: Session, frameId: number): { id: number; label: string; line?: number }[] {
  const frame = session.frame(frameId);
  const { state } = session.thread(frame.thread);
  const program = programOf(state);
  const step = program?.steps[frame.step];
  const stop = stopOf(state);
  if (program === undefined || step === undefined || stop?.step !== step.id) return [];
  return step.needs.flatMap((stage) => {
    const first = program.steps.find((each) => each.stage === stage);
    if (first === undefined) return [];
    const id = session.targets.numberOf(`into ${stage}`, () => ({ kind: "run-to", line: first.start }));
    return [{ id, label: `stage ${stage}`, line: session.place(first.start).line }];
  });
}

function gotoTargets(
  session: Session,
  source: SourceArgument,
  clientLine: number,
): { id: number; label: string; line: number; endLine: number }[] {
  const { sources, client } = session;
  const text = sources.find(source);
  const program = programOf(session.debug.state);
  if (text === undefined || program === undefined) return [];
  const line = lineOf(fromClientLine(clientLine, client) + text.before);
  return stepsAt(program, line).map((step, index) => {
    const command: Command = { kind: "run-to", line, nth: index + 1 };
    return {
      id: session.targets.numberOf(`to ${line}.${index}`, () => command),
      label: session.build.masked(step.text),
      line: toClientLine(step.start - text.before, client),
      endLine: toClientLine(step.end - text.before, client),
    };
  });
}
