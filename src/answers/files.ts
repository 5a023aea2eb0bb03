/** Commands that read the files of states. */
import { posix } from "node:path";
import { BktuiError } from "../base/errors.ts";
import type { LineCommand } from "../console/read-command.ts";
import { changesAt, diffAt, directoryAt, type FilesPlace, filePartAt } from "../console/state-reads.ts";
import type { StepName } from "../console/step-names.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { permissions } from "../debugger/files/change-words.ts";
import { programOf } from "../debugger/state/inspect.ts";
import type { FileEntry, FilePart } from "../engine/engine.ts";
import type { ResultOf } from "./answers.ts";
import { BOUNDS } from "./bounds.ts";
import { visibleLines } from "./harmless.ts";
import type { Handlers, Parts } from "./parts.ts";

type FilesId = Extract<LineCommand["id"], "files" | "changes" | "file-diff" | "file-show" | "open-sought">;

/** Bytes around a piece of a file in which the value of a secret is looked for that the piece cuts. */
export const MASK_MARGIN = 64 * 1024;

export const FILE_COMMANDS: Handlers<FilesId> = {
  files: async ({ step, path }, { debug, shown }, signal) => {
    return await directoryAnswer(debug, placeOf(shown, step), path ?? "/", signal);
  },
  changes: async ({ step }, { debug, shown }, signal) => {
    const place = placeOf(shown, step);
    const { changes, problems, side } = await changesAt(debug, place, { signal });
    const count = (kind: (typeof changes)[number]["kind"]): number =>
      changes.filter((change) => change.kind === kind).length;
    return {
      kind: "changes",
      step: place.step.id + 1,
      side,
      added: count("added"),
      changed: count("changed"),
      removed: count("removed"),
      changes: changes.slice(0, BOUNDS.changes).map(({ path, kind, before, after, differs }) => ({
        path,
        change: kind,
        kind: (after ?? before)?.kind ?? "other",
        bytesBefore: before?.size,
        bytesAfter: after?.size,
        differs,
      })),
      omitted: Math.max(0, changes.length - BOUNDS.changes),
      problems: problems.slice(0, BOUNDS.warnings),
    };
  },
  "file-diff": async ({ step, path }, { debug, shown }, signal) => {
    const place = placeOf(shown, step);
    const found = await diffAt(debug, place, path, { signal });
    return {
      kind: "diff",
      step: place.step.id + 1,
      side: found.side,
      path: found.path,
      facts: found.facts,
      rows: found.rows.slice(0, BOUNDS.diffRows),
      omitted: Math.max(0, found.rows.length - BOUNDS.diffRows),
    };
  },
  "file-show": async ({ step, path }, parts, signal) =>
    await fileAnswer(parts, { step, path, offset: 0, length: BOUNDS.fileBytes }, signal),
  "open-sought": async (_command, { debug, explanation }, signal) => {
    const searched = explanation()?.searched;
    const { steps = [] } = programOf(debug.state) ?? {};
    const step = searched === undefined ? undefined : steps[searched.step];
    if (searched === undefined || step === undefined)
      throw new BktuiError("not-now", "no source of another stage is missing here");
    const name = `step ${step.id + 1}/${steps.length}`;
    const place = { step, name, typed: `${step.id + 1} `, side: "after" } as const;
    return await directoryAnswer(debug, place, searched.directory, signal);
  },
};

/** A piece of a file of the state that is shown. @throws {BktuiError} "not-now", "not-found". */
export async function fileAnswer(
  { debug, shown }: Pick<Parts, "debug" | "shown">,
  asked: {
    readonly step: StepName | undefined;
    readonly path: string;
    readonly offset: number;
    readonly length: number;
  },
  signal: AbortSignal,
): Promise<ResultOf<"file">> {
  const length = Math.max(1, Math.min(asked.length, BOUNDS.fileBytes));
  return await filePieceAt(debug, placeOf(shown, asked.step), { ...asked, length }, signal);
}

async function directoryAnswer(
  debug: Debugger,
  place: FilesPlace,
  typed: string,
  signal: AbortSignal,
): Promise<ResultOf<"files">> {
  const { path, entries } = await directoryAt(debug, place, typed, { signal });
  return {
    kind: "files",
    ...ofState(place),
    path,
    entries: entries.slice(0, BOUNDS.files).map(entryAnswer),
    omitted: Math.max(0, entries.length - BOUNDS.files),
  };
}

/** A piece of a file with values of secrets hidden. @throws {BktuiError} "not-now", "not-found". */
export async function filePieceAt(
  debug: Pick<Debugger, "readFile" | "masked">,
  place: FilesPlace,
  { path, offset, length }: { readonly path: string; readonly offset: number; readonly length: number },
  signal: AbortSignal,
): Promise<ResultOf<"file">> {
  const start = Math.max(0, offset - MASK_MARGIN);
  const window = { path, offset: start, length: offset - start + length + MASK_MARGIN };
  const part = await filePartAt(debug, place, window, { signal });
  const from = Math.min(offset - start, part.bytes.length);
  const to = Math.min(from + length, part.bytes.length);
  return {
    kind: "file",
    ...ofState(place),
    path: posix.resolve("/", path),
    bytes: part.size,
    offset,
    length: to - from,
    omitted: Math.max(0, part.size - offset - (to - from)),
    ...contentOf(part, { from, to }, debug),
  };
}

/** Values of secrets are hidden also where the piece cuts them: then more than the piece may be shown around them. */
function contentOf(
  { bytes }: FilePart,
  { from, to }: { readonly from: number; readonly to: number },
  debug: Pick<Debugger, "masked">,
): Pick<ResultOf<"file">, "text" | "altered" | "base64"> {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const exact = whole.subarray(from, to);
  const isText = !exact.includes(0);
  const code = isText ? "utf8" : "latin1";
  const isHiding = debug.masked(whole.toString(code)) !== whole.toString(code);
  const shown = isHiding ? hidden(whole, { from, to }, code, debug) : exact.toString(code);
  if (!isText) return { base64: Buffer.from(shown, "latin1").toString("base64") };
  const text = visibleLines(shown);
  return text === shown && !isHiding && Buffer.from(text, "utf8").equals(exact)
    ? { text }
    : { text, altered: true };
}

function hidden(
  whole: Buffer,
  { from, to }: { readonly from: number; readonly to: number },
  code: "utf8" | "latin1",
  { masked }: Pick<Debugger, "masked">,
): string {
  const all = masked(whole.toString(code));
  const [before, after] = [whole.subarray(0, from).toString(code), whole.subarray(to).toString(code)];
  const start = all.startsWith(before) ? before.length : 0;
  const end = all.endsWith(after) ? all.length - after.length : all.length;
  return all.slice(start, Math.max(start, end));
}

function placeOf(shown: Parts["shown"], name: StepName | undefined): FilesPlace {
  const { step, side, steps } = shown.place(name);
  const typed = name === undefined ? "" : `${step.id + 1} `;
  return { step, side, name: `step ${step.id + 1}/${steps}`, typed };
}

function ofState({ step, side }: FilesPlace): { readonly step: number; readonly side: FilesPlace["side"] } {
  return { step: step.id + 1, side };
}

function entryAnswer({
  name,
  kind,
  size,
  mode,
  target,
  uid,
  gid,
  mtimeMs,
}: FileEntry): ResultOf<"files">["entries"][number] {
  return { name, kind, bytes: size, mode: permissions(mode), target, uid, gid, modifiedAt: mtimeMs };
}
