/** Where the context and the Dockerfile of a recorded build are on this machine. */
import { readFile, stat } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { atCommit, type RecordFacts } from "../../console/records/record-facts.ts";
import { isUploaded, recordedFilename, remoteContext } from "../../console/records/record-words.ts";
import { withoutPassword } from "../../engine/build-sources.ts";
import type { BuildRecord } from "../../engine/record.ts";
import { readInstructions } from "../../graph/dockerfile-text.ts";
import type { TypedPath } from "../typed-source.ts";

/** What was typed beside the record. */
export interface GivenFiles {
  readonly context: TypedPath | undefined;
  readonly file: TypedPath | undefined;
}

export interface RecordedFiles {
  /** `-f` where it is needed, and the context. */
  readonly words: readonly string[];
  /** The text of a Dockerfile that is no file here, for which "-" stands among the words. */
  readonly inline: string | undefined;
  /** The Dockerfile as it is now; undefined where it is not here. */
  readonly text: string | undefined;
  readonly notes: readonly string[];
}

export interface Looking {
  readonly given: GivenFiles;
  readonly cwd: string;
  /** The machine's own record: what it says of places may be followed. */
  readonly isOwn: boolean;
  /** Of the record, for people and to type again, e.g. "bktui last". */
  readonly command: string;
}

const STDIN = "-";

/** @throws {BktuiError} "not-found" with the option that helps. */
export async function recordedFiles(
  record: BuildRecord,
  facts: RecordFacts,
  looking: Looking,
): Promise<RecordedFiles> {
  const { given } = looking;
  const url = remoteContext(record);
  if (url !== undefined && given.context === undefined) return fetched(url, record, facts, looking);
  const context = await contextOf(record, facts, looking);
  if (context === STDIN) return { ...aloneFile(facts, looking), notes: [] };
  const file = await fileIn(context.path, record, facts, looking);
  if (file === undefined) {
    const recorded = facts.source?.text;
    if (recorded === undefined)
      throw new BktuiError(
        "not-found",
        `the record does not hold its Dockerfile ${recordedFilename(record)}`,
        {
          hint: `name the file: ${looking.command} -f FILE --context ${context.path}`,
        },
      );
    const note = `there is no ${recordedFilename(record)} in ${context.path}: the record's own text of it is built, edits go into a private copy`;
    return {
      words: ["--file=-", context.path],
      inline: recorded,
      text: recorded,
      notes: [...context.notes, note],
    };
  }
  const text = await readFile(file, "utf8").catch(() => undefined);
  const recorded = facts.source?.text;
  const isOther = recorded !== undefined && text !== undefined && text !== recorded;
  const changed = `${file} is not what was built then: it has been changed since, and is built as it is now`;
  return {
    words: [`--file=${file}`, context.path],
    inline: undefined,
    text,
    notes: isOther ? [...context.notes, changed] : context.notes,
  };
}

function fetched(
  url: string,
  record: BuildRecord,
  { source, commit }: RecordFacts,
  { given, command }: Looking,
): RecordedFiles {
  // Of a path in the record only what is within the context counts: a whole one would be a file of this machine.
  const file = given.file?.text ?? recordedFilename(record).replace(/^[/-]+/, "");
  // The client's own file beside a fetched context is none of the context's.
  const isBeside = given.file === undefined && record.attributes["dockerfilekey"] !== undefined;
  const at = atCommit(url, commit);
  const moved =
    commit === undefined
      ? [`the record does not say which commit ${withoutPassword(url)} was then: it is taken as it is now`]
      : [];
  if (!isBeside) return { words: [`--file=${file}`, at], inline: undefined, text: undefined, notes: moved };
  if (source?.text === undefined)
    throw new BktuiError("not-found", `the record does not hold its Dockerfile ${file}`, {
      hint: `name the file: ${command} -f FILE`,
    });
  return { words: ["--file=-", at], inline: source.text, text: source.text, notes: moved };
}

/** A Dockerfile that came on standard input, without any context. */
function aloneFile({ source }: RecordFacts, { command }: Looking): Omit<RecordedFiles, "notes"> {
  if (source?.text === undefined)
    throw new BktuiError(
      "not-found",
      "the Dockerfile came on standard input, and the record does not hold it",
      {
        hint: `name the file: ${command} -f FILE --context DIRECTORY`,
      },
    );
  return { words: [STDIN], inline: source.text, text: source.text };
}

async function contextOf(
  record: BuildRecord,
  { source }: RecordFacts,
  { given, cwd, isOwn, command }: Looking,
): Promise<{ readonly path: string; readonly notes: readonly string[] } | typeof STDIN> {
  if (given.context !== undefined) return { path: given.context.path, notes: [] };
  const fail = (why: string): never => {
    throw new BktuiError("not-found", why, { hint: `name the directory: ${command} --context DIRECTORY` });
  };
  if (isUploaded(record))
    return fail("the build context was a tar on standard input, which records do not hold");
  const noted = isOwn ? record.places?.context : undefined;
  if (noted === STDIN) return STDIN;
  if (noted !== undefined && isAbsolute(noted)) {
    if (await isDirectory(noted)) return { path: noted, notes: [] };
    return fail(`the build context ${visibleLine(noted)} of the record is gone`);
  }
  const here = join(cwd, safeName(record));
  const text = await readFile(here, "utf8").catch(() => undefined);
  if (text !== undefined && text === source?.text)
    return { path: cwd, notes: [`the build context is ${cwd}, whose ${safeName(record)} is the record's`] };
  return fail("the record does not say which directory was the build context");
}

/** The Dockerfile of a directory; undefined when it is not there. */
async function fileIn(
  context: string,
  record: BuildRecord,
  { source }: RecordFacts,
  { given, isOwn }: Looking,
): Promise<string | undefined> {
  if (given.file !== undefined) return given.file.path;
  const noted = isOwn && given.context === undefined ? record.places?.dockerfile : undefined;
  if (noted === STDIN) return undefined;
  if (noted !== undefined && isAbsolute(noted) && (await isFile(noted))) return noted;
  const name = safeName(record);
  const directory = record.attributes["vcs:localdir:dockerfile"] ?? "";
  const places = [join(context, name), resolve(context, directory, name)].filter((path) =>
    isWithin(context, path),
  );
  let found: string | undefined;
  for (const path of places) {
    if (!(await isFile(path))) continue;
    found ??= path;
    if ((await readFile(path, "utf8").catch(() => undefined)) === source?.text) return path;
  }
  return found;
}

/** A client sends the name of the file alone: of a record that says more, nothing but that is taken. */
function safeName(record: BuildRecord): string {
  return basename(recordedFilename(record));
}

function isWithin(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/**
 * Where the failed instruction stands now: in the same line, or in the only other place with the same text. Undefined when
 * it is gone, or the record does not say where it was.
 */
export function failedLine({ source }: RecordFacts, now: string | undefined): number | undefined {
  const [range] = source?.ranges ?? [];
  if (source?.text === undefined || range === undefined) return undefined;
  if (now === undefined || now === source.text) return range.start;
  const wanted = linesOf(source.text, range.start, range.end);
  const found = readInstructions(now).filter(({ start, end }) => linesOf(now, start, end) === wanted);
  const [only] = found.length > 1 ? found.filter(({ start }) => start === range.start) : found;
  return only?.start;
}

function linesOf(text: string, start: number, end: number): string {
  return text
    .split("\n")
    .slice(start - 1, end)
    .join("\n")
    .trimEnd();
}
