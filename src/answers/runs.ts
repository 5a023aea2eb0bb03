/** Commands that run the build, say what the next one gets, or let others run it. */
import { BktuiError } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";
import { namedThread } from "../console/named-thread.ts";
import { threadWords } from "../console/phrases/thread-words.ts";
import type { LineCommand } from "../console/read-command.ts";
import { editorsWords } from "../console/serving.ts";
import { namedStep, type StepName } from "../console/step-names.ts";
import type { Command } from "../debugger/debugger.ts";
import type { BuildInputOption } from "../debugger/remedies.ts";
import { programOf } from "../debugger/state/inspect.ts";
import type { Result, ResultOf } from "./answers.ts";
import type { Handlers, Parts } from "./parts.ts";

type RunId =
  | "next"
  | "into"
  | "finish"
  | "continue"
  | "keep-going"
  | "run-to"
  | "step-back"
  | "reverse-continue"
  | "goto"
  | "pause"
  | "dap"
  | "cancel"
  | "reconnect"
  | "here"
  | "rerun"
  | "rerun-start"
  | "rerun-no-cache"
  | "rerun-options"
  | "target"
  | "arg"
  | "secret"
  | "ssh"
  | "allow"
  | "build-arg"
  | "thread"
  | "failure-next"
  | "failure-previous";

type Motion = "next" | "into" | "finish" | "continue" | "keep-going" | "back" | "reverse-continue";

const motion =
  (kind: Extract<Command["kind"], Motion>) =>
  async (_command: LineCommand, { give, settled }: Parts, signal: AbortSignal): Promise<Result> => {
    await give({ kind });
    return await settled(signal);
  };

function toLine(
  name: "to" | "goto",
): (
  command: Extract<LineCommand, { readonly id: "run-to" | "goto" }>,
  parts: Parts,
  signal: AbortSignal,
) => Promise<Result> {
  return async ({ id, line, nth }, { give, settled }, signal) => {
    if (line === undefined) throw new BktuiError("usage", `a line is missing, e.g. ${name} 12`);
    await give({ kind: id, line, ...(nth === undefined ? {} : { nth }) });
    return await settled(signal);
  };
}

const rerun =
  ({ here }: { readonly here: boolean }) =>
  async (
    _command: LineCommand,
    { console: own, taken, settled }: Parts,
    signal: AbortSignal,
  ): Promise<Result> => {
    await taken(own.rerun({ here }));
    return await settled(signal);
  };

/** Each answers once the build stands again, but those that act while it runs. */
export const RUNS: Handlers<RunId> = {
  next: motion("next"),
  into: motion("into"),
  finish: motion("finish"),
  continue: motion("continue"),
  "keep-going": motion("keep-going"),
  "step-back": motion("back"),
  "reverse-continue": motion("reverse-continue"),
  "run-to": toLine("to"),
  goto: toLine("goto"),
  pause: async (_command, { console: own, taken, state }) => {
    await taken(own.pause());
    return state();
  },
  cancel: async (_command, { give, state }) => {
    await give({ kind: "cancel" });
    return state();
  },
  dap: async ({ where }, { editors }) => ({ kind: "editors", words: await editorsWords(editors, where) }),
  reconnect: async (_command, { debug, settled }, signal) => {
    const { phase, engineSilent } = debug.state;
    if (phase.kind !== "lost" && !engineSilent)
      throw new BktuiError("not-now", "the engine answers", { hint: "rerun runs the build again" });
    debug.dispatch({ kind: "rerun", here: true });
    return await settled(signal);
  },
  here: async (_command, { settled }, signal) => await settled(signal),
  rerun: rerun({ here: true }),
  "rerun-start": rerun({ here: false }),
  "rerun-no-cache": async (_command, { console: own, taken, settled }, signal) => {
    await taken(own.rerun({ here: false, request: own.next.withoutCache }));
    return await settled(signal);
  },
  "rerun-options": (_command, parts) => nextBuild(parts),
  target: async ({ stage }, { debug, console: own, taken, settled }, signal) => {
    if (stage === undefined) {
      const names = (programOf(debug.state)?.stages ?? []).map(({ name }) => visibleLine(name));
      throw new BktuiError("usage", `a stage is missing; there are ${names.join(", ")}`);
    }
    await taken(own.rerun({ here: false, request: own.next.withTarget(stage) }));
    return await settled(signal);
  },
  arg: async ({ name, value }, { console: own, taken, settled }, signal) => {
    await taken(own.rerun({ here: false, request: own.next.withArgument(name, value) }));
    return await settled(signal);
  },
  secret: ({ text }, parts) => given("secret", text, parts),
  ssh: ({ text }, parts) => given("ssh", text, parts),
  allow: ({ text }, parts) => given("allow", text, parts),
  "build-arg": ({ text }, parts) => given("build-arg", text, parts),
  thread: async ({ which }, { debug, give, settled }, signal) => {
    const { state } = debug;
    if (which === undefined && state.threads.length > 0) return threadsAnswer(state);
    await give({ kind: "thread", id: namedThread(state, which ?? "next") });
    return await settled(signal);
  },
  "failure-next": async ({ step }, parts, signal) => await showFailure("next", step, parts, signal),
  "failure-previous": async (_command, parts, signal) =>
    await showFailure("previous", undefined, parts, signal),
};

async function showFailure(
  other: "next" | "previous",
  name: StepName | undefined,
  { debug, console: own, settled }: Parts,
  signal: AbortSignal,
): Promise<Result> {
  own.showFailure(name === undefined ? other : { number: namedStep(debug, name).id + 1 });
  return await settled(signal);
}

function given(option: BuildInputOption, text: string, parts: Parts): Result {
  parts.console.next.give(option, text);
  return nextBuild(parts);
}

/** Names of secrets alone: where their values come from may say too much. */
function nextBuild({ console: own }: Parts): ResultOf<"next-build"> {
  const { target, buildArgs, secrets, ssh, allow } = own.next.request;
  return {
    kind: "next-build",
    target,
    arguments: Object.entries(buildArgs).map(([name, value]) => ({ name, value })),
    secrets: secrets.map(({ id }) => id),
    ssh: ssh.map(({ id }) => id),
    allow,
  };
}

function threadsAnswer(state: Parts["debug"]["state"]): ResultOf<"threads"> {
  return {
    kind: "threads",
    threads: state.threads.map((thread) => ({
      number: thread.id + 1,
      platform: thread.platform,
      shown: thread.id === state.shown,
      words: threadWords(state, thread),
    })),
  };
}
