/** The messages pane: everything bktui said, the newest at the end. */
import { clockTime, count } from "../../../base/words.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { listAt, scrolledList } from "../list-moves.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { listTexts, searchIn } from "../searched.ts";
import { type Message, messageRowTexts, messagesPane, messagesRowCount } from "./messages-pane.ts";

export const MESSAGES_PANE: Pane = {
  id: "messages",
  ...PANE_WORDS.messages,
  draw: (view, size) => {
    const { top } = view.ui.messagesView;
    const search = searchIn(view, "messages");
    return messagesPane({ messages: messagesOf(view), top, search }, size, view.look);
  },
  summary: ({ ui }) => count(ui.messages.length, "message"),
  height: ({ layout }) => layout.lower?.rows ?? 1,
  moved: (distance, view) => {
    const total = messagesRowCount(messagesOf(view), view.layout.lower?.columns ?? 0, view.look);
    const rows = MESSAGES_PANE.height(view);
    return [listAt("messagesView", scrolledList(view.ui.messagesView, distance, total, rows))];
  },
  sideways: () => [],
  texts: (view) => {
    const texts = messageRowTexts(messagesOf(view), view.layout.lower?.columns ?? 0, view.look);
    return listTexts("messagesView", texts, view, { hasCursor: false });
  },
  copied: ({ ui }) => ui.messages.at(-1)?.text,
  pressed: () => NOTHING_PRESSED,
};

function messagesOf({ ui }: PaneView): readonly Message[] {
  return ui.messages.map(({ text, level, atMs }) => ({
    time: clockTime(atMs),
    text,
    tone: level === "error" ? "failed" : "plain",
  }));
}
