/** What a change of the debugger's state does to the screen. Pure. */
import { basename } from "node:path";
import { isUntouched } from "../../console/build-status.ts";
import { boundWords } from "../../console/phrases/breakpoint-words.ts";
import type { Breakpoint, DebugState } from "../../debugger/debugger.ts";
import { stopOf } from "../../debugger/state/inspect.ts";
import { lineName } from "../../debugger/state/line-steps.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import type { Program, Stop } from "../../graph/program.ts";
import { rowOfStop, type SourceDocument } from "../panes/source/source-document.ts";
import { programOf } from "../panes/step-badge.ts";
import type { UiAction } from "../state/ui-state.ts";

export interface Reaction {
  readonly actions: readonly UiAction[];
  /** For the log, e.g. "paused before step 6/9 · Dockerfile:11 · RUN npm run build". */
  readonly note: string | undefined;
  readonly say: readonly { readonly text: string; readonly level: "info" | "error" }[];
}

/** `document` is the one for `next`. */
export function reactionTo(
  previous: DebugState | undefined,
  next: DebugState,
  document: SourceDocument,
): Reaction {
  const actions: UiAction[] = [];
  if (previous !== undefined && previous.attempt !== next.attempt) {
    actions.push({ kind: "sides-clear" }, { kind: "log", view: { top: undefined, full: false } });
  }
  const stopped = stoppedAnew(previous, next);
  const isOther = previous !== undefined && isOtherFailure(previous, next);
  if (stopped) actions.push(...(isOther ? failureActions(next, document) : stopActions(next, document)));
  return {
    actions,
    note: stopped ? stopNote(next) : undefined,
    say: [...failureWords(previous, next), ...lookWords(previous, next), ...breakpointWords(previous, next)],
  };
}

function stoppedAnew(previous: DebugState | undefined, next: DebugState): boolean {
  switch (next.phase.kind) {
    case "paused":
      return previous?.phase.kind !== "paused" || previous.stops !== next.stops;
    case "broken":
    case "finished":
      return previous?.phase.kind !== next.phase.kind;
    case "lost":
      // Not again after each try to connect: the user may be looking at something else by then.
      return previous?.phase.kind !== "lost" && previous?.phase.kind !== "opening";
    default:
      return false;
  }
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

function stopNote(state: DebugState): string | undefined {
  const { phase } = state;
  if (phase.kind !== "paused" || isUntouched(phase)) return undefined;
  const { program } = phase.session;
  const stop = program.stops[phase.at];
  if (stop === undefined || phase.reason.kind === "exception") return undefined;
  const word = phase.reason.kind === "cancelled" ? "cancelled by you, paused" : "paused";
  return `${word} ${stopWords(program, stop)}`;
}

/** "before step 6/9 · Dockerfile:11 · RUN npm run build", "at the end of stage app". */
export function stopWords(program: Program, stop: Stop): string {
  if (stop.kind === "end") return `at the end of stage ${stop.stage}`;
  const step = program.steps[stop.step];
  const place = `${basename(program.filename)}:${step === undefined ? stop.line : lineName(program, step)}`;
  return `before step ${stop.step + 1}/${program.steps.length} · ${place} · ${step?.text ?? ""}`;
}

function failureWords(previous: DebugState | undefined, next: DebugState): Reaction["say"] {
  if (next.phase.kind === "lost" && previous?.phase.kind !== "lost") {
    const text = "connection lost, r connects at once; breakpoints are kept";
    return [{ text, level: "error" }];
  }
  return previous === undefined ? [] : silenceWords(previous, next);
}

/** The engine did not tell the other failure: steps that it needs were interrupted. */
function lookWords(previous: DebugState | undefined, { phase }: DebugState): Reaction["say"] {
  if (previous?.phase.kind !== "paused" || previous.phase.looking === undefined) return [];
  const { at, looking } = previous.phase;
  if (phase.kind !== "paused" || phase.at !== at || phase.looking !== undefined) return [];
  const text = `step ${looking.step + 1} cannot be shown: what it needs was interrupted; r runs it again`;
  return [{ text, level: "info" }];
}

function silenceWords(previous: DebugState, next: DebugState): Reaction["say"] {
  if (previous.engineSilent === next.engineSilent) return [];
  if (next.engineSilent) {
    const text = "the engine does not answer; waiting for it (r: connect anew)";
    return [{ text, level: "error" }];
  }
  const gone = next.phase.kind === "lost" || next.phase.kind === "ended" || next.phase.kind === "opening";
  return gone ? [] : [{ text: "the engine answers again", level: "info" }];
}

/** Breakpoints that an edit moved or lost; those that were just set are spoken of by the key that set them. */
function breakpointWords(previous: DebugState | undefined, next: DebugState): Reaction["say"] {
  if (previous === undefined) return [];
  const before = new Map<number, Breakpoint>(
    previous.breakpoints.map((breakpoint) => [breakpoint.id, breakpoint]),
  );
  const program = programOf(next);
  return next.breakpoints.flatMap((breakpoint) => {
    const earlier = before.get(breakpoint.id);
    if (earlier === undefined || earlier.bound.kind === breakpoint.bound.kind) return [];
    const text = boundWords(breakpoint, program);
    return text === undefined ? [] : [{ text, level: "info" }];
  });
}
