/** The shells of attached terminals that show nothing else: they live as long as somebody is there. */
import { isAlive, type OpenState } from "../debugger/shells/open-state.ts";
import { OpenStates } from "../debugger/shells/open-states.ts";
import type { ServeOptions } from "./serve-options.ts";
import type { Visitor } from "./server.ts";
import { displayedIn, type ShellDisplay } from "./shell-display.ts";
import { ShellVisit } from "./shell-visit.ts";

/** Of one debugger. Terminals at the same state have its files together. Disposing ends all shells. */
export class AttachedShells implements AsyncDisposable {
  readonly #options: ServeOptions;
  readonly #states: OpenStates<ShellDisplay>;
  readonly #visits = new Set<ShellVisit>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: ServeOptions) {
    const { command, prompt } = options.settings.shell;
    this.#options = options;
    this.#states = new OpenStates({
      debug: options.debugger,
      start: () => ({ talk: { kind: "lines" }, command, prompt }),
      show: displayedIn,
      onChange: () => {
        for (const visit of [...this.#visits]) visit.shellChanged();
      },
    });
  }

  /** Until the terminal is left or gone; answers words for whoever left it. */
  async visit(visitor: Visitor, command: string): Promise<string> {
    const { debugger: debug, settings } = this.#options;
    const visit = new ShellVisit(visitor, {
      debug,
      settings,
      command,
      states: this.#states,
      release: async (states) => await this.#release(states),
    });
    this.#visits.add(visit);
    try {
      return await visit.run();
    } finally {
      // Whoever leaves does not wait for it.
      const ending = this.#finish(visit);
      this.#ending.add(ending);
      void ending.finally(() => this.#ending.delete(ending));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#states[Symbol.asyncDispose]();
    await Promise.all(this.#ending);
  }

  async #finish(visit: ShellVisit): Promise<void> {
    await visit.finish();
    this.#visits.delete(visit);
    await this.#release(this.#states.all);
  }

  /** Ends those of them that nobody is in or looks at any more. */
  async #release(states: readonly OpenState<ShellDisplay>[]): Promise<void> {
    const unused = states.filter(
      (state) => !state.shells.some(isAlive) && ![...this.#visits].some((visit) => visit.isAt(state)),
    );
    await this.#states.release(unused);
  }
}
