/** The shell pane. A live shell's screen is a layer of its own; its emulator searches, scrolls and selects itself. */
import { unreachable } from "../../../base/errors.ts";
import { debugRootWords } from "../../../debugger/shells/debug-root-words.ts";
import { sideWord } from "../../../debugger/shells/shell-launch.ts";
import { stopOf } from "../../../debugger/state/inspect.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { textBlock } from "../../drawing/text-block.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { stepAtSource } from "../selected-step.ts";
import type { ShellView } from "./shell-view.ts";

export const SHELL_PANE: Pane = {
  id: "shell",
  ...PANE_WORDS.shell,
  draw,
  summary,
  height: ({ layout }) => layout.lower?.rows ?? 1,
  moved: () => [],
  sideways: () => [],
  texts: () => undefined,
  copied: () => undefined,
  pressed: () => NOTHING_PRESSED,
  hints: ({ shellOpen }) =>
    shellOpen ? ["keyboard", "swap", "page-up", "search", "zoom", "shell-restart", "shell-end"] : undefined,
  selected: (parts) => {
    const { shell } = parts.ui;
    return shell === undefined ? stepAtSource(parts) : parts.program.steps[shell.step];
  },
};

function draw(view: PaneView, size: Size): readonly string[] {
  const { shell } = view;
  const opens = `${view.availability.keys.keyOf("shell")} opens one`;
  if (shell === undefined) {
    return textBlock(
      {
        kind: "working",
        headline: "no shell is open",
        lines: [`${opens} in the state of the selected step`],
      },
      size,
      view.look,
    );
  }
  const word = sideWord(shell.side);
  switch (shell.phase.kind) {
    case "none":
      return textBlock(
        { kind: "working", headline: `no shell on ${word} yet`, lines: [opens] },
        size,
        view.look,
      );
    case "opening":
      return textBlock(
        { kind: "working", headline: `opening a shell on ${word}`, lines: [] },
        size,
        view.look,
      );
    case "failed":
    case "shell-less":
      return drawShellFailure(shell.phase, size, view);
    case "alive":
    case "ended":
      return shell.phase.content.rows(size);
    default:
      return unreachable(shell.phase);
  }
}

function drawShellFailure(
  phase: Extract<ShellView["phase"], { message: string }>,
  size: Size,
  view: PaneView,
): readonly string[] {
  const { keys } = view.availability;
  const offers =
    phase.kind === "failed"
      ? []
      : [
          { keys: keys.keyOf("pane-source"), label: "list the files" },
          { keys: keys.keyOf("pane-steps"), label: `shell of the ${debugShellWords(view)}` },
          { keys: keys.keyOf("pane-log"), label: "run another program" },
        ];
  const model = {
    kind: "error",
    headline: phase.message,
    hint: phase.hint,
    lines: [],
    offers,
    choices: true,
  } as const;
  return textBlock(model, size, view.look);
}

/** A state that is made again has them beside it. */
function debugShellWords({ debug, shell }: PaneView): string {
  if (debug === undefined) return "debug root";
  return debugRootWords(debug.state, { isReproduced: shell?.reproduced === true }).replace(" ·", ",");
}

function summary({ shell, ui, debug, availability }: PaneView): string {
  if (shell === undefined) return "";
  const parts = [shell.reproduced ? "FAILED (reproduced)" : `${sideWord(shell.side)} state`];
  if (shell.count > 1) parts.unshift(`shell ${shell.number}/${shell.count}`);
  if (shell.other !== undefined) parts.push(`${availability.keys.keyOf("swap")}=${sideWord(shell.other)}`);
  const stop = debug === undefined ? undefined : stopOf(debug.state);
  // It would be taken for one in the step where the build stands.
  if (ui.shell !== undefined && ui.shell.step !== stop?.step) parts.unshift(`step ${ui.shell.step + 1}`);
  if (shell.phase.kind === "alive" || shell.phase.kind === "ended") {
    if (shell.phase.note !== "") parts.unshift(shell.phase.note);
    if (shell.phase.place !== "") parts.push(shell.phase.place);
  }
  return parts.join(" · ");
}
