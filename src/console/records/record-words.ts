/** Records of builds in words: what was built, how it ended. Answers untrusted text. */
import { basename, relative } from "node:path";
import { exactTime, totalTime } from "../../base/words.ts";
import { withoutPassword } from "../../engine/build-sources.ts";
import type { BuildRecord, RecordedFailure } from "../../engine/record.ts";
import { isRemote } from "../build-contexts.ts";

const STDIN = "-";
/** Where buildx has a session send what came on standard input. */
const UPLOADED = "http://buildkit-session/";

/** The URL that the context was fetched from; undefined when it came from the client. */
export function remoteContext({ attributes }: BuildRecord): string | undefined {
  const url = attributes["context"] ?? attributes["input:context"];
  return url !== undefined && isRemote(url) && !url.startsWith(UPLOADED) ? url : undefined;
}

/** The context was an archive on standard input. */
export function isUploaded({ attributes }: BuildRecord): boolean {
  return attributes["context"]?.startsWith(UPLOADED) === true;
}

/** As the Dockerfile was named; relative to its directory, or to a fetched context. */
export function recordedFilename({ attributes }: BuildRecord): string {
  return attributes["filename"] || "Dockerfile";
}

/** E.g. `api/docker/Dockerfile (app)`: context, Dockerfile where it is not the usual one, target. */
export function recordName(record: BuildRecord): string {
  const given = record.attributes["build-arg:BUILDKIT_BUILD_NAME"];
  if (given !== undefined && given !== "") return given;
  const { target } = record.attributes;
  const name = sourceName(record);
  return target === undefined || target === "" ? name : `${name} (${target})`;
}

function sourceName(record: BuildRecord): string {
  const url = remoteContext(record);
  if (url !== undefined) return withoutPassword(url);
  const { context = "", dockerfile = "" } = record.places ?? {};
  const filename = recordedFilename(record);
  if (context === "" || context === STDIN) return isUploaded(record) ? `a tar: ${filename}` : filename;
  const within = dockerfile === "" || dockerfile === STDIN ? filename : relative(context, dockerfile);
  const file = within.startsWith("..") ? basename(dockerfile) : within;
  return file === "Dockerfile" ? basename(context) : `${basename(context)}/${file}`;
}

/** How it ended, and how long that took. */
export function endWords({ status, startedMs, completedMs, steps }: BuildRecord): string {
  const time = completedMs === undefined ? "" : ` after ${durationWords(completedMs - startedMs)}`;
  const cached = steps.cached === 0 ? "" : `, ${steps.cached} cached`;
  return `${status}${time}, ${steps.completed} of ${steps.total} steps${cached}`;
}

export function durationWords(ms: number): string {
  return ms < 60_000 ? exactTime(Math.max(ms, 0)) : totalTime(ms);
}

/** Where and why it failed, e.g. `Dockerfile:8: exit code 1: RUN make`. */
export function failureWords(record: BuildRecord, failure: RecordedFailure | undefined): string {
  const [source] = failure?.sources ?? [];
  const [range] = source?.ranges ?? [];
  const text = failure?.message || record.error;
  if (source === undefined || range === undefined) return text;
  const line = source.text?.split("\n")[range.start - 1]?.trim();
  const code = failure?.exitCode === undefined ? undefined : `exit code ${failure.exitCode}`;
  // A process is told with its whole command, which is the line.
  const why = code !== undefined && text.startsWith("process ") ? code : text;
  return `${source.filename}:${range.start}: ${why}${line === undefined ? "" : `: ${line}`}`;
}

/** E.g. "2026-11-29 21:35:05", of the clock here. */
export function timeWords(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
