/** What is read of the files of a state for a typed command: bounded in time, with what is different and why it cannot be read. */
import { posix } from "node:path";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";
import type { Debugger, StateChanges } from "../debugger/debugger.ts";
import { changedText, type FileText, maskedText, type ReadPart } from "../debugger/files/file-text.ts";
import type { FileEntry, FilePart, StateSide } from "../engine/engine.ts";
import type { Step } from "../graph/program.ts";

export interface FilesPlace {
  readonly step: Step;
  /** E.g. "step 7/8". */
  readonly name: string;
  /** How a line names it, with a blank behind it; "" for the step that is stood at. */
  readonly typed: string;
  /** The state that is shown. */
  readonly side: StateSide;
}

export type ComparedSide = Exclude<StateSide, "base">;

interface Signal {
  readonly signal?: AbortSignal | undefined;
}

/** A large image takes its time; an engine that says nothing for so long is not waited for. */
const READ_MS = 120_000;

/** What the step changed. @throws {BktuiError} "not-now" when its states cannot be compared. */
export async function changesAt(
  debug: Debugger,
  place: FilesPlace,
  options: Signal = {},
): Promise<StateChanges & { readonly side: ComparedSide }> {
  const side = comparedAt(debug, place);
  const changes = await inTime(place, options, (signal) => debug.changes(place.step.id, side, { signal }));
  return { ...changes, side };
}

/** What is in a directory of the state that is shown. @throws {BktuiError} "not-now", "not-found". */
export async function directoryAt(
  debug: Debugger,
  place: FilesPlace,
  typed: string,
  options: Signal = {},
): Promise<{ readonly path: string; readonly entries: readonly FileEntry[] }> {
  const path = posix.resolve("/", typed);
  const { step, side } = place;
  const entries = await inTime(place, options, (signal) => debug.files(step.id, side, { path, signal }));
  return { path, entries };
}

/** A piece of a file of the state that is shown, as it is: not masked. @throws {BktuiError} "not-now", "not-found". */
export async function filePartAt(
  debug: Pick<Debugger, "readFile">,
  place: FilesPlace,
  part: { readonly path: string; readonly offset: number; readonly length: number },
  options: Signal = {},
): Promise<FilePart> {
  const path = posix.resolve("/", part.path);
  const { step, side } = place;
  return await inTime(place, options, (signal) => debug.readFile(step.id, side, { ...part, path, signal }));
}

/** What the step changed in a file. @throws {BktuiError} "not-now", "not-found". */
export async function diffAt(
  debug: Debugger,
  place: FilesPlace,
  typed: string,
  options: Signal = {},
): Promise<FileText & { readonly path: string; readonly side: ComparedSide }> {
  return await inTime(place, options, (signal) => readDiff(debug, place, { typed, signal }));
}

async function readDiff(
  debug: Debugger,
  place: FilesPlace,
  { typed, signal }: { readonly typed: string; readonly signal: AbortSignal },
): Promise<FileText & { readonly path: string; readonly side: ComparedSide }> {
  const path = posix.resolve("/", typed);
  const compared = comparedAt(debug, place);
  const { changes } = await debug.changes(place.step.id, compared, { signal });
  const change = changes.find((candidate) => candidate.path === path);
  if (change === undefined)
    throw new BktuiError("not-found", `${shownName(path)} was not changed by ${place.name}`, {
      hint: `files${place.typed === "" ? "" : ` ${place.typed.trim()}`} lists what was.`,
    });
  const reader =
    (side: StateSide): ReadPart =>
    (part, options) =>
      debug.readFile(place.step.id, side, { path, ...part, ...options });
  const sides = { before: reader("base"), after: reader(compared) };
  const text = maskedText(await changedText(change, sides, { signal }), debug);
  return { ...text, path, side: compared };
}

/** @throws {BktuiError} "engine" when it takes too long, which says nothing of the files. */
export async function inTime<T>(
  { name }: Pick<FilesPlace, "name">,
  { signal: outer }: Signal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(READ_MS);
  try {
    return await work(outer === undefined ? late : AbortSignal.any([late, outer]));
  } catch (error) {
    if (!late.aborted || toBktuiError(error).code !== "cancelled") throw error;
    throw new BktuiError("engine", `the files of ${name} could not be read within ${READ_MS / 1000} s`, {
      cause: error,
      hint: "Try again when the engine has less to do.",
    });
  }
}

function comparedAt(debug: Debugger, { step, name, typed }: FilesPlace): ComparedSide {
  const compared = debug.states(step.id).find((side): side is ComparedSide => side !== "base");
  if (compared !== undefined) return compared;
  throw new BktuiError("not-now", `${name} has not run: it has changed nothing yet`, {
    hint: `files ${typed}lists BASE.`,
  });
}

/** Sequences in a name are shown: it is not the name without them. */
export function shownName(name: string): string {
  return visibleText(name.replaceAll("\u001b", "^["));
}
