/** The line mode's contact with its engine: says when it or a step is silent, or when it is lost, and comes back to it. */
import { visibleLine } from "../../base/visible.ts";
import { EngineWatch } from "../../console/engine-silence.ts";
import { Reconnection } from "../../console/reconnection.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { SilenceWatch } from "../../debugger/state/silence.ts";
import type { PlainShells } from "./line-shells.ts";

export interface EngineContactOptions {
  readonly debug: Debugger;
  readonly shells: PlainShells;
  /** Gets one harmless line. */
  readonly say: (line: string) => void;
  /** A step that reports nothing for so long is told of. */
  readonly silentAfterMs: number;
  /** Somebody types: tries to connect again by itself, and waits for a silent engine as long as he does. */
  readonly interactive: boolean;
  /** A script's engine has been silent for too long. */
  readonly onGaveUp: (reason: unknown) => void;
}

export class EngineContact implements Disposable {
  readonly #options: EngineContactOptions;
  readonly #watch: EngineWatch;
  readonly #silence: SilenceWatch;
  readonly #reconnection: Reconnection;
  readonly #unsubscribe: () => void;

  constructor(options: EngineContactOptions) {
    const { debug, say, interactive, onGaveUp } = options;
    this.#options = options;
    this.#watch = new EngineWatch(debug, {
      say,
      help: interactive ? "reconnect connects anew, quit leaves" : "the next line waits",
      attended: interactive,
    });
    const { gaveUp } = this.#watch;
    gaveUp.addEventListener("abort", () => onGaveUp(gaveUp.reason), { once: true });
    this.#silence = new SilenceWatch(debug, {
      afterMs: options.silentAfterMs,
      say: (line) => say(visibleLine(line)),
    });
    this.#reconnection = new Reconnection({
      connect: () => this.#connect(),
      back: () => say("connected again"),
    });
    this.#unsubscribe = interactive
      ? debug.subscribe(() => this.#reconnection.observe(debug.state))
      : () => undefined;
  }

  /** The command. */
  reconnect(): void {
    const { phase, engineSilent } = this.#options.debug.state;
    if (phase.kind === "lost" || engineSilent) this.#connect();
    else this.#options.say("reconnect: the engine answers; rerun runs the build again");
  }

  /** What can be done when the connection is lost. */
  get lostHint(): string {
    return this.#options.interactive
      ? "  connecting again by itself for some seconds; reconnect does it at once"
      : "  reconnect connects again";
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#silence[Symbol.dispose]();
    this.#reconnection[Symbol.dispose]();
    this.#unsubscribe();
  }

  #connect(): void {
    const { debug, shells } = this.#options;
    // Not waited for: a silent engine answers no release, and a new connection ends the old one with all it has.
    void shells[Symbol.asyncDispose]();
    debug.dispatch({ kind: "rerun", here: true });
  }
}
