/** What can be done now: the facts that decide hints, the help and the reason why a key cannot act. Pure. */
import { type BuildStatus, buildStatusOf } from "../../console/build-status.ts";
import type { CommandId } from "../../console/command-table.ts";
import type { Command, Debugger } from "../../debugger/debugger.ts";
import type { Refusal } from "../../debugger/remedies.ts";
import { isInThePast } from "../../debugger/state/live.ts";
import type { Keys } from "../commands/key-bindings.ts";
import type { PaneId } from "../commands/pane-words.ts";
import { refusalWords } from "../commands/remedy-words.ts";
import { isLooking, WATCHING_WORDS } from "../commands/watching.ts";
import type { FilesState } from "./files-state.ts";
import type { KeyboardOwner, Overlay } from "./ui-state.ts";

/** The screen that the debugger begins and ends with, one more of it, or one that may look around only. */
export type ScreenKind = "first" | "visiting" | "watching";

export interface Availability {
  /** undefined = "first". */
  readonly screen?: ScreenKind;
  readonly keys: Keys;
  readonly status: BuildStatus;
  /** An earlier stop is stood at. */
  readonly isPast?: boolean;
  readonly pane: PaneId;
  /** What the Files pane lists, and whether a text is open below the list. */
  readonly files?: { readonly lists: FilesState["lists"]; readonly isReading: boolean };
  readonly keyboard: KeyboardOwner;
  readonly overlay: Overlay["kind"];
  /** States of the selected step that can be looked at. */
  readonly states: number;
  /** It has none yet, since it failed before the steps above had run: what asks for one runs them. */
  readonly makesBase?: boolean;
  /** That one will be its only state. */
  readonly makesOnlyBase?: boolean;
  /** Steps that have failed by themselves in this attempt. */
  readonly failures: number;
  /** A shell exists that the keyboard can go to. */
  readonly shellOpen: boolean;
  /** The debugger's own reason; undefined when it would take the command. */
  whyNot(command: Command["kind"]): Refusal | undefined;
}

/** Commands of the keyboard that are commands of the debugger. */
const DEBUGGER_COMMANDS: ReadonlyMap<CommandId, Command["kind"]> = new Map<CommandId, Command["kind"]>([
  ["next", "next"],
  ["into", "into"],
  ["finish", "finish"],
  ["continue", "continue"],
  ["run-to", "run-to"],
  ["step-back", "back"],
  ["reverse-continue", "reverse-continue"],
  ["goto", "goto"],
  ["pause", "pause"],
  ["cancel", "cancel"],
  ["keep-going", "keep-going"],
  ["thread", "thread"],
  ["rerun", "rerun"],
  ["rerun-start", "rerun"],
  ["rerun-no-cache", "rerun"],
  ["rerun-options", "rerun"],
]);

/** Commands that wait for a loaded file when they are typed before. */
const NEEDS_PROGRAM: ReadonlySet<CommandId> = new Set<CommandId>([
  "next",
  "into",
  "finish",
  "continue",
  "run-to",
  "break-line",
  "break-stage-end",
  "shell",
  "shell-enter",
  "target",
]);

export function debuggerCommandOf(command: CommandId): Command["kind"] | undefined {
  return DEBUGGER_COMMANDS.get(command);
}

/** True when the command should wait until the file is loaded instead of being refused. */
export function waitsForProgram(command: CommandId, status: BuildStatus): boolean {
  return (status === "connecting" || status === "loading") && NEEDS_PROGRAM.has(command);
}

/** Why a command cannot be given now, in words; undefined when it can. */
export function whyUnavailable(command: CommandId, now: Availability): string | undefined {
  if (now.screen === "watching" && !isLooking(command)) return WATCHING_WORDS;
  const debuggerCommand = DEBUGGER_COMMANDS.get(command);
  if (debuggerCommand !== undefined) {
    return now.status === "connecting" ? "no engine yet" : refused(now, debuggerCommand);
  }
  const isBare = now.states === 0 && now.makesBase !== true;
  switch (command) {
    case "shell":
    case "shell-enter":
    case "shell-new":
    case "shell-retry":
    case "shell-command":
      return isBare ? noState(now.status, "a shell opens") : undefined;
    case "changes":
    case "files":
    case "file-diff":
    case "file-show":
      return isBare ? noState(now.status, "its files can be looked at") : undefined;
    case "export":
      return isBare ? noState(now.status, "it can be exported") : undefined;
    case "swap":
      if (isBare) return noState(now.status, "its states can be looked at");
      if (now.states === 0 && now.makesOnlyBase === true)
        return `BASE will be its only state; ${now.keys.keyOf("shell")} runs the steps above and opens it`;
      return now.states === 1 ? onlyOneState(now.status) : undefined;
    case "keyboard":
    case "shell-restart":
    case "shell-end":
      return now.shellOpen ? undefined : noShellWords(now.keys);
    case "failure-next":
    case "failure-previous":
      return refused(now, "show-failure") ?? (now.failures === 1 ? "only this step has failed" : undefined);
    case "detach":
      return (now.screen ?? "first") === "first"
        ? `the debugger is this screen's own; ${now.keys.keyOf("quit")} quits`
        : undefined;
    case "break-line":
    case "break-stage-end":
    case "target":
      return now.status === "connecting" ? "no engine yet" : undefined;
    case "bundle":
    case "graph-go":
    case "graph-op":
    case "graph-input":
    case "graph-consumer":
    case "here":
    case "step-next":
    case "step-previous":
    case "stage-next":
    case "stage-previous":
      return hasProgram(now.status) ? undefined : "nothing is loaded";
    default:
      return undefined;
  }
}

function refused({ keys, whyNot }: Availability, command: Command["kind"]): string | undefined {
  const refusal = whyNot(command);
  return refusal === undefined ? undefined : refusalWords(refusal, keys);
}

/** Said of every key that is for a shell. */
export function noShellWords(keys: Keys): string {
  return `no shell is open; ${keys.keyOf("shell")} opens one`;
}

export function hasProgram(status: BuildStatus): boolean {
  return status !== "connecting" && status !== "loading" && status !== "broken" && status !== "lost";
}

function onlyOneState(status: BuildStatus): string {
  return status === "failed"
    ? "only BASE is here: no FAILED state was kept"
    : "only one state here; AFTER comes when the step has run";
}

function noState(status: BuildStatus, then: string): string {
  switch (status) {
    case "running":
      return `a step is running; ${then} when it stops`;
    case "connecting":
    case "loading":
    case "broken":
    case "lost":
    case "ended":
      return "nothing is loaded";
    case "loaded":
    case "paused":
    case "failed":
    case "finished":
      return "this step has not been reached: it has no state yet";
  }
}

/** The facts of a debugger and a screen. */
export function availabilityOf(
  debug: Pick<Debugger, "state" | "whyNot"> | undefined,
  screen: Omit<Availability, "status" | "whyNot"> & { readonly connectFailed: boolean },
): Availability {
  const { connectFailed, ...rest } = screen;
  return {
    ...rest,
    status: connectFailed ? "lost" : buildStatusOf(debug?.state),
    isPast: debug !== undefined && isInThePast(debug.state.phase),
    whyNot: (command) => debug?.whyNot(command),
  };
}
