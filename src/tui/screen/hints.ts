/** Which keys the last row shows now. */

import type { CommandId } from "../../console/command-table.ts";
import { defaultKeys, type Keys } from "../commands/key-bindings.ts";
import { printedKey } from "../commands/keymap.ts";
import type { Hint, HintModel } from "../drawing/hint-row.ts";
import { PANES } from "../panes/all-panes.ts";
import { type Availability, whyUnavailable } from "../state/availability.ts";

/** From this width on the long words are used, and more keys are offered. */
const WIDE_COLUMNS = 110;

/** Most important first. */
const RUN_NARROW: readonly CommandId[] = [
  "next",
  "into",
  "finish",
  "continue",
  "thread",
  "run-to",
  "break-line",
  "shell",
];
/** Where an earlier stop is stood at. */
const PAST_NARROW: readonly CommandId[] = [
  "step-back",
  "next",
  "reverse-continue",
  "continue",
  "goto",
  "shell",
  "swap",
];
const RUN_WIDE: readonly CommandId[] = [...RUN_NARROW, "changes", "rerun", "edit"];

export function hintModel(now: Availability, columns: number): HintModel {
  const wide = columns >= WIDE_COLUMNS;
  if (now.overlay !== "none") return overlayHints(now.overlay);
  if (now.keyboard !== "debugger") return programHints(now, wide);
  const commands = commandsFor(now, wide).filter((command) => whyUnavailable(command, now) === undefined);
  return {
    lead: undefined,
    hints: commands.map((command) => spelled(command, hintOf(command, wide, now.keys), now, wide)),
    last: hintOf("help", wide, now.keys),
  };
}

function spelled(command: CommandId, hint: Hint, now: Availability, wide: boolean): Hint {
  const pane = PANES[now.pane];
  if (pane.spelled !== undefined) return pane.spelled(command, hint, now, wide);
  if (command === "rerun" && now.status === "lost") return { ...hint, label: "connect again" };
  // A step that did not fail has an AFTER in place of a FAILED.
  return command === "swap" && now.status !== "failed" ? { ...hint, label: "base/after" } : hint;
}

function programHints({ keys, keyboard }: Availability, wide: boolean): HintModel {
  const leave = (keys.bindingOf("keyboard")?.keys ?? []).map(printedKey).join(" or ");
  const there =
    wide && keyboard === "shell"
      ? `returns to the debugger  (there: ${keys.keyOf("swap")} BASE/FAILED, ${keys.keyOf("zoom")} zoom, ${keys.keyOf("page-up")} scroll)`
      : "returns to the debugger";
  return {
    lead: `${keyboard.toUpperCase()}: every key goes to the ${keyboard}`,
    hints: leave === "" ? [] : [{ keys: leave, label: there }],
    last: undefined,
  };
}

function overlayHints(overlay: Exclude<Availability["overlay"], "none">): HintModel {
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

function commandsFor(now: Availability, wide: boolean): readonly CommandId[] {
  const own = PANES[now.pane].hints?.(now, wide);
  if (own !== undefined) return own;
  if (now.isPast === true) return [...PAST_NARROW, ...wideOnly(wide, "changes", "thread", "rerun")];
  switch (now.status) {
    case "connecting":
    case "ended":
      return ["quit"];
    case "loading":
      return ["pane-log", "quit"];
    case "broken":
      return ["edit", "rerun", "palette", "quit"];
    case "loaded":
    case "paused":
      return wide ? RUN_WIDE : runNarrow(now);
    case "running":
      return [
        "pause",
        "interrupt",
        "thread",
        "break-line",
        "pane-log",
        "search",
        ...wideOnly(wide, "zoom", "palette"),
      ];
    case "failed":
      return [
        "shell",
        "swap",
        "changes",
        "thread",
        "edit",
        "rerun",
        "export",
        ...wideOnly(wide, "step-back", "palette"),
        "quit",
      ];
    case "finished":
      return [
        "shell",
        "swap",
        "changes",
        "thread",
        "rerun",
        "rerun-options",
        "edit",
        ...wideOnly(wide, "step-back", "palette"),
        "quit",
      ];
    case "lost":
      return ["rerun", "quit"];
  }
}

/** A row of 80 columns has no room for all: the cursor can be run to from the help too. */
function runNarrow(now: Availability): readonly CommandId[] {
  const isOfSeveral = whyUnavailable("thread", now) === undefined;
  return isOfSeveral ? RUN_NARROW.filter((command) => command !== "run-to") : RUN_NARROW;
}

function wideOnly(wide: boolean, ...commands: readonly CommandId[]): readonly CommandId[] {
  return wide ? commands : [];
}

export function hintOf(command: CommandId, wide: boolean, keys: Keys = defaultKeys): Hint {
  const binding = keys.bindingOf(command);
  return { keys: keys.keyOf(command), label: (wide ? binding?.longHint : binding?.hint) ?? command };
}
