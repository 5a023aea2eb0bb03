/** The rows of the source pane: lines, end-of-stage positions and messages, found by index without listing them. */
import { type Line, lineOf } from "../../../graph/graph.ts";

export type SourceRow =
  | { readonly kind: "line"; readonly line: Line }
  | { readonly kind: "end"; readonly stage: string }
  | {
      readonly kind: "message";
      readonly line: Line;
      readonly text: string;
      /** Where the `^` points, in characters from 0; undefined on the further rows of a long message. */
      readonly column: number | undefined;
    };

export interface StageEnd {
  readonly stage: string;
  /** The row stands below this line. */
  readonly after: Line;
}
export interface SourceMessage {
  readonly line: Line;
  /** Each of its lines is a row of its own. */
  readonly text: string;
  /** Counts from 0; undefined = the first character that is not blank. */
  readonly column: number | undefined;
}

/** Immutable. Row indexes count from 0. */
export interface SourceLayout {
  readonly rows: number;
  readonly lines: number;
  rowAt(index: number): SourceRow | undefined;
  indexOfLine(line: Line): number;
  indexOfEnd(stage: string): number | undefined;
}

interface Extra {
  readonly after: number;
  readonly row: Exclude<SourceRow, { readonly kind: "line" }>;
}

/** Ends and messages that name a line outside the text stand at its border. */
export function sourceLayout(
  lines: number,
  ends: readonly StageEnd[],
  messages: readonly SourceMessage[] = [],
): SourceLayout {
  const extras = [...messages.flatMap(messageRows), ...ends.map(endRow)]
    .map((extra) => ({ ...extra, after: Math.max(0, Math.min(lines, extra.after)) }))
    .sort((a, b) => a.after - b.after);
  const endIndexes = new Map<string, number>();
  for (const [index, extra] of extras.entries()) {
    if (extra.row.kind === "end") endIndexes.set(extra.row.stage, extra.after + index);
  }
  return {
    rows: lines + extras.length,
    lines,
    rowAt: (index) => rowAt(index, lines, extras),
    indexOfLine: (line) => indexOfLine(Math.max(1, Math.min(lines, line)), extras),
    indexOfEnd: (stage) => endIndexes.get(stage),
  };
}

function messageRows(message: SourceMessage): readonly Extra[] {
  return message.text.split(/\r?\n/).map((text, index) => ({
    after: message.line,
    row: {
      kind: "message",
      line: message.line,
      text,
      column: index === 0 ? (message.column ?? 0) : undefined,
    },
  }));
}

function endRow(end: StageEnd): Extra {
  return { after: end.after, row: { kind: "end", stage: end.stage } };
}

/** Extra number k stands at row `after + k`: lines 1 to `after` and k extras are above it. */
function rowAt(index: number, lines: number, extras: readonly Extra[]): SourceRow | undefined {
  if (index < 0 || index >= lines + extras.length) return undefined;
  const before = countWhile(extras, (extra, k) => extra.after + k < index);
  const extra = extras[before];
  if (extra !== undefined && extra.after + before === index) return extra.row;
  return { kind: "line", line: lineOf(index - before + 1) };
}

function indexOfLine(line: number, extras: readonly Extra[]): number {
  return line - 1 + countWhile(extras, (extra) => extra.after < line);
}

/** Length of the front part of the list for which `holds` is true (it must be a front part). */
function countWhile(extras: readonly Extra[], holds: (extra: Extra, index: number) => boolean): number {
  let low = 0;
  let high = extras.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const extra = extras[middle];
    if (extra !== undefined && holds(extra, middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
