/** `bktui history`: the records of an engine, one below the other. */
import { visibleLine } from "../../base/visible.ts";
import {
  durationWords,
  endWords,
  failureWords,
  recordName,
  timeWords,
} from "../../console/records/record-words.ts";
import type { BuildRecord, RecordedFailure, RecordSource } from "../../engine/record.ts";
import type { CommandResult } from "../front-ends.ts";

/** Newest first, with what opens each. */
export async function listHistory(
  source: RecordSource,
  { signal, json }: { readonly signal: AbortSignal; readonly json: boolean },
): Promise<CommandResult> {
  const lines: string[] = [];
  for (const [index, record] of source.records.entries()) {
    // A record whose pieces are gone is listed all the same.
    const failure = await source.failure(record, { signal }).catch(() => undefined);
    if (json) lines.push(JSON.stringify(plainly(record, failure)));
    else lines.push(...linesOf(record, index, failure));
  }
  if (lines.length > 0 || json) return { text: lines.join("\n"), exitCode: 0 };
  return { text: `${source.place} has no record of a build`, exitCode: 0 };
}

function linesOf(
  record: BuildRecord,
  index: number,
  failure: RecordedFailure | undefined,
): readonly string[] {
  const head = [`^${index}`.padEnd(4), timeWords(record.startedMs), "", recordName(record)].join(" ");
  const why = record.error === "" ? [] : [`     ${failureWords(record, failure)}`];
  return [head, `     ${endWords(record)}  ${record.ref}`, ...why].map((each) => visibleLineOf(each));
}

/** Blanks in front stay. */
function visibleLineOf(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  return indent + visibleLine(line);
}

function plainly(record: BuildRecord, failure: RecordedFailure | undefined) {
  const { ref, status, startedMs, completedMs, steps, error } = record;
  return {
    ref,
    name: recordName(record),
    status,
    started: new Date(startedMs).toISOString(),
    duration: completedMs === undefined ? undefined : durationWords(completedMs - startedMs),
    steps,
    error: error === "" ? undefined : failureWords(record, failure),
  };
}
