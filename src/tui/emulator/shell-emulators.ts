/** The shells of a debugger with their emulators: every screen of the debugger shows these. */
import type { Debugger } from "../../debugger/debugger.ts";
import { debugRootWords } from "../../debugger/shells/debug-root-words.ts";
import { withoutWords } from "../../debugger/shells/missing-words.ts";
import { OpenStates, type ShellStart } from "../../debugger/shells/open-states.ts";
import type { OpenedShell } from "../../debugger/shells/shared-container.ts";
import { promptUser } from "../../debugger/shells/shell-launch.ts";
import { isReproduced } from "../../debugger/state/inspect.ts";
import type { Size } from "../cells/rect.ts";
import type { ScreenSettings } from "../commands/settings.ts";
import { Emulator } from "./emulator.ts";
import type { Shell, ShellScreen } from "./shell-state.ts";

/** A screen that shows shells in a pane; compared by identity. */
export type ShellViewer = object;

export interface ShellEmulatorsOptions {
  readonly debug: Debugger;
  /** A shell's phase changed. */
  readonly onChange: () => void;
  /** A shell's screen changed: paint. */
  readonly onPaint: () => void;
  readonly color: boolean;
  /** A program wants this text on the clipboard; untrusted. `typist`: who typed into a shell last. */
  readonly onClipboard: (text: string, typist: ShellViewer | undefined) => void;
  /** How a shell that is opened now is started and shown. */
  readonly settings: () => Pick<ScreenSettings, "scrollback" | "shellCommand" | "shellPrompt">;
}

const RESIZE_SETTLE_MS = 50;

/**
 * The open states of a debugger and an emulator for each of their shells; disposing ends them. A shell has one size: that of
 * the smallest pane of all screens that show one.
 */
export class ShellEmulators implements AsyncDisposable {
  /** The shells themselves, their containers and their ends. */
  readonly states: OpenStates<ShellScreen>;
  readonly #options: ShellEmulatorsOptions;
  readonly #panes = new Map<ShellViewer, Size>();
  #typist: ShellViewer | undefined;
  #size: Size = { columns: 80, rows: 24 };
  #resizeTimer: NodeJS.Timeout | undefined;

  constructor(options: ShellEmulatorsOptions) {
    this.#options = options;
    this.states = new OpenStates({
      debug: options.debug,
      start: () => this.#start(),
      show: (opened, shell) => this.#show(opened, shell),
      hide: ({ emulator }) => emulator[Symbol.dispose](),
      onChange: options.onChange,
    });
  }

  /** Bytes typed by a user. */
  write(shell: Shell, data: Uint8Array, typist: ShellViewer): void {
    if (shell.phase.kind !== "alive") return;
    this.#typist = typist;
    this.states.write(shell, data);
    shell.phase.display.emulator.typed();
  }

  /**
   * A screen's pane for shells has this size, undefined = it shows none. The processes get theirs once, shortly after the
   * last change; while nobody looks they keep it.
   */
  resize(viewer: ShellViewer, size: Size | undefined): void {
    if (size === undefined) this.#panes.delete(viewer);
    else this.#panes.set(viewer, size);
    const panes = [...this.#panes.values()];
    if (panes.length === 0) return;
    const columns = Math.min(...panes.map((pane) => pane.columns));
    const rows = Math.min(...panes.map((pane) => pane.rows));
    if (columns === this.#size.columns && rows === this.#size.rows) return;
    this.#size = { columns, rows };
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#applySize(), RESIZE_SETTLE_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resizeTimer);
    await this.states[Symbol.asyncDispose]();
  }

  #start(): ShellStart {
    const { shellCommand: command, shellPrompt: prompt } = this.#options.settings();
    return { talk: { kind: "terminal", ...this.#size, term: "xterm-256color" }, command, prompt };
  }

  #show(opened: OpenedShell, shell: Shell): ShellScreen {
    const { process } = opened;
    const emulator = this.#surfaceOf(process);
    opened.onData((chunk) => emulator.write(chunk));
    // The pane may have changed while the container was made.
    process.resize(this.#size.columns, this.#size.rows);
    return { emulator, place: this.#placeWords(opened, shell) };
  }

  #placeWords({ environment, container }: OpenedShell, { step, side, isDebugRoot }: Shell): string {
    const { user, cwd } = environment.meta;
    const { state } = this.#options.debug;
    const place = isDebugRoot
      ? debugRootWords(state, { isReproduced: isReproduced(state, step.id, side) })
      : `${cwd === "" ? "/" : cwd} · ${promptUser(user)}`;
    // First, since titles are cut at their end.
    const without = withoutWords(container.missing);
    return without === undefined ? place : `${without} · ${place}`;
  }

  #surfaceOf(process: OpenedShell["process"]): Emulator {
    return new Emulator({
      size: this.#size,
      color: this.#options.color,
      onReply: (data) => process.write(data),
      onChange: this.#options.onPaint,
      onClipboard: (text) => this.#options.onClipboard(text, this.#typist),
      scrollback: this.#options.settings().scrollback,
      onFlow: (flow) => (flow === "pause" ? process.pause() : process.resume()),
    });
  }

  #applySize(): void {
    for (const { phase } of this.states.all.flatMap(({ shells }) => shells)) {
      if (phase.kind !== "alive" && phase.kind !== "ended") continue;
      phase.display.emulator.resize(this.#size);
      if (phase.kind === "alive") phase.opened.process.resize(this.#size.columns, this.#size.rows);
    }
    this.#options.onPaint();
  }
}
