/** Which keys the last row shows now. */

import type { CommandId } from "../../console/command-table.ts";
import { defaultKeys, type Keys } from "../commands/key-bindings.ts";
import { printedKey } from "../commands/keymap.ts";
import type { Hint, HintModel } from "../drawing/hint-row.ts";
import { hasProgram, type Situation, whyNotNow } from "../state/availability.ts";

/** From this width on the long words are used, and more keys are offered. */
const WIDE_COLUMNS = 110;

/** Most important first; those after "|" are for wide screens. */
const RUN_NARROW: readonly CommandId[] = [
  "next",
  "into",
  "finish",
  "continue",
  "run-to",
  "break-line",
  "shell",
];
const RUN_WIDE: readonly CommandId[] = [...RUN_NARROW, "changes", "rerun", "edit"];

const FILES: readonly CommandId[] = [
  "file-open",
  "file-fold",
  "files-all",
  "copy",
  "file-write",
  "search",
  "swap",
  "files-sort",
  "back",
];

const READING: readonly CommandId[] = [
  "back",
  "page-down",
  "file-fold",
  "files-all",
  "copy",
  "file-write",
  "swap",
  "search",
];

export function hintModel(now: Situation, columns: number): HintModel {
  const wide = columns >= WIDE_COLUMNS;
  if (now.overlay !== "none") return overlayHints(now.overlay);
  if (now.keyboard !== "debugger") return programHints(now, wide);
  const commands = commandsFor(now, wide).filter((command) => whyNotNow(command, now) === undefined);
  return {
    lead: undefined,
    hints: commands.map((command) =>
      now.pane === "graph" ? graphHint(command, now, wide) : spelledFor(now, hintOf(command, wide, now.keys)),
    ),
    last: hintOf("help", wide, now.keys),
  };
}

/** Keys that go two ways are named together; what stands under the cursor is a step, not a line. */
function graphHint(command: CommandId, now: Situation, wide: boolean): Hint {
  const hint = hintOf(command, wide, now.keys);
  const pair = (other: CommandId): string => `${hint.keys}/${now.keys.keyOf(other)}`;
  switch (command) {
    case "down":
      return { keys: pair("up"), label: "move" };
    case "graph-input":
      return { keys: pair("graph-consumer"), label: "parent/child" };
    case "run-to":
      return { ...hint, label: wide ? "run to here" : "run to" };
    case "copy":
      return { ...hint, label: "copy digest" };
    default:
      return spelledFor(now, hint);
  }
}

/** A step that did not fail has an AFTER in place of a FAILED. */
function spelledFor(now: Situation, hint: Hint): Hint {
  const { moment, keys, pane } = now;
  if (pane === "files") return spelledForFiles(now, hint);
  if (pane === "editor" && hint.keys === keys.keyOf("keyboard")) return { ...hint, label: "to the editor" };
  if (moment === "lost" && hint.keys === keys.keyOf("rerun")) return { ...hint, label: "connect again" };
  return hint.keys === keys.keyOf("swap") && moment !== "failed" ? { ...hint, label: "base/after" } : hint;
}

function spelledForFiles({ keys, files }: Situation, hint: Hint): Hint {
  const labels: readonly (readonly [CommandId, string])[] = [
    ["copy", "copy path"],
    ["swap", "swap sides"],
    ["files-all", files?.lists === "all" ? "changed" : "all"],
    ["page-down", "scroll"],
    ["back", files?.isReading === true ? "close" : "back"],
  ];
  const label = labels.find(([command]) => keys.keyOf(command) === hint.keys)?.[1];
  return label === undefined ? hint : { ...hint, label };
}

function programHints({ keys, keyboard }: Situation, wide: boolean): HintModel {
  const leave = (keys.bindingOf("keyboard")?.keys ?? []).map(printedKey).join(" or ");
  const there =
    wide && keyboard === "shell"
      ? "returns to the debugger  (there: x BASE/FAILED, z zoom, PgUp scroll)"
      : "returns to the debugger";
  return {
    lead: `${keyboard.toUpperCase()}: every key goes to the ${keyboard}`,
    hints: leave === "" ? [] : [{ keys: leave, label: there }],
    last: undefined,
  };
}

function overlayHints(overlay: Exclude<Situation["overlay"], "none">): HintModel {
  const closing: Hint = { keys: "Esc", label: "close" };
  switch (overlay) {
    case "help":
      return {
        lead: "type to filter",
        hints: [
          { keys: "Up/Down", label: "choose" },
          { keys: "Enter", label: "run the command" },
        ],
        last: closing,
      };
    case "prompt":
      return {
        lead: undefined,
        hints: [
          { keys: "Enter", label: "accept" },
          { keys: "Up/Down", label: "choose" },
          { keys: "Tab", label: "complete" },
        ],
        last: { keys: "Esc", label: "cancel" },
      };
    case "menu":
      return {
        lead: undefined,
        hints: [
          { keys: "j/k", label: "choose" },
          { keys: "Enter", label: "accept" },
        ],
        last: { keys: "Esc", label: "cancel" },
      };
    case "question":
      return {
        lead: undefined,
        hints: [
          { keys: "y", label: "yes" },
          { keys: "n", label: "no" },
        ],
        last: { keys: "Esc", label: "no" },
      };
    case "text":
      return { lead: undefined, hints: [{ keys: "j/k", label: "scroll" }], last: closing };
  }
}

function commandsFor(now: Situation, wide: boolean): readonly CommandId[] {
  if (now.pane === "breaks")
    return ["break-toggle", "break-go", "break-add", "break-delete", "back", ...wideOnly(wide, "break-undo")];
  if (now.pane === "files") return now.files?.isReading === true ? READING : FILES;
  if (now.pane === "graph" && hasProgram(now.moment))
    return ["down", "graph-input", "graph-go", "run-to", "break-line", ...wideOnly(wide, "graph-op", "copy")];
  if (now.pane === "editor") return ["keyboard", "zoom", "pane-source", "back"];
  if (now.pane === "shell" && now.shellOpen) {
    return ["keyboard", "swap", "page-up", "search", "zoom", "shell-restart", "shell-end"];
  }
  switch (now.moment) {
    case "connecting":
    case "ended":
      return ["quit"];
    case "loading":
      return ["pane-log", "quit"];
    case "broken":
      return ["edit", "rerun", "palette", "quit"];
    case "loaded":
    case "paused":
      return wide ? RUN_WIDE : RUN_NARROW;
    case "running":
      return ["pause", "interrupt", "break-line", "pane-log", "search", ...wideOnly(wide, "zoom", "palette")];
    case "failed":
      if (now.pane === "log" && now.failures > 1)
        return [
          "failure-next",
          "shell",
          "swap",
          "changes",
          "edit",
          "rerun",
          ...wideOnly(wide, "palette"),
          "quit",
        ];
      return ["shell", "swap", "changes", "edit", "rerun", ...wideOnly(wide, "palette"), "quit"];
    case "finished":
      return [
        "shell",
        "swap",
        "changes",
        "rerun",
        "rerun-options",
        "edit",
        ...wideOnly(wide, "palette"),
        "quit",
      ];
    case "lost":
      return ["rerun", "quit"];
  }
}

function wideOnly(wide: boolean, ...commands: readonly CommandId[]): readonly CommandId[] {
  return wide ? commands : [];
}

export function hintOf(command: CommandId, wide: boolean, keys: Keys = defaultKeys): Hint {
  const binding = keys.bindingOf(command);
  return { keys: keys.keyOf(command), label: (wide ? binding?.longHint : binding?.hint) ?? command };
}
