/** Keys about breakpoints: each to the part that does it. */
import type { CommandId } from "../../console/command-table.ts";
import { ruleText } from "../../debugger/breakpoints/break-order.ts";
import { noBreakpointWords } from "../panes/breaks/breaks-pane.ts";
import type { App } from "./app.ts";
import type { OverlayControl } from "./overlay-control.ts";
import type { RunControl } from "./run-control.ts";

interface Screen {
  readonly app: App;
  readonly overlays: OverlayControl;
}

export function runBreakpoint(command: CommandId, control: RunControl, screen: Screen): void {
  const { app, overlays } = screen;
  switch (command) {
    case "break-line":
      control.toggleAtCursor();
      return;
    case "break-stage-end":
      control.toggleStageEnd();
      return;
    case "break-toggle":
      control.selectedBreakpoint("toggle");
      return;
    case "break-delete":
      control.selectedBreakpoint("delete");
      return;
    case "break-go":
      control.selectedBreakpoint("go");
      return;
    case "break-undo":
      control.undoDelete();
      return;
    case "break-add":
      overlays.prompt("breakpoint");
      return;
    case "break-rule":
    case "break-why":
      aboutSelected(command, control, screen);
      return;
    case "catch":
      control.ruled({ id: "catch", filters: undefined });
      return;
    default:
      app.say(`${command} does nothing here`);
  }
}

/** The rule is typed behind its number, where the one that it has can be changed. */
function aboutSelected(
  command: "break-rule" | "break-why",
  control: RunControl,
  { app, overlays }: Screen,
): void {
  const selected = app.debug?.state.breakpoints[app.ui.breaks.cursor];
  if (selected === undefined) {
    app.say(noBreakpointWords(app.keys));
    return;
  }
  const { id, rule } = selected;
  if (command === "break-why") control.ruled({ id: "break-why", number: id });
  else overlays.prompt("command", `rule ${id} ${rule === undefined ? "if " : ruleText(rule)}`);
}
