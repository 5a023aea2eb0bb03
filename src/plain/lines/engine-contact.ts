/** The line mode's contact with its engine: gives it up or comes back to it, and says when a step is silent. */
import { visibleLine } from "../../base/visible.ts";
import { EngineWatch } from "../../console/engine-silence.ts";
import { Reconnection } from "../../console/reconnection.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { SilenceWatch } from "../../debugger/state/silence.ts";

export interface EngineContactOptions {
  readonly debug: Debugger;
  /** Gets one harmless line. */
  readonly say: (line: string) => void;
  /** A step that reports nothing for so long is told of. */
  readonly silentAfterMs: number;
  /** How long a silent engine is waited for where nobody types; 0 = for ever. */
  readonly patienceMs: number;
  /** Somebody types: tries to connect again by itself, and waits for a silent engine as long as he does. */
  readonly interactive: boolean;
  /** A script's engine has been silent for too long. */
  readonly onGaveUp: (reason: unknown) => void;
}

/** Watches the engine of one debugger for the line mode; disposing ends that. */
export class EngineContact implements Disposable {
  readonly #options: EngineContactOptions;
  /** Undefined: whoever types decides how long to wait. */
  readonly #watch: EngineWatch | undefined;
  readonly #silence: SilenceWatch;
  readonly #reconnection: Reconnection;
  readonly #unsubscribe: () => void;

  constructor(options: EngineContactOptions) {
    const { debug, say, interactive, onGaveUp } = options;
    this.#options = options;
    this.#watch = interactive ? undefined : new EngineWatch(debug, options.patienceMs);
    const gaveUp = this.#watch?.gaveUp;
    gaveUp?.addEventListener("abort", () => onGaveUp(gaveUp.reason), { once: true });
    this.#silence = new SilenceWatch(debug, {
      afterMs: options.silentAfterMs,
      say: (line) => say(visibleLine(line)),
    });
    this.#reconnection = new Reconnection({ connect: () => this.#connect() });
    this.#unsubscribe = interactive
      ? debug.subscribe(() => this.#reconnection.observe(debug.state))
      : () => undefined;
  }

  /** The engine is lost or silent. */
  get isAway(): boolean {
    const { phase, engineSilent } = this.#options.debug.state;
    return phase.kind === "lost" || engineSilent;
  }

  /** The command. */
  reconnect(): void {
    if (this.isAway) this.#connect();
    else this.#options.say("reconnect: the engine answers; rerun runs the build again");
  }

  /** What can be done when the connection is lost. */
  get lostHint(): string {
    return this.#options.interactive
      ? "  breakpoints are kept; connecting again by itself for some seconds; reconnect does it at once"
      : "  breakpoints are kept; reconnect connects again";
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#silence[Symbol.dispose]();
    this.#reconnection[Symbol.dispose]();
    this.#unsubscribe();
  }

  #connect(): void {
    this.#options.debug.dispatch({ kind: "rerun", here: true });
  }
}
