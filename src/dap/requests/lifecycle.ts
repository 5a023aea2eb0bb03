/** From `initialize` to `disconnect`: how a session begins, is run again, and ends. */
import { visibleLines } from "../../answers/harmless.ts";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { quietly } from "../../base/quietly.ts";
import { setBreakpoints } from "../../console/start-breakpoints.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { CAPABILITIES, lessFor } from "../capabilities.ts";
import { factsOf } from "../state/client.ts";
import { Follower } from "../state/follower.ts";
import { ProgressReports } from "../state/progress.ts";
import type { Session } from "../state/session.ts";
import type { AskedRequest } from "../wire/connection.ts";
import type { Handlers } from "./handler.ts";
import { openShell, prepareShells } from "./shell.ts";

export const LIFECYCLE: Handlers<
  "initialize" | "launch" | "attach" | "configurationDone" | "restart" | "disconnect" | "terminate" | "cancel"
> = {
  initialize: (args, session) => {
    if (session.phase !== "fresh") throw new BktuiError("not-now", "the session is initialized already");
    session.client = factsOf(args);
    session.phase = "ready";
    return CAPABILITIES;
  },

  launch: async (args, session, request) => {
    session.noDebug = args.noDebug === true;
    await open("launch", args, session, request);
    return undefined;
  },

  attach: async (args, session, request) => {
    await open("attach", args, session, request);
    return undefined;
  },

  configurationDone: (_args, session, { after }) => {
    if (session.phase === "live") throw new BktuiError("not-now", "the build was configured already");
    session.isConfigured = true;
    after(() => begin(session));
    return undefined;
  },

  restart: async (args, session, { after }) => {
    const body = args?.arguments ?? undefined;
    const { build } = session;
    const again = body === undefined ? {} : await build.again(body);
    const run = session.noDebug || (again.run ?? build.run);
    const request = again.request === undefined ? {} : { request: withArgumentsSet(again.request, session) };
    await session.moving((commands) => commands.rerun({ here: false, run, ...request }), after);
    return undefined;
  },

  terminate: async (_args, session) => {
    if (!session.hasBuild) throw new BktuiError("not-now", "no build is debugged yet");
    await endBuild(session);
    return undefined;
  },

  disconnect: async (args, session, { after }) => {
    if (session.hasBuild) {
      const { isShared, debug, console: own } = session.build;
      const suspends = args?.suspendDebuggee === true;
      const ends = args?.terminateDebuggee ?? !(isShared || suspends);
      if (ends) await endBuild(session);
      else if (suspends && debug.whyNot("pause") === undefined)
        await own.give((commands) => commands.pause());
    }
    after(() => {
      session.phase = "over";
      session.left.abort();
    });
    return undefined;
  },

  cancel: (args, session) => {
    const { requestId, progressId } = args ?? {};
    if (typeof requestId === "number") session.connection.cancel(requestId);
    else if (typeof progressId === "string") session.cancelProgress(progressId);
    return undefined;
  },
};

/** A body that a client sends again is no reason to forget what was set since; another value in it is. */
function withArgumentsSet(request: BuildRequest, { argumentsSet, build }: Session): BuildRequest {
  const set = [...argumentsSet].filter(([name]) => request.buildArgs[name] === build.request.buildArgs[name]);
  return { ...request, buildArgs: { ...request.buildArgs, ...Object.fromEntries(set) } };
}

/** Clients say it more than once: when they are told of the end, too. */
async function endBuild({ build }: Session): Promise<void> {
  if (build.debug.state.phase.kind !== "ended") await build.end();
}

/** Finds or starts the engine; breakpoints can be set once this is done. */
async function open(
  kind: "launch" | "attach",
  body: object,
  session: Session,
  { signal, after }: Pick<AskedRequest, "signal" | "after">,
): Promise<void> {
  if (session.phase !== "ready")
    throw new BktuiError("not-now", "a build was launched in this session already", {
      hint: "restart runs it again; another session can debug another build.",
    });
  session.phase = "opening";
  const giveUp = AbortSignal.any([signal, session.left.signal]);
  const onProgress = (words: string): void =>
    session.connection.event("output", { category: "console", output: `${words}\n` });
  try {
    const build = await session.host.open(kind, body, { signal: giveUp, onProgress });
    if (giveUp.aborted) {
      await quietly(build[Symbol.asyncDispose]());
      throw toBktuiError(giveUp.reason, "cancelled");
    }
    session.opened = build;
    session.phase = "open";
  } catch (error) {
    session.phase = "ready";
    throw error;
  }
  after(() => {
    for (const note of session.build.notes) onProgress(note);
    const capabilities = lessFor(session.build.request);
    if (capabilities !== undefined) session.connection.event("capabilities", { capabilities });
    session.connection.event("initialized");
    if (session.isConfigured) begin(session);
    if (kind === "launch") void beginOthers(session, onProgress);
  });
}

/** Each in a session of its own, as far as the client begins any. */
async function beginOthers(session: Session, tell: (words: string) => void): Promise<void> {
  const { others } = session.build;
  if (others.length === 0) return;
  const names = others.map(({ name }) => name).join(", ");
  if (!session.client.startsDebugging) {
    tell(
      `not debugged here, as this client begins no further sessions: ${names}; "bake" names one to launch`,
    );
    return;
  }
  for (const { name, configuration } of others) {
    const asked = { request: "launch", configuration };
    await session.connection
      .ask("startDebugging", asked, session.left.signal)
      .catch((error: unknown) => tell(`${name} is not debugged: ${toBktuiError(error).message}`));
  }
}

/** The client has said what it wants: the build begins, or is joined where it stands. */
function begin(session: Session): void {
  if (session.phase !== "open" || !session.isConfigured) return;
  const { debug, breakpoints, run, isShared, request, atFailure } = session.build;
  const follower = new Follower(session);
  session.owned.own(follower);
  if (session.client.showsProgress) session.owned.own(new ProgressReports(session));
  session.breakpoints.applyAll();
  if (session.noDebug) session.exceptions.switchOff("this run is not debugged");
  else if (atFailure === "exit") session.exceptions.switchOff('the launch says "onError": "exit"');
  else session.exceptions.apply();
  if (atFailure === "shell") follower.onFailure = () => void openAtFailure(session);
  session.phase = "live";
  const { connection } = session;
  connection.event("process", {
    name: session.build.masked(request.target ?? "build"),
    isLocalProcess: false,
    startMethod: isShared ? "attach" : "launch",
  });
  if (session.client.runsTerminals && !session.noDebug) session.owned.own(prepareShells(session));
  if (isShared) {
    follower.begin();
    return;
  }
  if (!session.noDebug) setBreakpoints(debug, breakpoints, []);
  debug.dispatch({ kind: "launch", request, stopOnEntry: !run && !session.noDebug });
}

/** The first failure opens it; it follows the build to the next ones. */
async function openAtFailure(session: Session): Promise<void> {
  const tell = (words: string): void =>
    session.connection.event("output", { category: "console", output: `${visibleLines(words)}\n` });
  try {
    tell(await openShell(session, "shown", session.left.signal));
  } catch (error) {
    if (!session.left.signal.aborted) tell(`no shell was opened: ${toBktuiError(error).message}`);
  }
}
