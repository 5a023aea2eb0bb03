/** What happens to a build, told by lines: at once while something runs, else where the build is said to stand. */

import { toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { count } from "../../base/words.ts";
import { BuildWatch } from "../../console/build-watch.ts";
import { FileWatch, watchedFiles } from "../../console/file-watch.ts";
import type { BuildEvent, BuildEventOf, Remedy } from "../../console/phrases/build-events.ts";
import { FILE_CHANGED } from "../../console/phrases/stop-words.ts";
import type { RememberedStore } from "../../console/remembered-breakpoints.ts";
import { breakpointsToKeep, setBreakpoints } from "../../console/start-breakpoints.ts";
import type { BreakpointOrder } from "../../debugger/breakpoint.ts";
import type { Debugger, DebugState, Phase } from "../../debugger/debugger.ts";
import { ruleWords } from "../../debugger/explain/warning-words.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourceKey } from "../../engine/build-sources.ts";
import { silenceReport, warningsBeside } from "../report.ts";

export interface LineNewsOptions {
  readonly debug: Debugger;
  readonly request: BuildRequest;
  /** Somebody types: the files are watched, and a silent engine is waited for as long as he does. */
  readonly interactive: boolean;
  /** How long a silent engine is waited for where nobody types; 0 = for ever. */
  readonly patienceMs: number;
  /** Breakpoints of other runs; undefined = there are none, and none are kept. */
  readonly remembered: RememberedStore | undefined;
  /** Gets one harmless line. */
  readonly say: (line: string) => void;
}

/** A file can break a rule in every line. */
const MOST_WARNINGS = 20;

/** What the commands do that are typed then. */
const HELP: Readonly<Record<Remedy, string>> = {
  rerun: "rerun runs it again",
  reconnect: "reconnect connects anew",
};

/** Prints the events of one debugger, those that must wait when it has come to rest. */
export class LineNews implements AsyncDisposable {
  readonly #options: LineNewsOptions;
  readonly #build: BuildWatch;
  readonly #file: FileWatch | undefined;
  readonly #unsubscribe: () => void;
  #held: readonly BuildEvent[] = [];
  #opening: Phase | undefined;
  /** What was set or kept last; undefined until all have been set. */
  #kept: DebugState["breakpoints"] | undefined;
  #keeping: Promise<void> = Promise.resolve();

  constructor(options: LineNewsOptions) {
    const { debug, request, interactive, say } = options;
    this.#options = options;
    this.#build = new BuildWatch(debug, (events) => this.#tell(events));
    this.#unsubscribe = debug.progress.subscribe(() => this.#build.observe());
    if (!interactive) return;
    this.#file = new FileWatch(watchedFiles(request), (changed) => {
      if (changed) say(`${FILE_CHANGED}; ${HELP.rerun}`);
    });
  }

  /** Sets the breakpoints that were asked for and those of earlier runs. */
  async setBreakpoints(asked: readonly BreakpointOrder[]): Promise<void> {
    const { debug, request, remembered, say } = this.#options;
    const key = sourceKey(request);
    const earlier = key === undefined ? [] : ((await remembered?.load(key)) ?? []);
    setBreakpoints(debug, asked, earlier);
    this.#kept = debug.state.breakpoints;
    if (earlier.length > 0) say(`${count(earlier.length, "breakpoint")} of earlier runs; breaks lists them`);
  }

  /** Call after each change of state. */
  observe(): void {
    const { phase, breakpoints } = this.#options.debug.state;
    // The engine reads the files behind this.
    if (phase.kind === "opening" && phase !== this.#opening) this.#file?.rebase();
    this.#opening = phase;
    this.#build.observe();
    if (this.#kept !== undefined && this.#kept !== breakpoints) this.#keep();
  }

  /** What is told before it is said where the build has come to rest. */
  take(phase: Phase): readonly string[] {
    this.#build.observe();
    const events = this.#held;
    this.#held = [];
    const warnings = events.filter((event) => event.kind === "warning");
    const others = events.filter((event) => event.kind !== "warning");
    return [...others.map(({ words }) => visibleLine(words)), ...this.#warningLines(warnings, phase)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#build[Symbol.dispose]();
    this.#file?.[Symbol.dispose]();
    await this.#keeping;
  }

  #tell(events: readonly BuildEvent[]): void {
    for (const event of events) this.#tellOne(event);
  }

  #tellOne(event: BuildEvent): void {
    const { debug, interactive, patienceMs, say } = this.#options;
    switch (event.kind) {
      // Where the build has come to rest is told with more than this.
      case "paused":
      case "failed":
      case "finished":
      case "refused":
      case "connection-lost":
        return;
      case "warning":
        this.#held = [...this.#held, event];
        return;
      case "loaded":
      case "breakpoint-moved":
      case "breakpoint-lost":
      case "cache-broke":
        if (isBusy(debug.state)) say(visibleLine(event.words));
        else this.#held = [...this.#held, event];
        return;
      case "engine-silent": {
        const help = interactive ? `${HELP.reconnect}, quit leaves` : "the next line waits";
        for (const line of silenceReport(event, help, interactive ? undefined : patienceMs)) say(line);
        return;
      }
      default: {
        const help = event.remedy === undefined ? "" : `; ${HELP[event.remedy]}`;
        say(visibleLine(`${event.words}${help}`));
      }
    }
  }

  /** What a refusal says by itself is left to it. */
  #warningLines(events: readonly BuildEventOf<"warning">[], phase: Phase): readonly string[] {
    const beside = warningsBeside(phase, this.#options.debug.progress);
    const news = events.filter(({ warning }) => beside.includes(warning));
    const lines = news.slice(0, MOST_WARNINGS).map(({ words }) => visibleLine(words));
    if (news.length > MOST_WARNINGS) lines.push(`and ${news.length - MOST_WARNINGS} more`);
    if (news.some(({ warning }) => ruleWords(warning).length > 0) || news.length > MOST_WARNINGS)
      lines.push("warnings lists them with what they mean");
    return lines;
  }

  #keep(): void {
    const { debug, request, remembered, say } = this.#options;
    this.#kept = debug.state.breakpoints;
    const key = sourceKey(request);
    if (remembered === undefined || key === undefined) return;
    this.#keeping = remembered
      .save(key, breakpointsToKeep(debug.state))
      .catch((error: unknown) => say(visibleLine(toBktuiError(error).message)));
  }
}
