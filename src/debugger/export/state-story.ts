/** What an exported state tells of how it came to be: the end of the step's log, and which files the step has changed. */
import { toBktuiError } from "../../base/errors.ts";
import { clipText } from "../../base/limits.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { Debugger } from "../debugger.ts";
import { CHANGE_SIGNS, sizeWords } from "../files/change-words.ts";

/** Labels are shown by every `docker inspect` of the image: the end of a long story is enough. */
const MOST_LINES = 40;
const MOST_CHANGES = 100;
const LINE_CHARACTERS = 200;

export interface StateStory {
  /** Lines; undefined = the step has printed nothing. */
  readonly log: string | undefined;
  /** A line for each file, `+ /path  14 kB`; undefined = none, or nobody can say. */
  readonly changes: string | undefined;
}

/** What cannot be had is left out: the state is exported all the same. @throws {BktuiError} "cancelled". */
export async function storyOf(
  debug: Debugger,
  { step, side }: { readonly step: Step; readonly side: StateSide },
  { signal }: { readonly signal: AbortSignal },
): Promise<StateStory> {
  if (side === "base") return { log: undefined, changes: undefined };
  return { log: logOf(debug, step), changes: await changesOf(debug, { step, side }, { signal }) };
}

function logOf(debug: Debugger, { vertices }: Step): string | undefined {
  const lines: string[] = [];
  for (const vertex of vertices) {
    const log = debug.progress.logOf(vertex);
    for (let at = Math.max(log.first, log.end - MOST_LINES); at < log.end; at += 1)
      lines.push(clipText(visibleText(debug.masked(log.line(at)?.text ?? "")), LINE_CHARACTERS));
  }
  return lines.length === 0 ? undefined : lines.slice(-MOST_LINES).join("\n");
}

async function changesOf(
  debug: Debugger,
  { step, side }: { readonly step: Step; readonly side: Exclude<StateSide, "base"> },
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const { changes } = await debug.changes(step.id, side, { signal });
    const lines = changes.slice(0, MOST_CHANGES).map((change) => {
      const words = `${CHANGE_SIGNS[change.kind]} ${change.path}  ${sizeWords(change)}`;
      return clipText(visibleLine(debug.masked(words)), LINE_CHARACTERS);
    });
    if (changes.length > MOST_CHANGES) lines.push(`and ${changes.length - MOST_CHANGES} more`);
    return lines.length === 0 ? undefined : lines.join("\n");
  } catch (error) {
    const { code } = toBktuiError(error);
    if (signal.aborted || code === "cancelled" || code === "internal") throw error;
    return undefined;
  }
}
