/** What is known of a step: scopes of a frame, what is in them, files as memory, places where something was said. */
import { BktuiError } from "../../base/errors.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import { toClientColumn } from "../state/client.ts";
import type { Session } from "../state/session.ts";
import type { Branch, Page } from "../values/branch.ts";
import { pieceBytes } from "../values/file-pieces.ts";
import { scopesOf } from "../values/step-scopes.ts";
import { refuseRunning, viewOf } from "../values/step-view.ts";
import { sizesOf, variablesOf } from "../values/variables-of.ts";
import type { ArgumentsOf } from "./arguments.ts";
import type { Handlers } from "./handler.ts";

/** Of one piece of a file. */
const MOST_MEMORY_BYTES = 1024 * 1024;

export const VARIABLES: Handlers<"scopes" | "variables" | "readMemory" | "locations"> = {
  scopes: ({ frameId }, session) => {
    const frame = session.frame(frameId);
    // Of a build that could not be loaded there is nothing to see.
    if (programOf(session.thread(frame.thread).state) === undefined) return { scopes: [] };
    return {
      scopes: scopesOf(viewOf(session, frame)).map(({ name, hint, isExpensive, branch }) => ({
        name,
        ...(hint === undefined ? {} : { presentationHint: hint }),
        variablesReference: session.branches.numberOf(branch.key, () => branch),
        expensive: isExpensive,
        ...sizesOf(branch),
      })),
    };
  },

  variables: async (args, session, { signal }) => {
    const branch = standingBranch(session, args.variablesReference);
    return { variables: await variablesOf(session, branch, pageOf(args), signal) };
  },

  readMemory: async ({ memoryReference, offset, count }, session, { signal }) => {
    const file = session.memories.get(Number(memoryReference));
    if (file === undefined)
      throw gone(`there is no file ${JSON.stringify(memoryReference.slice(0, 60))} now`);
    const length = Math.min(count, MOST_MEMORY_BYTES);
    const start = offset ?? 0;
    const view = viewOf(session, file);
    if (length === 0) return { address: String(start) };
    const { bytes } = await pieceBytes(view, file, { offset: start, count: length }, signal);
    return {
      address: String(start),
      data: bytes.toString("base64"),
      // What is behind a piece of the longest kind can be read by another request.
      ...(bytes.length < length ? { unreadableBytes: count - bytes.length } : {}),
    };
  },

  locations: ({ locationReference }, session) => {
    const line = session.locations.get(locationReference);
    if (line === undefined) throw gone(`there is no location ${locationReference} now`);
    return { ...session.place(line), column: toClientColumn(1, session.client) };
  },
};

/** @throws {BktuiError} "not-found", "not-now" while its thread runs. */
export function standingBranch(session: Session, reference: number): Branch {
  const branch = session.branches.get(reference);
  if (branch === undefined) throw gone(`there are no variables ${reference} now`);
  refuseRunning(session.thread(branch.thread).state);
  return branch;
}

function gone(message: string): BktuiError {
  return new BktuiError("not-found", message, { hint: "The build has moved on: ask for the scopes again." });
}

function pageOf({ start, count, filter, format }: ArgumentsOf<"variables">): Page {
  return {
    start: start ?? 0,
    count: typeof count === "number" && count > 0 ? count : undefined,
    filter: filter === "named" || filter === "indexed" ? filter : undefined,
    hex: format?.hex === true,
  };
}
