/** A shell's phase in words. */

import { count } from "../../../base/words.ts";
import type { ShellSurface } from "../../emulator/emulator.ts";
import { selectedLines } from "../../emulator/selection.ts";
import type { Shell } from "../../emulator/shell-state.ts";
import type { ShellView } from "../../screen/view.ts";

export function endWords({
  code,
  kept,
}: {
  readonly code: number | undefined;
  readonly kept: boolean;
}): string {
  if (code === undefined) return "shell ended: the engine released this state";
  return `shell exited with ${code}, ! opens again${kept ? " in its files" : ""}`;
}

/** What the pane shows of a shell. */
export function phaseView(shell: Shell | undefined): ShellView["phase"] {
  if (shell === undefined) return { kind: "none" };
  const { phase, place, isDebugRoot } = shell;
  switch (phase.kind) {
    case "opening":
      return { kind: "opening" };
    case "failed":
      return {
        kind: phase.error.code === "not-found" || isDebugRoot ? "shell-less" : "failed",
        message: phase.error.message,
        hint: phase.error.hint,
      };
    case "alive":
      return { kind: "alive", surface: phase.surface, place, note: scrollWords(phase.surface) };
    case "ended":
      return { kind: "ended", surface: phase.surface, place, note: endWords(phase) };
  }
}

/** "3 lines selected, y copies", "120 lines above the end". */
function scrollWords(surface: ShellSurface): string {
  const { selection } = surface;
  if (selection !== undefined) {
    const [first, last] = selectedLines(selection);
    return `${selection.unit === "lines" ? count(last - first + 1, "line") : "characters"} selected, y copies`;
  }
  return surface.linesAboveEnd === 0 ? "" : `${count(surface.linesAboveEnd, "line")} above the end`;
}
