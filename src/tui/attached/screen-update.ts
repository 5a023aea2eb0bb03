/** What a change of the debugger's state does to the screen. Pure. */
import { isStoppedAnew } from "../../console/phrases/events-between.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import { stopOf } from "../../debugger/state/inspect.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import { rowOfStop, type SourceDocument } from "../panes/source/source-document.ts";
import type { UiAction } from "../state/ui-state.ts";

/** `document` is the one for `next`. */
export function updateFor(
  previous: DebugState | undefined,
  next: DebugState,
  document: SourceDocument,
): readonly UiAction[] {
  const actions: UiAction[] = [];
  if (previous !== undefined && previous.attempt !== next.attempt) {
    actions.push({ kind: "sides-clear" }, { kind: "log", view: { top: undefined, full: false } });
  }
  if (!isStoppedAnew(previous, next)) return actions;
  const isOther = previous !== undefined && isOtherFailure(previous, next);
  return [...actions, ...(isOther ? failureActions(next, document) : stopActions(next, document))];
}

/** Another of several failures is looked at: the keyboard stays where it is. */
function isOtherFailure(previous: DebugState, next: DebugState): boolean {
  return (
    previous.attempt === next.attempt &&
    previous.phase.kind === "paused" &&
    previous.phase.reason.kind === "exception" &&
    next.phase.kind === "paused" &&
    next.phase.reason.kind === "exception"
  );
}

function failureActions(state: DebugState, document: SourceDocument): readonly UiAction[] {
  const stop = stopOf(state);
  return [
    ...(stop === undefined ? [] : [cursorAt(rowOfStop(document, stop))]),
    { kind: "log", view: { top: undefined, full: false } },
  ];
}

/** The cursor goes to where the build stands; a failure and the end show their summary. */
function stopActions(state: DebugState, document: SourceDocument): readonly UiAction[] {
  const { phase } = state;
  const follow: UiAction = { kind: "log", view: { top: undefined, full: false } };
  const inGraph: UiAction = { kind: "list", pane: "graph", view: { centered: true } };
  switch (phase.kind) {
    case "paused": {
      const stop = document.program?.stops[phase.at];
      const failed = phase.reason.kind === "exception";
      return [
        ...(stop === undefined ? [] : [cursorAt(rowOfStop(document, stop))]),
        ...(failed
          ? [{ kind: "focus", pane: "log" } as const, { kind: "focus", pane: "source" } as const]
          : []),
        inGraph,
        follow,
      ];
    }
    case "lost":
    case "broken": {
      const line = phase.error instanceof FrontendFailed ? phase.error.ranges[0]?.start : undefined;
      const focus = [{ kind: "focus", pane: "log" } as const, { kind: "focus", pane: "source" } as const];
      return line === undefined
        ? [...focus, follow]
        : [cursorAt(document.layout.indexOfLine(line)), ...focus, follow];
    }
    case "finished": {
      const last = stopOf(state);
      return [
        ...(last === undefined ? [] : [cursorAt(rowOfStop(document, last))]),
        { kind: "focus", pane: "log" },
        { kind: "focus", pane: "source" },
        inGraph,
        follow,
      ];
    }
    default:
      return [];
  }
}

function cursorAt(row: number): UiAction {
  return { kind: "list", pane: "source", view: { cursor: row, left: 0, centered: true } };
}
