/** Breakpoints on files: behind the step that makes, changes or removes one. */
import { posix } from "node:path";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { parseBreak, placeWords, specText } from "../../debugger/breakpoints/break-spec.ts";
import { pathProblem } from "../../debugger/breakpoints/expression/parse.ts";
import type { Session } from "../state/session.ts";
import type { Wish } from "../state/wishes.ts";
import { pathIn } from "../values/watch.ts";
import type { ArgumentsOf } from "./arguments.ts";
import { ruleOf } from "./breakpoints.ts";
import type { Handlers } from "./handler.ts";

const MOST = 1000;

export const DATA_BREAKPOINTS: Handlers<"dataBreakpointInfo" | "setDataBreakpoints"> = {
  dataBreakpointInfo: (args, session) => {
    const path = pathOf(args, session);
    const problem = path === undefined ? "only files can be watched" : pathProblem(path);
    if (path === undefined || problem !== undefined || path === "/")
      return { dataId: null, description: problem ?? "name a path in the state, not all of it" };
    const spec = { kind: "data", path, change: "any" } as const;
    return {
      dataId: specText(spec),
      description: visibleLine(session.build.masked(placeWords(spec))),
      accessTypes: ["write"],
      canPersist: true,
    };
  },

  setDataBreakpoints: ({ breakpoints }, session) => {
    if (breakpoints.length > MOST)
      throw new BktuiError("usage", `a list has ${MOST} data breakpoints at most`);
    return { breakpoints: session.breakpoints.set("data", breakpoints.map(wishOf)) };
  },
};

/** Of a row of a directory, or as it is typed. */
function pathOf(
  { variablesReference, name }: ArgumentsOf<"dataBreakpointInfo">,
  session: Session,
): string | undefined {
  const typed = pathIn(name.trim().replace(/^data:/, ""))?.path;
  if (typeof variablesReference !== "number" || variablesReference === 0)
    return typed === undefined ? undefined : posix.resolve("/", typed);
  const files = session.branches.get(variablesReference)?.files;
  // Groups of a long directory are no files.
  if (files === undefined || /^\[\d+…\d+\]$/.test(name) || name === "") return undefined;
  return posix.resolve(files.path, name);
}

function wishOf({ dataId, ...asked }: ArgumentsOf<"setDataBreakpoints">["breakpoints"][number]): Wish {
  try {
    const spec = parseBreak(dataId);
    return spec.kind === "data"
      ? { spec, ...ruleOf(asked) }
      : { why: "only files can be watched: data:/PATH" };
  } catch (error) {
    const { message, hint } = toBktuiError(error);
    return { why: hint === undefined ? message : `${message}: ${hint}` };
  }
}
