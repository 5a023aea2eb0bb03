/** Runs the commands of the key table. */

import type { CommandId } from "../../console/command-table.ts";
import { InterruptLadder } from "../../console/interrupt-ladder.ts";
import { quitLosses } from "../../console/losses.ts";
import { exitCodeAtEnd } from "../../console/phrases/output-words.ts";
import { readCommand } from "../../console/read-command.ts";
import type { Phase } from "../../debugger/debugger.ts";
import { FOCUS_COMMANDS, LEAD_COMMANDS, type PaneId } from "../commands/pane-words.ts";
import { WATCHING_WORDS } from "../commands/watching.ts";
import { ALL_PANES, PANES } from "../panes/all-panes.ts";
import { sourceAtStep } from "../panes/source/source-cursor.ts";
import { whyUnavailable } from "../state/availability.ts";
import { hasSideColumn } from "../state/layout.ts";
import type { Overlay } from "../state/ui-state.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";
import { bareCommand } from "./bare-commands.ts";
import type { BaseFirst } from "./base-first.ts";
import { runBreakpoint } from "./breakpoint-keys.ts";
import { cursorMoveActions, isCursorMove, jumpPlace } from "./cursor-moves.ts";
import { ExportControl } from "./export-control.ts";
import { FilesControl } from "./files-control.ts";
import { GraphControl } from "./graph-control.ts";
import { leaveOrEnd } from "./leave-or-end.ts";
import type { OverlayControl } from "./overlay-control.ts";
import type { PaneSearch } from "./pane-search.ts";
import type { CommandPorts } from "./ports.ts";
import { RunMenus } from "./run-menus.ts";
import { ScreenCommands } from "./screen-commands.ts";
import { scrollShell } from "./shell-scroll.ts";
import { TypedCommands } from "./typed-commands.ts";

export interface CommandRunnerOptions {
  readonly app: App;
  readonly ports: CommandPorts;
  readonly overlays: OverlayControl;
  readonly search: PaneSearch;
  readonly base: BaseFirst;
  readonly nowMs: () => number;
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
const PROMPTED = { breakpoint: "break", argument: "arg", program: "exec", export: "export" } as const;
const LEADING: ReadonlySet<CommandId> = new Set<CommandId>(LEAD_COMMANDS.map(({ command }) => command));
const FOCUSING: ReadonlySet<CommandId> = new Set<CommandId>([
  "pane-next",
  "pane-previous",
  "environment",
  ...FOCUS_COMMANDS.map(({ command }) => command),
]);

/** Hands each command to the part that performs it. */
export class CommandRunner {
  readonly #app: App;
  readonly #ports: CommandPorts;
  readonly #overlays: OverlayControl;
  readonly #search: PaneSearch;
  readonly #base: BaseFirst;
  readonly #screen: ScreenCommands;
  readonly #typed: TypedCommands;
  readonly #menus: RunMenus;
  readonly #files: FilesControl;
  readonly #graph: GraphControl;
  readonly #exports: ExportControl;
  readonly #ladder = new InterruptLadder();
  readonly #nowMs: () => number;
  #attached: Attached | undefined;

  constructor({ app, ports, overlays, search, base, nowMs }: CommandRunnerOptions) {
    this.#app = app;
    this.#nowMs = nowMs;
    this.#ports = ports;
    this.#overlays = overlays;
    this.#search = search;
    this.#base = base;
    this.#files = new FilesControl({ app, overlays, directory: ports.surroundings.cwd });
    this.#graph = new GraphControl(app);
    const attached = (): Attached | undefined => this.#attached;
    const { surroundings, exportAs } = ports;
    this.#exports = new ExportControl({ app, overlays, surroundings, exportAs });
    const close = (): boolean => this.#exports.cancel() || this.#files.close();
    const quit = (): Promise<void> => this.#quit();
    this.#screen = new ScreenCommands({ app, ports, overlays, search, attached, quit, close });
    const run = (command: CommandId): void => this.run(command, attached());
    this.#menus = new RunMenus({ app, overlays, run });
    const parts = { files: this.#files, graph: this.#graph, exports: this.#exports };
    this.#typed = new TypedCommands({ app, ports, attached, run, ...parts });
  }

  /** A command that cannot act says why instead. */
  run(command: CommandId, attached: Attached | undefined): void {
    this.#attached = attached;
    if (command === "interrupt") {
      this.interrupt(attached);
      return;
    }
    const otherWay = attached?.shells.offersOtherWays === true ? OTHER_WAYS.get(command) : undefined;
    if (otherWay !== undefined) {
      this.run(otherWay, attached);
      return;
    }
    if (RERUNS.has(command) && this.#ports.retry()) return;
    const why = whyUnavailable(command, this.#app.view().availability);
    if (why !== undefined) {
      this.#app.say(`${this.#app.keys.keyOf(command)}: ${why}`);
      return;
    }
    if (this.#base.takes(command)) return;
    const { ui } = this.#app;
    if (command === "keyboard" && ui.focus !== "shell" && this.#ports.editor.toKeyboard()) return;
    if (isCursorMove(command)) this.#move(command);
    else if (command === "pane-files") this.#files.focus(attached);
    else if (FOCUSING.has(command)) this.#focus(paneOf(command, ui.focus, this.#panes()));
    else if (LEADING.has(command)) this.#goToSource(command, attached);
    else if (!this.#screen.run(command) && attached !== undefined) this.#runAttached(command, attached);
  }

  /** Ctrl-C outside the shell; "left" when bktui is being left. */
  interrupt(attached: Attached | undefined): "left" | "handled" {
    const { visit } = this.#ports;
    if (visit?.watches === true) {
      this.#app.say(`${WATCHING_WORDS}; ${this.#app.keys.keyOf("quit")} leaves it`);
      return "handled";
    }
    const phase = this.#app.debug?.state.phase;
    switch (this.#ladder.press(this.#nowMs(), busyIn(phase))) {
      case "leave":
        if (visit === undefined) this.#ports.quit(EXIT_INTERRUPTED);
        else visit.leave();
        return "left";
      case "pause":
        attached?.control.pause();
        this.#app.say(
          `will pause before the next step; ${this.#app.keys.keyOf("interrupt")} again to cancel the running one`,
        );
        return "handled";
      case "cancel": {
        const taken = attached?.control.dispatch({ kind: "cancel" }) ?? false;
        // The status row says so itself while a step runs.
        if (taken && phase?.kind !== "running") this.#app.say("cancelling");
        return "handled";
      }
      case "quit-hint":
        if (this.#app.ui.overlay.kind === "none") this.#app.say(`${this.#app.keys.keyOf("quit")} quits`);
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

  #move(command: Parameters<typeof cursorMoveActions>[0]): void {
    const view = this.#app.view();
    const isSideways = command === "left" || command === "right";
    if (view.ui.focus === "files" && isSideways && this.#files.sideways(command)) return;
    if (view.ui.focus === "shell") {
      const emulator = this.#attached?.shells.emulator();
      if (emulator !== undefined) scrollShell(emulator, command);
      this.#app.act({ kind: "toast-clear" });
      // The pane's title says how far it is scrolled.
      this.#app.changed();
      return;
    }
    this.#app.act(...cursorMoveActions(command, view));
  }

  /** Without a right column the steps are shown in the lower pane. */
  #focus(pane: PaneId): void {
    const isBelow = pane === "steps" && !hasSideColumn(this.#app.view().size);
    this.#app.act(isBelow ? { kind: "focus", pane, lower: "steps" } : { kind: "focus", pane });
  }

  /** Panes that Tab visits: those on the screen. */
  #panes(): readonly PaneId[] {
    const { layout, ui } = this.#app.view();
    return ALL_PANES.map(({ id }) => id).filter((pane) => {
      if (pane === "source") return true;
      return pane === ui.lower || (pane === "steps" && layout.steps !== undefined);
    });
  }

  /** From the row under a pane's cursor to its line. */
  #goToSource(command: CommandId, attached: Attached | undefined): void {
    const view = this.#app.view();
    const place = PANES[view.ui.focus].leadsTo?.(view);
    if (place !== undefined) attached?.control.goToLine(place.line, place.nth);
    else this.#app.say(`${this.#app.keys.keyOf(command)}: no line of the file belongs to it`);
  }

  #runAttached(command: CommandId, attached: Attached): void {
    const { control } = attached;
    const bare = bareCommand(command);
    if (bare !== undefined) {
      control.dispatch(bare);
      return;
    }
    switch (command) {
      case "run-to":
      case "goto":
        control.toCursor(command);
        return;
      case "pause":
        control.pause();
        return;
      case "dap":
        this.#typed.obey(readCommand("dap", "screen"));
        return;
      case "failure-next":
      case "failure-previous":
        this.#app.act({ kind: "focus", pane: "log" });
        control.showFailure(command === "failure-next" ? "next" : "previous");
        return;
      case "reconnect":
      case "rerun":
      case "rerun-start":
        control.rerun({ here: command !== "rerun-start" });
        return;
      case "rerun-no-cache":
        control.rerunWithoutCache();
        return;
      case "rerun-options":
        this.#menus.chooseRerun(attached);
        return;
      case "export":
      case "bundle":
        this.#exports.choose(command, attached);
        return;
      case "attempts":
        this.#app.act({
          kind: "overlay",
          overlay: { kind: "text", title: "Attempts", lines: attached.attempts.lines(), top: 0 },
        });
        return;
      case "target":
        this.#menus.chooseTarget(attached);
        return;
      case "thread":
        this.#menus.chooseThread(attached);
        return;
      case "here":
      case "step-next":
      case "step-previous":
      case "stage-next":
      case "stage-previous":
        this.#jump(command);
        return;
      default:
        if (this.#files.run(command, attached) || this.#graph.run(command, attached)) return;
        if (!this.#runShell(command, attached))
          runBreakpoint(command, attached.control, { app: this.#app, overlays: this.#overlays });
    }
  }

  /** False = not a command of the shells. */
  #runShell(command: CommandId, attached: Attached): boolean {
    const { shells } = attached;
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
        this.#app.background(shells.debugShell());
        return true;
      case "shell-retry":
        this.#app.background(shells.retry());
        return true;
      case "shell-new":
        shells.another();
        return true;
      case "shell-next":
      case "shell-previous":
        shells.turn(command === "shell-next" ? 1 : -1);
        return true;
      case "shell-restart":
        this.#app.background(shells.restart());
        return true;
      case "shell-end":
        this.#app.background(shells.end());
        return true;
      default:
        return false;
    }
  }

  #jump(command: Parameters<typeof jumpPlace>[0]): void {
    const view = this.#app.view();
    const place = jumpPlace(command, view);
    if (place === undefined) this.#app.say(`${this.#app.keys.keyOf(command)}: there is none`);
    else this.#app.act({ kind: "focus", pane: "source" }, ...sourceAtStep(place));
  }

  /** Asks only when something would be lost, or when there is more than one way to leave. */
  async #quit(): Promise<void> {
    const { visit } = this.#ports;
    if (visit !== undefined) {
      const [app, overlays] = [this.#app, this.#overlays];
      leaveOrEnd({ app, overlays, visit, losses: () => this.#quitLosses(), end: () => this.#end() });
      return;
    }
    const reasons = this.#app.ui.settings.confirmQuit ? await this.#quitLosses() : [];
    if (reasons.length > 0 && !(await this.#app.ask({ title: "Quit?", lines: reasons }))) return;
    this.#end();
  }

  #end(): void {
    const phase = this.#app.debug?.state.phase;
    this.#ports.quit(phase === undefined ? 1 : exitCodeAtEnd(phase));
  }

  async #quitLosses(): Promise<readonly string[]> {
    const { debug } = this.#app;
    const states = this.#attached?.shellList.states.all ?? [];
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
  if (command === "environment") return "info";
  return ALL_PANES.find((pane) => pane.command === command)?.id ?? focus;
}
