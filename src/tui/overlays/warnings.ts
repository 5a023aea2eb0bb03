/** The frontend's warnings as a text over the screen. */
import { count } from "../../base/words.ts";
import { warningLines } from "../../debugger/explain/warning-words.ts";
import type { Warning } from "../../debugger/progress/progress-store.ts";
import type { Overlay } from "../state/ui-state.ts";

/** `:warnings`. */
export function warningsOverlay(warnings: readonly Warning[] = []): Overlay {
  const title =
    warnings.length === 0 ? "Warnings" : `${count(warnings.length, "warning")}; :LINE goes to one`;
  const lines = warnings.length === 0 ? ["there are none"] : warningLines(warnings);
  return { kind: "text", title, lines: lines.flatMap((text) => text.split("\n")), top: 0 };
}
