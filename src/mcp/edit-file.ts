/** Changes a text file of the build: a piece of it that is named exactly, or lines by their numbers; and shows the difference. */
import { randomBytes } from "node:crypto";
import { constants, type FileHandle, open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { diffLines } from "../base/line-diff.ts";
import { inSlices } from "../base/slices.ts";
import { count } from "../base/words.ts";
import { type Place, type Places, placeOf } from "./places.ts";

/** What is to be changed. `old`: a piece of the text; `from`, `to`: whole lines, from 1; neither: a new file. */
export interface Edit {
  readonly path: string;
  readonly old: string | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly new: string;
}

export interface Edited {
  /** As the client called it. */
  readonly shown: string;
  readonly isNew: boolean;
  /** Lines with `-`, `+` or a blank before them; untrusted text. */
  readonly difference: readonly string[];
}

const LARGEST_FILE = 1024 * 1024;
const LINES_AROUND = 2;
const NEW_MODE = 0o644;

/** @throws {BktuiError} with why nothing was changed, and what to do instead. */
export async function editFile(
  edit: Edit,
  places: Places,
  { signal }: { readonly signal: AbortSignal },
): Promise<Edited> {
  const place = await placeOf(edit.path, places);
  const isAddressed = edit.old !== undefined || edit.from !== undefined;
  if (!place.exists) {
    if (isAddressed || edit.to !== undefined)
      throw new BktuiError("not-found", `${place.shown} is not there`, {
        hint: "Without old, from and to the file is made anew with the text of new.",
      });
    await replaceFile(place, edit.new, undefined);
    return { shown: place.shown, isNew: true, difference: await differenceOf("", edit.new, { signal }) };
  }
  if (!isAddressed)
    throw new BktuiError("usage", `${place.shown} is there already`, {
      hint: "Say what is to be changed: old (a piece of its text, exactly), or from and to (line numbers).",
    });
  const { text, mode } = await readText(place);
  const after =
    edit.old === undefined ? withLines(text, edit, place) : withPiece(text, edit.old, edit.new, place);
  if (after === text)
    throw new BktuiError("usage", `${place.shown} would be the same as before`, {
      hint: "source shows what it has now.",
    });
  await replaceFile(place, after, mode);
  return { shown: place.shown, isNew: false, difference: await differenceOf(text, after, { signal }) };
}

/** A file of the build as text. @throws {BktuiError} when it is none, or too large. */
export async function readText(place: Place): Promise<{ readonly text: string; readonly mode: number }> {
  // No pipe is waited for, and no link that came meanwhile is followed.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let handle: FileHandle;
  try {
    handle = await open(place.path, flags);
  } catch (error) {
    throw failed("read", place, error);
  }
  try {
    const facts = await handle.stat();
    if (!facts.isFile())
      throw new BktuiError("usage", `${place.shown} is no file`, { hint: "Name a file in it." });
    if (facts.size > LARGEST_FILE)
      throw new BktuiError(
        "usage",
        `${place.shown} has ${facts.size} bytes; up to 1 MiB is read and edited here`,
      );
    const bytes = await handle.readFile();
    const text = bytes.toString("utf8");
    if (bytes.includes(0) || !Buffer.from(text).equals(bytes))
      throw new BktuiError("usage", `${place.shown} is no text in UTF-8`, {
        hint: "What is binary cannot be read or edited here.",
      });
    return { text, mode: facts.mode & 0o7777 };
  } finally {
    await handle.close();
  }
}

function withPiece(text: string, old: string, now: string, { shown }: Place): string {
  if (old === "")
    throw new BktuiError("usage", "old is empty", { hint: "Give the piece that is to be replaced." });
  const at = text.indexOf(old);
  if (at < 0)
    throw new BktuiError("not-found", `${shown} does not have the text of old`, {
      hint: "It must be the same to the last blank; source shows the file. Or use from and to.",
    });
  if (text.indexOf(old, at + 1) >= 0)
    throw new BktuiError("usage", `${shown} has the text of old more than once`, {
      hint: "Give more of what stands around it, or use from and to.",
    });
  // Not String.replace, for which $& and the like mean something.
  return text.slice(0, at) + now + text.slice(at + old.length);
}

function withLines(text: string, { from = 1, to = from, new: now }: Edit, { shown }: Place): string {
  const lines = text.split(/(?<=\n)/);
  if (to < from) throw new BktuiError("usage", `to (${to}) is before from (${from})`);
  if (to > lines.length)
    throw new BktuiError("usage", `${shown} has ${count(lines.length, "line")}`, {
      hint: "source shows them with their numbers.",
    });
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const isLast = to === lines.length && !text.endsWith("\n");
  const put = now === "" || now.endsWith("\n") || isLast ? now : now + end;
  return [...lines.slice(0, from - 1), put, ...lines.slice(to)].join("");
}

/** A new file in its place: what else is linked to the old one stays as it is, and nobody reads half of it. */
async function replaceFile(place: Place, text: string, mode: number | undefined): Promise<void> {
  const draft = join(dirname(place.path), `.${basename(place.path)}.${randomBytes(4).toString("hex")}.bktui`);
  try {
    await writeFile(draft, text, { mode: mode ?? NEW_MODE, flag: "wx" });
    await rename(draft, place.path);
  } catch (error) {
    await rm(draft, { force: true });
    throw failed("written", place, error);
  }
}

function failed(what: string, { shown }: Place, error: unknown): BktuiError {
  const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return new BktuiError("io", `${shown} cannot be ${what}: ${why}`, { cause: error });
}

/** What changed, with some lines around it, as `diff -u` shows it. */
async function differenceOf(
  before: string,
  after: string,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const [old, now] = [linesOf(before), linesOf(after)];
  const runs = await inSlices(diffLines(old, now), options);
  if (runs === undefined) return ["(too different to be shown line by line)"];
  const rows = runs.flatMap(({ kind, before: from, after: to, count: number }) =>
    Array.from({ length: number }, (_, index) => {
      const [sign, line, text] =
        kind === "removed"
          ? ["-", from + index, old[from + index]]
          : [kind === "added" ? "+" : " ", to + index, now[to + index]];
      return { sign, text: `${sign} ${String(line + 1).padStart(4)}  ${text ?? ""}`.trimEnd() };
    }),
  );
  const isNear = (at: number): boolean =>
    rows.slice(Math.max(0, at - LINES_AROUND), at + LINES_AROUND + 1).some(({ sign }) => sign !== " ");
  return rows.flatMap(({ text }, at) => {
    if (isNear(at)) return [text];
    return isNear(at + 1) && at > 0 ? ["  …"] : [];
  });
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
