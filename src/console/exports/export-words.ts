/** Exported states in words that all front ends share. */
import { byteSize } from "../../base/words.ts";
import type { ExportedState } from "../../debugger/exported.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import type { ExportSource, Progress, StateSide } from "../../engine/engine.ts";
import { madeLines } from "../phrases/output-words.ts";

/** E.g. "FAILED of step 6/9". */
export function stateName(side: StateSide, step: number, steps: number): string {
  return `${sideWord(side)} of step ${step + 1}/${steps}`;
}

/** What was made, how the state was had, and what is not in it; untrusted text. */
export function exportedLines(made: ExportedState, steps: number): readonly string[] {
  const [first = "", ...more] = madeLines(made.outputs);
  const changed = made.isChanged ? ", with what was done in its shells" : "";
  return [
    `exported ${stateName(made.side, made.step, steps)}${changed}: ${first}`,
    ...more,
    ...wayLines(made.way),
    ...made.notes.map((note) => `note: ${note}`),
  ];
}

function wayLines(way: ExportSource["way"]): readonly string[] {
  switch (way) {
    case "solved":
    case "captured":
      return [];
    case "reproduced":
      return ["note: this engine keeps no failed state: the command was run again, over BASE, for it"];
    case "rebuilt":
      return ["note: the command was run again for it"];
  }
}

/** What an export is at, e.g. "exporting layers", "reading the state out of its container: 38 MB"; untrusted text. */
export function progressWords(progress: Progress): string | undefined {
  switch (progress.kind) {
    case "vertex":
      if (progress.startedMs === undefined || progress.completedMs !== undefined) return undefined;
      return progress.name.replace(/^\[internal\] /, "");
    case "status": {
      const { id, current } = progress;
      return current > 0 ? `${id}: ${byteSize(current)}` : id;
    }
    case "log":
    case "warning":
      return undefined;
  }
}
