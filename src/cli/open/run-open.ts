/** `bktui open`, `bktui last`, `bktui history`: from a record to a debugger run on the same build. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import { visibleLine } from "../../base/visible.ts";
import { usageError } from "../../console/bad-values.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { Waiting } from "../../console/connect.ts";
import { optionWords } from "../../console/records/option-words.ts";
import { type RecordFacts, recordFacts } from "../../console/records/record-facts.ts";
import { endWords, failureWords, recordName, timeWords } from "../../console/records/record-words.ts";
import { secretsIn } from "../../console/records/secrets-in.ts";
import type { BuildRecord, RecordSource } from "../../engine/record.ts";
import { chooseUi } from "../choose-ui.ts";
import type { DebugOptions } from "../debug-options.ts";
import { ReceivedInput } from "../received.ts";
import { interruptible } from "../unattended.ts";
import type { OpenLine } from "./open-command.ts";
import { imageBuild, imageOf, namedImage, stateBuild } from "./open-image.ts";
import { type OpenRun, parsed, type RecordBuild, toldFirst, typedOptions } from "./opened-build.ts";
import { failedLine, type RecordedFiles, recordedFiles } from "./recorded-files.ts";

type Signal = { readonly signal: AbortSignal };

const IMAGE_SCHEME = "docker-image://";
/** It becomes part of a Dockerfile. */
const REFERENCE = /^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$/;

/** Answers the exit code. @throws {BktuiError} "not-found", "unsupported" and others, as for a build. */
export async function runOpenLine(line: OpenLine, run: OpenRun): Promise<number> {
  let build: RecordBuild | undefined;
  const exitCode = await interruptible(run, async (waiting) => {
    build = await buildOf(line, run, waiting);
    return 0;
  });
  if (build === undefined) return exitCode;
  using _kept = build.input;
  const typed = typedOptions(line, run);
  // It runs to where it failed, but somebody is to look around there unless `--run` was typed.
  const ui = chooseUi(typed.ui, { run: typed.run }, run) === "lines" ? "plain" : typed.ui;
  return await run.debug({ ...build, options: { ...build.options, ui } });
}

async function buildOf(line: OpenLine, run: OpenRun, waiting: Waiting): Promise<RecordBuild> {
  const { what } = line;
  const asked = { ...run, ...waiting, line };
  const path = await fileOf(what, run.cwd);
  if (path === undefined) {
    const image = imageNamed(what);
    if (image !== undefined) {
      const engine = typedOptions(line, run);
      const labels = async (name: string) => await run.imageLabels(name, engine, waiting);
      return await imageBuild(await namedImage(image, labels), asked);
    }
    await using source = await run.history(typedOptions(line, run), waiting);
    const record = recordNamed(source, what);
    return await recordBuild(source, record, { ...asked, isOwn: record.places !== undefined });
  }
  const found = await run.openFile(path, waiting);
  if ("unpack" in found) return await imageBuild(await imageOf(path, found, asked), asked);
  await using source = found;
  if (line.state) return await stateBuild(path, source, asked);
  const record = recordNamed(source, "^0");
  const foreign = { ...asked, isOwn: false };
  return line.rebuild
    ? await recordBuild(source, record, foreign)
    : await shownBuild(path, source, record, foreign);
}

/** Absolute; undefined for what is no path. @throws {BktuiError} "not-found" for a path that leads nowhere. */
async function fileOf(what: string, cwd: string): Promise<string | undefined> {
  const path = resolve(cwd, what);
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() === true) return path;
  if (!/^[./~]|\.(dockerbuild|tar|tgz|gz|zst)$/.test(what)) return undefined;
  const hint = "records of an engine are listed by bktui history";
  throw new BktuiError("not-found", `${visibleLine(path)} is no file`, { hint });
}

/** The reference of an image; undefined for the name of a record. */
function imageNamed(what: string): string | undefined {
  const text = what.startsWith(IMAGE_SCHEME) ? what.slice(IMAGE_SCHEME.length) : what;
  if (text === what && !/[:/@]/.test(what)) return undefined;
  if (REFERENCE.test(text)) return text;
  throw usageError(
    `${visibleLine(what)} is neither a record, a file nor an image`,
    "bktui history lists records",
  );
}

/** The record that was asked for: `^1` = the last but one, a ref or its beginning. @throws {BktuiError} "not-found". */
export function recordNamed({ records, place }: RecordSource, text: string): BuildRecord {
  const fail = (message: string): never => {
    throw new BktuiError("not-found", visibleLine(message), { hint: "bktui history lists them" });
  };
  const back = /^\^(\d{1,9})$/.exec(text)?.[1];
  if (back !== undefined) {
    const count = records.length;
    const why =
      count === 0 ? `${place} has no record of a build` : `${place} has ${count} records, no ${text}`;
    return records[Number(back)] ?? fail(why);
  }
  const found = records.filter(({ ref }) => text !== "" && ref.startsWith(text));
  const [only] = found.filter(({ ref }) => found.length === 1 || ref === text);
  if (only !== undefined) return only;
  return fail(
    found.length > 1
      ? `${found.length} records of ${place} begin with ${text}`
      : `${place} has no record ${text}`,
  );
}

type Asked = Surroundings & Signal & { readonly line: OpenLine; readonly isOwn: boolean };

/**
 * The same build once more, to stop where it failed: behind the failed step when that succeeds this time. Of a build that
 * succeeded, its end.
 * @param asked.isOwn it was started on this machine
 * @throws {BktuiError} "not-found" or "usage" with the option that gives what the record does not hold.
 */
export async function recordBuild(
  source: RecordSource,
  record: BuildRecord,
  asked: Asked,
): Promise<RecordBuild> {
  if (record.status === "running")
    throw new BktuiError(
      "not-now",
      `${visibleLine(recordName(record))} (${visibleLine(record.ref)}) still runs`,
      {
        hint: "wait for its end, or open another record: bktui history lists them",
      },
    );
  const facts = await recordFacts(source, record, asked);
  const given = typedOptions(asked.line, asked);
  const options = optionWords(record, { platform: facts.platform, isOwn: asked.isOwn });
  refuseLacks(options.missing, given, asked.line);
  const files = await recordedFiles(record, facts, { ...asked, given, command: asked.line.command });
  return await buildWith(files, record, facts, asked);
}

/** As it ended then; a rerun makes it again, as `recordBuild` would. What hinders that is said when it is asked for. */
async function shownBuild(
  path: string,
  source: RecordSource,
  record: BuildRecord,
  asked: Asked,
): Promise<RecordBuild> {
  const shown = { path, ref: record.ref };
  const about = bundleNotes(source, asked.line);
  try {
    const build = await recordBuild(source, record, asked);
    return {
      ...build,
      options: toldFirst(about, build.options),
      record: { ...shown, problem: undefined },
    };
  } catch (error) {
    if (!(error instanceof BktuiError) || (error.code !== "not-found" && error.code !== "usage")) throw error;
    const facts = await recordFacts(source, record, asked);
    const inline = facts.source?.text ?? NO_DOCKERFILE;
    const files = { words: ["-"], inline, text: inline, notes: [] };
    const build = await buildWith(files, record, facts, asked);
    return { ...build, options: toldFirst(about, build.options), record: { ...shown, problem: error } };
  }
}

function bundleNotes({ bundle, place }: RecordSource, { command }: OpenLine): readonly string[] {
  if (bundle === undefined) return [];
  const state = bundle.hasState ? [`${command} --state opens the state in it`] : [];
  return [...bundle.about, ...state, `tar tf ${quote(place)} lists it; its own files are in bktui/`];
}

const NO_DOCKERFILE = "# the record does not hold its Dockerfile\nFROM scratch\n";

async function buildWith(
  files: RecordedFiles,
  record: BuildRecord,
  facts: RecordFacts,
  { line, isOwn, ...surroundings }: Asked,
): Promise<RecordBuild> {
  const given = typedOptions(line, surroundings);
  const options = optionWords(record, { platform: facts.platform, isOwn });
  const own = line.words.filter((word) => !/^--(file|context)=/.test(word));
  const stops = given.breakpoints === undefined ? stopWords(facts, files.text) : [];
  const words = [...options.words, ...stops, "--run", ...own, ...files.words];
  const asked = parsed(words, surroundings);
  const notes = [
    ...storyOf(record, facts),
    ...(options.words.length === 0 ? [] : [`its options: ${options.words.map(quote).join(" ")}`]),
    ...files.notes,
    ...options.notes,
    ...lacks(facts, asked),
  ];
  const of = `the record ${visibleLine(record.ref)}`;
  const input = files.inline === undefined ? undefined : await ReceivedInput.dockerfile(files.inline, of);
  return { options: toldFirst(notes, asked), input };
}

/** Alone: those of earlier runs would stop it before. */
function stopWords(facts: RecordFacts, text: string | undefined): readonly string[] {
  const at = failedLine(facts, text);
  return ["--break=none", ...(at === undefined ? [] : [`--break=${at}:after`])];
}

function refuseLacks(
  missing: ReturnType<typeof optionWords>["missing"],
  given: DebugOptions,
  { command }: OpenLine,
): void {
  const lacking = missing.filter(({ name }) => !given.build.contexts.some((each) => each.name === name));
  if (lacking.length === 0) return;
  throw usageError(
    visibleLine(`${lacking.map(({ what }) => what).join(", ")}, and records do not say which`),
    visibleLine(`name it: ${command} ${lacking.map(({ option }) => option).join(" ")}`),
  );
}

function storyOf(record: BuildRecord, { failure }: RecordFacts): readonly string[] {
  const what = `the build ${recordName(record)} of ${timeWords(record.startedMs)} (${record.ref})`;
  const told = `${what}: ${endWords(record)}`;
  return record.error === "" ? [told] : [told, failureWords(record, failure)];
}

/** Values that no record holds, and that the failed instruction takes. */
function lacks({ source }: RecordFacts, { build }: DebugOptions): readonly string[] {
  const [range] = source?.ranges ?? [];
  if (source?.text === undefined || range === undefined) return [];
  const { secrets, agents } = secretsIn(source.text, range);
  const notes = secrets
    .filter((id) => !build.secrets.some((given) => given.id === id))
    .map(
      (id) =>
        `the step takes the secret ${id}, which records do not hold: --secret id=${id},src=FILE gives it`,
    );
  const wanted = agents.filter((id) => !build.ssh.some((given) => given.id === id));
  return [
    ...notes,
    ...wanted.map((id) => `the step takes an ssh agent, which records do not hold: --ssh ${id} gives it`),
  ];
}
