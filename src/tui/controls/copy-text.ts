/** What `y` copies: the line, digest or command of the selection. */
import { specText } from "../../debugger/breakpoints/break-spec.ts";
import type { View } from "../screen/view.ts";

export function copyText(view: View): string | undefined {
  const { ui, document, logRows, debug } = view;
  switch (ui.focus) {
    case "source": {
      const row = document.layout.rowAt(ui.source.cursor);
      return row?.kind === "line" ? document.text.lines[row.line - 1] : view.selected?.text;
    }
    case "steps":
      return view.selected?.text;
    case "graph": {
      const row = view.graph?.outline.rows[ui.graph.cursor];
      return row?.kind === "step" ? row.node.step.vertex : row?.stage;
    }
    case "info":
      return view.selected?.vertex;
    case "files":
      return view.files?.rows[ui.files.cursor]?.path;
    case "breaks": {
      const spec = debug?.state.breakpoints[ui.breaks.cursor]?.spec;
      return spec === undefined ? undefined : specText(spec);
    }
    case "log":
      return visibleLog(view, logRows);
    case "messages":
      return ui.messages.at(-1)?.text;
    case "shell":
    case "editor":
      return undefined;
  }
}

/** The lines on the screen. */
function visibleLog({ ui, layout }: View, logRows: View["logRows"]): string | undefined {
  if (logRows === undefined) return undefined;
  const rows = layout.lower?.rows ?? 0;
  const top = ui.log.hit ?? ui.log.top ?? Math.max(logRows.first, logRows.end - rows);
  const count = ui.log.hit === undefined ? rows : 1;
  const lines: string[] = [];
  for (let index = top; index < Math.min(top + count, logRows.end); index += 1) {
    const row = logRows.row(index);
    if (row?.kind === "line" || row?.kind === "note") lines.push(row.text);
  }
  return lines.length === 0 ? undefined : lines.join("\n");
}
