/** The shells inside steps: opened on demand, several alive side by side, one per step and state. */
import { BktuiError, toBktuiError, unreachable } from "../base/errors.ts";
import { debugRootWords } from "../debugger/debug-root-words.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { openShell } from "../debugger/open-shell.ts";
import { promptUser } from "../debugger/shell-launch.ts";
import { isReproduced } from "../debugger/view.ts";
import type { Container, Process, StateSide } from "../engine/engine.ts";
import type { Step } from "../graph/program.ts";
import { foregroundProgram } from "./foreground-program.ts";
import type { ScreenSettings } from "./settings.ts";
import type { Size } from "./surface.ts";
import { ShellSurface } from "./surfaces/shell-surface.ts";

export type ShellPhase =
  | { readonly kind: "opening" }
  | {
      readonly kind: "alive";
      readonly surface: ShellSurface;
      readonly process: Process;
      readonly container: Container;
      readonly command: readonly string[];
    }
  | {
      readonly kind: "ended";
      readonly surface: ShellSurface;
      readonly code: number | undefined;
    }
  | { readonly kind: "failed"; readonly error: BktuiError };

export interface Shell {
  readonly step: Step;
  readonly side: StateSide;
  readonly phase: ShellPhase;
  /** Something was typed into it. */
  readonly used: boolean;
  /** "/src · root", as it was when the shell was opened. */
  readonly place: string;
  /** Its programs are those of the debug root, not of the image. */
  readonly isDebugRoot: boolean;
}

/** What is opened in a state, in place of a shell of the image. */
export interface ShellChoice {
  readonly program?: readonly string[] | undefined;
  readonly debugRoot?: boolean | undefined;
}

export interface ShellsOptions {
  readonly debug: Debugger;
  /** A shell's phase changed. */
  readonly onChange: () => void;
  /** A shell's screen changed: paint. */
  readonly onPaint: () => void;
  readonly color: boolean;
  /** A program wants this text on the clipboard; untrusted. */
  readonly onClipboard: (text: string) => void;
  /** How a shell that is opened now is started and shown. */
  readonly settings: () => Pick<ScreenSettings, "scrollback" | "shellCommand" | "shellPrompt">;
}

type MutableShell = { -readonly [K in keyof Shell]: Shell[K] } & { readonly stop: AbortController };

interface Started {
  readonly container: Container;
  readonly process: Process;
  readonly command: readonly string[];
  readonly surface: ShellSurface;
}

const RESIZE_SETTLE_MS = 50;

/** Owns the containers of its shells; disposing ends them all. */
export class Shells implements AsyncDisposable {
  readonly #options: ShellsOptions;
  readonly #shells = new Map<string, MutableShell>();
  /** Openings and clean-ups under way, so that disposal can wait for them. */
  readonly #closing = new Set<Promise<void>>();
  #size: Size = { columns: 80, rows: 24 };
  #resizeTimer: NodeJS.Timeout | undefined;

  constructor(options: ShellsOptions) {
    this.#options = options;
  }

  get(step: number, side: StateSide): Shell | undefined {
    return this.#shells.get(keyOf(step, side));
  }

  /** Shells with a process in them. */
  alive(): readonly Shell[] {
    return [...this.#shells.values()].filter(
      ({ phase }) => phase.kind === "alive" || phase.kind === "opening",
    );
  }

  /**
   * Opens a shell, or a new one in place of one that ended or failed; one that is alive stays as it is.
   */
  open(step: Step, side: StateSide, steps: number, choice: ShellChoice = {}): void {
    const key = keyOf(step.id, side);
    const existing = this.#shells.get(key);
    if (existing?.phase.kind === "alive" || existing?.phase.kind === "opening") return;
    if (existing !== undefined) this.#close(existing);
    const shell: MutableShell = {
      step,
      side,
      phase: { kind: "opening" },
      used: false,
      place: "",
      isDebugRoot: choice.debugRoot === true,
      stop: new AbortController(),
    };
    this.#shells.set(key, shell);
    // Failures end up in the shell's phase, where the pane shows them.
    this.#track(this.#start(shell, steps, choice));
  }

  /** Ends one shell and forgets it. */
  end(step: number, side: StateSide): void {
    const key = keyOf(step, side);
    const shell = this.#shells.get(key);
    if (shell === undefined) return;
    this.#shells.delete(key);
    this.#close(shell);
    this.#options.onChange();
  }

  /** Ends shells and waits until the engine has let go of what they held. */
  async release(shells: readonly Shell[]): Promise<void> {
    for (const { step, side } of shells) this.end(step.id, side);
    await Promise.all(this.#closing);
  }

  /** Forgets all shells: their states are gone with the build. */
  endAll(): void {
    const shells = [...this.#shells.values()];
    this.#shells.clear();
    for (const shell of shells) this.#close(shell);
  }

  /** Bytes typed by the user. */
  write(step: number, side: StateSide, data: Uint8Array): void {
    const shell = this.#shells.get(keyOf(step, side));
    if (shell?.phase.kind !== "alive") return;
    shell.used = true;
    shell.phase.process.write(data);
    shell.phase.surface.typed();
  }

  /** The pane's size; sent to the processes once, shortly after the last change. */
  resize(size: Size): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#applySize(), RESIZE_SETTLE_MS);
  }

  /** Name of the program that runs in a shell's foreground; undefined when it is the shell itself or cannot be told. */
  async program(shell: Shell, options: { readonly signal: AbortSignal }): Promise<string | undefined> {
    if (shell.phase.kind !== "alive") return undefined;
    return foregroundProgram(shell.phase.container, shell.phase.command, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resizeTimer);
    this.endAll();
    await Promise.all(this.#closing);
  }

  async #start(shell: MutableShell, steps: number, choice: ShellChoice): Promise<void> {
    try {
      const started = await this.#launch(shell, steps, choice);
      if (shell.stop.signal.aborted) {
        await endStarted(started);
        return;
      }
      this.#adopt(shell, started);
    } catch (error) {
      if (shell.stop.signal.aborted) return;
      shell.phase = { kind: "failed", error: toBktuiError(error, "engine") };
    }
    this.#options.onChange();
  }

  async #launch(shell: MutableShell, steps: number, choice: ShellChoice): Promise<Started> {
    const { columns, rows } = this.#size;
    const { shellCommand, shellPrompt } = this.#options.settings();
    const { container, process, command, environment, onData } = await openShell(
      this.#options.debug,
      {
        step: shell.step,
        side: shell.side,
        steps,
        talk: { kind: "terminal", columns, rows, term: "xterm-256color" },
        command: shellCommand,
        ...choice,
        prompt: shellPrompt,
      },
      { signal: shell.stop.signal },
    );
    const { user, cwd } = environment.meta;
    const { state } = this.#options.debug;
    shell.place = shell.isDebugRoot
      ? debugRootWords(state, { isReproduced: isReproduced(state, shell.step.id, shell.side) })
      : `${cwd === "" ? "/" : cwd} · ${promptUser(user)}`;
    const surface = this.#surfaceOf(process);
    onData((chunk) => surface.write(chunk));
    return { container, process, command, surface };
  }

  #surfaceOf(process: Process): ShellSurface {
    return new ShellSurface({
      size: this.#size,
      color: this.#options.color,
      onReply: (data) => process.write(data),
      onChange: this.#options.onPaint,
      onClipboard: this.#options.onClipboard,
      scrollback: this.#options.settings().scrollback,
      onFlow: (flow) => (flow === "pause" ? process.pause() : process.resume()),
    });
  }

  #adopt(shell: MutableShell, { container, process, command, surface }: Started): void {
    shell.phase = { kind: "alive", surface, process, container, command };
    // The pane may have changed while the container was made.
    surface.resize(this.#size);
    process.resize(this.#size.columns, this.#size.rows);
    const ended = (code: number | undefined): void => {
      if (shell.phase.kind !== "alive") return;
      shell.phase = { kind: "ended", surface, code };
      // Nothing can run in it any more, but it would still hold its mounts.
      this.#release(container);
      this.#options.onChange();
    };
    // A process that the engine lost has no exit code; the debugger reports the lost connection itself.
    process.exited.then(ended, () => ended(undefined));
  }

  #close(shell: MutableShell): void {
    shell.stop.abort(new BktuiError("cancelled", "the shell was closed"));
    const { phase } = shell;
    switch (phase.kind) {
      case "opening":
      case "failed":
        return;
      case "alive":
        phase.surface[Symbol.dispose]();
        this.#release(phase.container);
        return;
      case "ended":
        phase.surface[Symbol.dispose]();
        return;
      default:
        unreachable(phase);
    }
  }

  #release(container: Container): void {
    this.#track(disposeQuietly(container));
  }

  /** Work that opens or releases a container, and that does not reject. */
  #track(work: Promise<void>): void {
    this.#closing.add(work);
    void work.finally(() => this.#closing.delete(work));
  }

  #applySize(): void {
    for (const { phase } of this.#shells.values()) {
      if (phase.kind !== "alive" && phase.kind !== "ended") continue;
      phase.surface.resize(this.#size);
      if (phase.kind === "alive") phase.process.resize(this.#size.columns, this.#size.rows);
    }
    this.#options.onPaint();
  }
}

async function endStarted({ surface, container }: Started): Promise<void> {
  surface[Symbol.dispose]();
  await disposeQuietly(container);
}

/** In the worst case the container is gone with its build; nobody waits for the reason. */
async function disposeQuietly(container: Container): Promise<void> {
  await Promise.resolve(container[Symbol.asyncDispose]()).catch(() => undefined);
}

function keyOf(step: number, side: StateSide): string {
  return `${step}:${side}`;
}
