/** Runs the commands of the key table. */

import type { CommandId } from "../../console/command-table.ts";
import { InterruptLadder } from "../../console/interrupt-ladder.ts";
import { quitLosses } from "../../console/losses.ts";
import { readCommand } from "../../console/read-command.ts";
import type { Phase } from "../../debugger/debugger.ts";
import { FOCUS_COMMANDS, LEAD_COMMANDS, type PaneId } from "../commands/pane-words.ts";
import { ALL_PANES, PANES } from "../panes/all-panes.ts";
import { sourceAtStep } from "../panes/source/source-cursor.ts";
import { whyNotNow } from "../state/availability.ts";
import { hasSideColumn } from "../state/layout.ts";
import type { Overlay } from "../state/ui-state.ts";
import type { Desk } from "./app.ts";
import type { Session } from "./attached.ts";
import type { BaseFirst } from "./base-first.ts";
import { isMotion, jumpPlace, motionActions } from "./cursor-moves.ts";
import { FilesControl } from "./files-control.ts";
import { GraphControl } from "./graph-control.ts";
import type { OverlayControl } from "./overlay-control.ts";
import type { PaneSearch } from "./pane-search.ts";
import type { CommandPorts } from "./ports.ts";
import { RunMenus } from "./run-menus.ts";
import { ScreenCommands } from "./screen-commands.ts";
import { scrollShell } from "./shell-scroll.ts";
import { TypedCommands } from "./typed-commands.ts";

export interface CommandRunnerOptions {
  readonly desk: Desk;
  readonly ports: CommandPorts;
  readonly overlays: OverlayControl;
  readonly search: PaneSearch;
  readonly base: BaseFirst;
}

const EXIT_INTERRUPTED = 130;
const RERUNS: ReadonlySet<CommandId> = new Set<CommandId>([
  "rerun",
  "rerun-start",
  "rerun-no-cache",
  "rerun-options",
  "reconnect",
]);
/** What the keys of the first panes do while the shell pane says that it has no shell. */
const OTHER_WAYS: ReadonlyMap<CommandId, CommandId> = new Map<CommandId, CommandId>([
  ["pane-source", "files"],
  ["pane-steps", "debug-shell"],
  ["pane-log", "run-program"],
]);
/** The commands whose argument a prompt asks for. */
const PROMPTED = { breakpoint: "break", argument: "arg", program: "exec" } as const;
const LEADING: ReadonlySet<CommandId> = new Set<CommandId>(LEAD_COMMANDS.map(({ command }) => command));
const FOCUSING: ReadonlySet<CommandId> = new Set<CommandId>([
  "pane-next",
  "pane-previous",
  ...FOCUS_COMMANDS.map(({ command }) => command),
]);

export class CommandRunner {
  readonly #desk: Desk;
  readonly #ports: CommandPorts;
  readonly #overlays: OverlayControl;
  readonly #search: PaneSearch;
  readonly #base: BaseFirst;
  readonly #screen: ScreenCommands;
  readonly #typed: TypedCommands;
  readonly #menus: RunMenus;
  readonly #files: FilesControl;
  readonly #graph: GraphControl;
  readonly #ladder = new InterruptLadder();
  #session: Session | undefined;

  constructor({ desk, ports, overlays, search, base }: CommandRunnerOptions) {
    this.#desk = desk;
    this.#ports = ports;
    this.#overlays = overlays;
    this.#search = search;
    this.#base = base;
    this.#files = new FilesControl({ desk, overlays, directory: ports.surroundings.cwd });
    this.#graph = new GraphControl(desk);
    const session = (): Session | undefined => this.#session;
    const { quit, close } = { quit: () => this.#quit(), close: () => this.#files.close() };
    this.#screen = new ScreenCommands({ desk, ports, overlays, search, session, quit, close });
    const run = (command: CommandId): void => this.run(command, session());
    this.#menus = new RunMenus({ desk, overlays, run });
    this.#typed = new TypedCommands({ desk, ports, session, run, files: this.#files, graph: this.#graph });
  }

  /** A command that cannot act says why instead. */
  run(command: CommandId, session: Session | undefined): void {
    this.#session = session;
    const otherWay = session?.shells.offersOtherWays === true ? OTHER_WAYS.get(command) : undefined;
    if (otherWay !== undefined) {
      this.run(otherWay, session);
      return;
    }
    if (RERUNS.has(command) && this.#ports.retry()) return;
    const why = whyNotNow(command, this.#desk.view().situation);
    if (why !== undefined) {
      this.#desk.say(`${this.#desk.keys.keyOf(command)}: ${why}`);
      return;
    }
    if (this.#base.takes(command)) return;
    const { ui } = this.#desk;
    if (command === "keyboard" && ui.focus !== "shell" && this.#ports.editor.toKeyboard()) return;
    if (isMotion(command)) this.#move(command);
    else if (command === "pane-files") this.#files.focus(session);
    else if (FOCUSING.has(command)) this.#focus(paneOf(command, ui.focus, this.#panes()));
    else if (LEADING.has(command)) this.#goToSource(command, session);
    else if (!this.#screen.run(command) && session !== undefined) this.#runSession(command, session);
  }

  /** Ctrl-C outside the shell; "left" when bktui is being left. */
  interrupt(nowMs: number, session: Session | undefined): "left" | "handled" {
    const phase = this.#desk.debug?.state.phase;
    switch (this.#ladder.press(nowMs, busyIn(phase))) {
      case "leave":
        this.#ports.quit(EXIT_INTERRUPTED);
        return "left";
      case "pause":
        session?.control.pause();
        this.#desk.say(
          `will pause before the next step; ${this.#desk.keys.keyOf("interrupt")} again to cancel the running one`,
        );
        return "handled";
      case "cancel": {
        const taken = session?.control.dispatch({ kind: "cancel" }) ?? false;
        // The status row says so itself while a step runs.
        if (taken && phase?.kind !== "running") this.#desk.say("cancelling");
        return "handled";
      }
      case "quit-hint":
        if (this.#desk.ui.overlay.kind === "none") this.#desk.say(`${this.#desk.keys.keyOf("quit")} quits`);
        return "handled";
    }
  }

  /** A line was accepted in a prompt. */
  accept(purpose: Extract<Overlay, { kind: "prompt" }>["purpose"], text: string): void {
    if (purpose === "search") this.#search.accept(text);
    else if (purpose === "write") this.#files.write(text);
    else if (purpose === "command") this.#typed.obey(readCommand(text, "screen"));
    else if (text.trim() !== "") this.#typed.obey(readCommand(`${PROMPTED[purpose]} ${text}`, "screen"));
  }

  #move(command: Parameters<typeof motionActions>[0]): void {
    const view = this.#desk.view();
    const isSideways = command === "left" || command === "right";
    if (view.ui.focus === "files" && isSideways && this.#files.sideways(command)) return;
    if (view.ui.focus === "shell") {
      const surface = this.#session?.shells.surface();
      if (surface !== undefined) scrollShell(surface, command);
      this.#desk.act({ kind: "toast-clear" });
      // The pane's title says how far it is scrolled.
      this.#desk.changed();
      return;
    }
    this.#desk.act(...motionActions(command, view));
  }

  /** Without a right column the steps are shown in the lower pane. */
  #focus(pane: PaneId): void {
    const isBelow = pane === "steps" && !hasSideColumn(this.#desk.view().size);
    this.#desk.act(isBelow ? { kind: "focus", pane, lower: "steps" } : { kind: "focus", pane });
  }

  /** Panes that Tab visits: those on the screen. */
  #panes(): readonly PaneId[] {
    const { layout, ui } = this.#desk.view();
    return ALL_PANES.map(({ id }) => id).filter((pane) => {
      if (pane === "source") return true;
      return pane === ui.lower || (pane === "steps" && layout.steps !== undefined);
    });
  }

  /** From the row under a pane's cursor to its line. */
  #goToSource(command: CommandId, session: Session | undefined): void {
    const view = this.#desk.view();
    const place = PANES[view.ui.focus].leadsTo?.(view);
    if (place !== undefined) session?.control.goToLine(place.line, place.nth);
    else this.#desk.say(`${this.#desk.keys.keyOf(command)}: no line of the file belongs to it`);
  }

  #runSession(command: CommandId, session: Session): void {
    const { control } = session;
    switch (command) {
      case "next":
      case "into":
      case "finish":
      case "continue":
        control.dispatch({ kind: command });
        return;
      case "run-to":
        control.runToCursor();
        return;
      case "pause":
        control.pause();
        return;
      case "cancel":
        control.dispatch({ kind: "cancel" });
        return;
      case "reconnect":
        control.rerun({ here: true });
        return;
      case "failure-next":
      case "failure-previous":
        this.#desk.act({ kind: "focus", pane: "log" });
        control.showFailure(command === "failure-next" ? "next" : "previous");
        return;
      case "rerun":
      case "rerun-start":
        control.rerun({ here: command === "rerun" });
        return;
      case "rerun-no-cache":
        control.rerunWithoutCache();
        return;
      case "rerun-options":
        this.#menus.chooseRerun(session);
        return;
      case "attempts":
        this.#desk.act({
          kind: "overlay",
          overlay: { kind: "text", title: "Attempts", lines: session.attempts.lines(), top: 0 },
        });
        return;
      case "target":
        this.#menus.chooseTarget(session);
        return;
      case "here":
      case "step-next":
      case "step-previous":
      case "stage-next":
      case "stage-previous":
        this.#jump(command);
        return;
      default:
        if (this.#files.run(command, session) || this.#graph.run(command, session)) return;
        if (!this.#runShell(command, session)) this.#runBreakpoints(command, session);
    }
  }

  /** False = not a command of the shells. */
  #runShell(command: CommandId, session: Session): boolean {
    const { shells } = session;
    switch (command) {
      case "shell":
      case "shell-enter":
        shells.enter();
        return true;
      case "swap":
        shells.swap();
        return true;
      case "keyboard":
        shells.toKeyboard();
        return true;
      case "select":
        shells.select();
        return true;
      case "select-swap":
        shells.swapSelection();
        return true;
      case "run-program":
        this.#overlays.prompt("program");
        return true;
      case "debug-shell":
        this.#desk.background(shells.debugShell());
        return true;
      case "shell-retry":
        this.#desk.background(shells.retry());
        return true;
      case "shell-new":
        shells.another();
        return true;
      case "shell-next":
      case "shell-previous":
        shells.turn(command === "shell-next" ? 1 : -1);
        return true;
      case "shell-restart":
        this.#desk.background(shells.restart());
        return true;
      case "shell-end":
        this.#desk.background(shells.end());
        return true;
      default:
        return false;
    }
  }

  #runBreakpoints(command: CommandId, { control }: Session): void {
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
        this.#overlays.prompt("breakpoint");
        return;
      default:
        this.#desk.say(`${command} does nothing here`);
    }
  }

  #jump(command: Parameters<typeof jumpPlace>[0]): void {
    const view = this.#desk.view();
    const place = jumpPlace(command, view);
    if (place === undefined) this.#desk.say(`${this.#desk.keys.keyOf(command)}: there is none`);
    else this.#desk.act({ kind: "focus", pane: "source" }, ...sourceAtStep(place));
  }

  /** Asks only when something would be lost. */
  async #quit(): Promise<void> {
    const reasons = this.#desk.ui.settings.confirmQuit ? await this.#quitLosses() : [];
    if (reasons.length > 0 && !(await this.#desk.ask({ title: "Quit?", lines: reasons }))) return;
    this.#ports.quit(this.#desk.debug?.state.phase.kind === "finished" ? 0 : 1);
  }

  async #quitLosses(): Promise<readonly string[]> {
    const { debug } = this.#desk;
    const states = this.#session?.shellList.states.all ?? [];
    const lost = debug === undefined ? [] : await quitLosses(debug, states);
    return this.#ports.editor.isOpen ? [...lost, "The editor is open and will be ended."] : lost;
  }
}

/** Only steps can be paused between; the file's loading and the result's making can only be cancelled. */
function busyIn(phase: Phase | undefined): "running" | "pausing" | "no" {
  switch (phase?.kind) {
    case "running":
      return phase.asked === "nothing" ? "running" : "pausing";
    case "opening":
    case "finishing":
      return "pausing";
    default:
      return "no";
  }
}

function paneOf(command: CommandId, focus: PaneId, panes: readonly PaneId[]): PaneId {
  const at = panes.indexOf(focus);
  if (command === "pane-next") return panes[(at + 1) % panes.length] ?? "source";
  if (command === "pane-previous") return panes[(at - 1 + panes.length) % panes.length] ?? "source";
  return ALL_PANES.find((pane) => pane.command === command)?.id ?? focus;
}
