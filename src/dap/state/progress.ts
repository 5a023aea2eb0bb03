/** Long runs as progress reports, for clients that show them; giving one up pauses the build. */
import { visibleLine } from "../../base/visible.ts";
import type { Phase } from "../../debugger/debugger.ts";
import { programOf, runningSteps, stepViews } from "../../debugger/state/inspect.ts";
import type { Session } from "./session.ts";

/** What is over sooner is not worth a report. */
const QUICK_MS = 500;
const BETWEEN_MS = 250;
const LONGEST = 120;

const TITLES: Partial<Readonly<Record<Phase["kind"], string>>> = {
  opening: "Loading the build",
  running: "Building",
  finishing: "Making the outputs",
};

/** Until it is disposed. */
export class ProgressReports implements Disposable {
  readonly #session: Session;
  readonly #ends: readonly (() => void)[];
  #count = 0;
  #shown: { readonly id: string; readonly kind: Phase["kind"] } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  constructor(session: Session) {
    this.#session = session;
    const { debug } = session;
    this.#ends = [debug.subscribe(() => this.#observe()), debug.progress.subscribe(() => this.#update())];
    this.#observe();
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end();
    this.#end();
  }

  #observe(): void {
    const { phase } = this.#session.debug.state;
    if (this.#shown?.kind === phase.kind) return;
    this.#end();
    if (TITLES[phase.kind] === undefined) return;
    this.#timer ??= setTimeout(() => this.#begin(), QUICK_MS);
  }

  #begin(): void {
    this.#timer = undefined;
    const { debug, connection } = this.#session;
    const { kind } = debug.state.phase;
    const title = TITLES[kind];
    if (title === undefined) return;
    this.#count += 1;
    this.#shown = { id: `build-${this.#count}`, kind };
    connection.event("progressStart", {
      progressId: this.#shown.id,
      title,
      cancellable: kind === "running",
      ...this.#facts(),
    });
  }

  #update(): void {
    const now = performance.now();
    if (this.#shown === undefined || now - this.#last < BETWEEN_MS) return;
    this.#last = now;
    const body = { progressId: this.#shown.id, ...this.#facts() };
    this.#session.connection.thinEvent("progressUpdate", body, 0);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#shown === undefined) return;
    this.#session.connection.event("progressEnd", { progressId: this.#shown.id });
    this.#shown = undefined;
  }

  #facts(): { readonly message?: string; readonly percentage?: number } {
    const { debug, build } = this.#session;
    const program = programOf(debug.state);
    if (program === undefined) return {};
    const views = stepViews(debug.state, debug.progress);
    const done = views.filter(({ status }) => status === "done" || status === "cached").length;
    const percentage = Math.floor((100 * done) / Math.max(1, views.length));
    const [step] = runningSteps(program, debug.progress);
    if (step === undefined) return { percentage };
    const words = `step ${step.id + 1}/${program.steps.length}: ${step.text}`;
    return { percentage, message: visibleLine(build.masked(words)).slice(0, LONGEST) };
  }
}
