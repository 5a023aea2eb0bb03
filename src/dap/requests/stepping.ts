/** Motions. Each is answered once the debugger has taken it; where it leads is told by an event. */
import { BktuiError } from "../../base/errors.ts";
import type { Command } from "../../debugger/debugger.ts";
import { executionOf, programOf, stopOf } from "../../debugger/state/inspect.ts";
import { isDone } from "../../debugger/state/reached.ts";
import { lineOf } from "../../graph/graph.ts";
import { stepsAt } from "../../graph/source-map.ts";
import { fromClientLine, toClientLine } from "../state/client.ts";
import type { Session } from "../state/session.ts";
import type { AskedRequest } from "../wire/connection.ts";
import type { SourceArgument } from "./arguments.ts";
import type { Handlers } from "./handler.ts";

export const STEPPING: Handlers<
  | "continue"
  | "next"
  | "stepIn"
  | "stepOut"
  | "stepBack"
  | "reverseContinue"
  | "pause"
  | "stepInTargets"
  | "gotoTargets"
  | "goto"
  | "restartFrame"
> = {
  continue: async ({ threadId }, session, { after }) => {
    await session.give(threadId, { kind: "continue" }, after);
    return { allThreadsContinued: true };
  },
  next: moving({ kind: "next" }),
  stepIn: async ({ threadId, targetId }, session, { after }) => {
    const command: Command = typeof targetId === "number" ? targetOf(session, targetId) : { kind: "into" };
    await session.give(threadId, command, after);
    return undefined;
  },
  stepOut: moving({ kind: "finish" }),
  stepBack: moving({ kind: "back" }),
  reverseContinue: moving({ kind: "reverse-continue" }),
  pause: async ({ threadId }, session, { after }) => {
    session.show(threadId);
    await session.moving((commands) => commands.pause(), after);
    return undefined;
  },
  stepInTargets: ({ frameId }, session) => ({ targets: stepInTargets(session, frameId) }),
  gotoTargets: ({ source, line }, session) => ({ targets: gotoTargets(session, source, line) }),
  goto: async ({ threadId, targetId }, session, { after }) => {
    await session.give(threadId, targetOf(session, targetId), after);
    return undefined;
  },
  restartFrame: async ({ frameId }, session, { after }) => {
    const { thread } = session.frame(frameId);
    session.show(thread);
    await session.moving((commands) => commands.rerun({ here: true }), after);
    return undefined;
  },
};

/** A motion of a thread. */
function moving(command: Command) {
  return async (
    { threadId }: { readonly threadId: number },
    session: Session,
    { after }: Pick<AskedRequest, "after">,
  ): Promise<undefined> => {
    await session.give(threadId, command, after);
    return undefined;
  };
}

/** @throws {BktuiError} "not-found". */
function targetOf(session: Session, id: number): Command {
  const target = session.targets.get(id);
  if (target !== undefined) return target;
  throw new BktuiError("not-found", `there is no target ${id} now`, { hint: "Ask for the targets again." });
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
  const execution = executionOf(session.debug.state);
  return stepsAt(program, line).map((step, index) => {
    // What has run is gone to; to what has not, the build runs.
    const hasRun = execution !== undefined && isDone(execution, step);
    const command: Command = { kind: hasRun ? "goto" : "run-to", line, nth: index + 1 };
    return {
      id: session.targets.numberOf(`${command.kind} ${line}.${index}`, () => command),
      label: session.build.masked(step.text),
      line: toClientLine(step.start - text.before, client),
      endLine: toClientLine(step.end - text.before, client),
    };
  });
}
