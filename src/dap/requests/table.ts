/** All requests of the protocol, what each needs to be answered, and who does it. */
import { BktuiError } from "../../base/errors.ts";
import type { Session } from "../state/session.ts";
import type { AskedRequest } from "../wire/connection.ts";
import { type Bodies, isRequestName, type RequestName, readArguments } from "./arguments.ts";
import { BREAKPOINTS } from "./breakpoints.ts";
import { COMPLETIONS } from "./completions.ts";
import { DATA_BREAKPOINTS } from "./data-breakpoints.ts";
import { EVALUATE } from "./evaluate.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import type { Handler, Handlers } from "./handler.ts";
import { LIFECYCLE } from "./lifecycle.ts";
import { OPERATIONS } from "./operations.ts";
import { SOURCES } from "./sources.ts";
import { STACK } from "./stack.ts";
import { STEPPING } from "./stepping.ts";
import { VARIABLES } from "./variables.ts";

/** What cannot be done here is refused with why, as the protocol wants it of what is no capability. */
export const REFUSED = {
  terminateThreads: "the platforms of a build end together",
  writeMemory: "the states of steps are not written",
} as const satisfies Partial<Record<RequestName, string>>;

function refusing<Name extends RequestName>(why: string): Handler<Name> {
  return () => {
    throw new BktuiError("unsupported", why);
  };
}

const REFUSING = Object.fromEntries(
  Object.entries(REFUSED).map(([name, why]) => [name, refusing(why)]),
) as unknown as Handlers<keyof typeof REFUSED>;

export const HANDLERS: Handlers<RequestName> = {
  ...LIFECYCLE,
  ...STEPPING,
  ...STACK,
  ...BREAKPOINTS,
  ...SOURCES,
  ...EXCEPTIONS,
  ...OPERATIONS,
  ...VARIABLES,
  ...EVALUATE,
  ...COMPLETIONS,
  ...DATA_BREAKPOINTS,
  ...REFUSING,
};

/** These can be asked before `initialize`; without a build these, and what sets breakpoints. */
const ALWAYS: ReadonlySet<RequestName> = new Set(["initialize", "disconnect", "cancel"]);
const WITHOUT_BUILD: ReadonlySet<RequestName> = new Set([
  "launch",
  "attach",
  "configurationDone",
  "terminate",
  "threads",
  "loadedSources",
  "setBreakpoints",
  "setFunctionBreakpoints",
  "setExceptionBreakpoints",
  "setDataBreakpoints",
  "setInstructionBreakpoints",
  "breakpointLocations",
  "modules",
]);

/** @throws {BktuiError} with why it cannot be answered. */
export async function answerTo(session: Session, request: AskedRequest): Promise<object | undefined> {
  const { command, args } = request;
  if (!isRequestName(command))
    throw new BktuiError("unsupported", `there is no request ${command.slice(0, 60)}`);
  if (session.phase === "over") throw new BktuiError("not-now", "the session has ended");
  if (session.phase === "fresh" && !ALWAYS.has(command))
    throw new BktuiError("not-now", `${command} came before initialize`);
  const given = readArguments(command, args);
  if (!ALWAYS.has(command) && !WITHOUT_BUILD.has(command)) void session.build;
  const handle = HANDLERS[command] as (
    args: unknown,
    session: Session,
    request: AskedRequest,
  ) => Bodies[RequestName] | Promise<Bodies[RequestName]>;
  return await handle(given, session, request);
}
