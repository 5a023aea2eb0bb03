/** What the shell pane shows of a shell, and its phase in words. */

import { count } from "../../../base/words.ts";
import { shellEndWords } from "../../../console/phrases/shell-words.ts";
import type { StateSide } from "../../../engine/engine.ts";
import type { Step } from "../../../graph/program.ts";
import type { RowSource } from "../../cells/rect.ts";
import type { Keys } from "../../commands/key-bindings.ts";
import { helpfulWords } from "../../commands/remedy-words.ts";
import type { Emulator } from "../../emulator/emulator.ts";
import { selectedLines } from "../../emulator/selection.ts";
import type { Shell } from "../../emulator/shell-state.ts";

/** The shell that the shell pane shows. */
export interface ShellView {
  readonly step: Step;
  readonly side: StateSide;
  /** The other state that "swap" would show. */
  readonly other: StateSide | undefined;
  /** The engine kept no FAILED: the command ran again in the shell's container. */
  readonly reproduced: boolean;
  /** Which of the state's shells it is, counted from 1, and how many there are. */
  readonly number: number;
  readonly count: number;
  readonly phase:
    | { readonly kind: "none" }
    | { readonly kind: "opening" }
    | {
        readonly kind: "alive" | "ended";
        readonly content: RowSource;
        readonly place: string;
        readonly note: string;
      }
    /** "shell-less": no shell is in the image, other ways to look are offered. */
    | {
        readonly kind: "failed" | "shell-less";
        readonly message: string;
        readonly hint: string | undefined;
      };
}

/** What the pane shows of a shell. */
export function phaseView(shell: Shell | undefined, keys: Keys): ShellView["phase"] {
  if (shell === undefined) return { kind: "none" };
  const { phase, isDebugRoot } = shell;
  switch (phase.kind) {
    case "opening":
      return { kind: "opening" };
    case "failed":
      return {
        kind: phase.error.code === "not-found" || isDebugRoot ? "shell-less" : "failed",
        message: phase.error.message,
        hint: helpfulWords(phase.error, keys),
      };
    case "alive":
      return { kind: "alive", ...shownOf(phase.display), note: scrollWords(phase.display.emulator, keys) };
    case "ended":
      return { kind: "ended", ...shownOf(phase.display), note: shellEndWords(phase, keys.keyOf("shell")) };
  }
}

function shownOf({ emulator, place }: Extract<Shell["phase"], { kind: "alive" }>["display"]): {
  readonly content: RowSource;
  readonly place: string;
} {
  return { content: emulator, place };
}

/** "3 lines selected, y copies", "120 lines above the end". */
function scrollWords(emulator: Emulator, keys: Keys): string {
  const { selection } = emulator;
  if (selection !== undefined) {
    const [first, last] = selectedLines(selection);
    const what = selection.unit === "lines" ? count(last - first + 1, "line") : "characters";
    return `${what} selected, ${keys.keyOf("copy")} copies`;
  }
  return emulator.linesAboveEnd === 0 ? "" : `${count(emulator.linesAboveEnd, "line")} above the end`;
}
