/** The editor's pane. Its screen is a layer of its own, and the editor searches and scrolls itself. */
import { sourceName } from "../../../engine/build-sources.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { textBlock } from "../../drawing/text-block.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";

export const EDITOR_PANE: Pane = {
  id: "editor",
  ...PANE_WORDS.editor,
  draw: ({ look }, size) =>
    textBlock({ kind: "working", headline: "starting the editor", lines: [] }, size, look),
  summary: ({ request }) => sourceName(request),
  height: ({ layout }) => layout.lower?.rows ?? 1,
  moved: () => [],
  sideways: () => [],
  texts: () => undefined,
  copied: () => undefined,
  pressed: () => NOTHING_PRESSED,
  hints: () => ["keyboard", "zoom", "pane-source", "back"],
  spelled: (command, hint) => (command === "keyboard" ? { ...hint, label: "to the editor" } : hint),
};
