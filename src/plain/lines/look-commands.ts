/** The commands of the line mode that look. */
import { unreachable } from "../../base/errors.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import { limitWords, takenWords } from "../../console/phrases/given-words.ts";
import { numberOf, stepPlace } from "../../console/phrases/stop-words.ts";
import type { LineCommand } from "../../console/read-command.ts";
import { ShownState } from "../../console/shown-state.ts";
import type { FilesPlace } from "../../console/state-reads.ts";
import type { StepName } from "../../console/step-names.ts";
import { BREAK_PLACES } from "../../debugger/breakpoints/break-spec.ts";
import { catchText, isCatchingAll } from "../../debugger/breakpoints/catches.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { lackingWords } from "../../debugger/explain/causes/not-given.ts";
import type { SearchedDirectory } from "../../debugger/explain/explanation.ts";
import { debugRootWords } from "../../debugger/shells/debug-root-words.ts";
import { environmentFacts } from "../../debugger/shells/environment-facts.ts";
import { ENVIRONMENT_MS } from "../../debugger/shells/environments.ts";
import { lackWords } from "../../debugger/shells/missing-words.ts";
import type { ShellTarget } from "../../debugger/shells/open-state.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import { canMakeBase, isReproduced, programOf } from "../../debugger/state/inspect.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import { warningReport } from "../report.ts";
import { breakLine, environmentLines, infoLines, logLines, sourceLines, stepLines } from "./describe.ts";
import { changeLines, diffLines, directoryLines, fileLines } from "./file-lines.ts";
import { graphLines } from "./graph-lines.ts";
import type { PlainShells } from "./line-shells.ts";

type LookId =
  | "pane-breaks"
  | "pane-source"
  | "pane-steps"
  | "pane-graph"
  | "graph-op"
  | "swap"
  | "warnings"
  | "pane-log"
  | "pane-info"
  | "changes"
  | "files"
  | "file-diff"
  | "file-show"
  | "environment";

export type LookCommand = Extract<LineCommand, { readonly id: LookId }>;

/** Performs the commands of the line mode that only look. */
export class LookCommands {
  readonly #debug: Debugger;
  readonly #shells: Pick<PlainShells, "containerAt">;
  readonly #say: (line: string) => void;
  /** Gets why something is not done. */
  readonly #refuse: (line: string) => void;
  readonly #shown: ShownState;

  constructor(
    debug: Debugger,
    shells: Pick<PlainShells, "containerAt">,
    { say, refuse }: { readonly say: (line: string) => void; readonly refuse: (line: string) => void },
  ) {
    this.#debug = debug;
    this.#shells = shells;
    this.#say = say;
    this.#refuse = refuse;
    this.#shown = new ShownState(debug);
  }

  /** @throws {BktuiError} "not-now" or "not-found" when there is nothing to look at. */
  async at(command: LookCommand): Promise<void> {
    const { state, progress } = this.#debug;
    switch (command.id) {
      case "pane-breaks":
        return this.#breaks();
      case "pane-source":
        return this.#all(sourceLines(state, command.line, progress.warnings));
      case "pane-steps":
        return this.#all(stepLines(state, progress));
      case "pane-graph":
        return this.#all(graphLines(state, progress));
      case "graph-op":
        return this.#all(this.#op(this.#shown.step(command.step)));
      case "swap":
        return this.#swap();
      case "warnings":
        return this.#all(progress.warnings.length === 0 ? ["no warnings"] : warningReport(progress.warnings));
      case "pane-log":
        return this.#all(logLines(this.#shown.step(command.step), progress, command));
      case "pane-info":
        return await this.#info(this.#shown.step(command.step));
      case "changes":
        return this.#all(await changeLines(this.#debug, this.#place(command.step)));
      case "files":
        return this.#all(await directoryLines(this.#debug, this.#place(command.step), command.path ?? "/"));
      case "file-show":
        return this.#all(await fileLines(this.#debug, this.#place(command.step), command.path));
      case "environment":
        return this.#all(await this.#environment(command.step, command.name));
      case "file-diff":
        return this.#all(await diffLines(this.#debug, this.#place(command.step), command.path));
      default:
        unreachable(command);
    }
  }

  /** What `export` means: a step, and the state of it that is shown. */
  exported(name: StepName | undefined): { readonly step: Step; readonly side: StateSide | undefined } {
    const step = this.#shown.step(name);
    return { step, side: this.#shown.side(step) };
  }

  /** Where a shell is to open; undefined when there is no state yet, which is said. */
  shellTarget(name: StepName | undefined, debugRoot: boolean): ShellTarget | undefined {
    const step = this.#shown.step(name);
    const side = this.#shown.side(step);
    if (side === undefined) {
      this.#refuse(`shell: step ${step.id + 1} has not been reached: it has no state yet`);
      return undefined;
    }
    return { step, side, steps: programOf(this.#debug.state)?.steps.length ?? 0, debugRoot };
  }

  /** "FAILED of step 7/8", "FAILED of step 7/8 · debug root · state at /target". */
  placeOf({ step, side, steps, debugRoot }: ShellTarget): string {
    const place = `${sideWord(side)} of step ${step.id + 1}/${steps}`;
    if (!debugRoot) return place;
    const { state } = this.#debug;
    return `${place} · ${debugRootWords(state, { isReproduced: isReproduced(state, step.id, side) })}`;
  }

  /** What expectations are about, too. */
  get shown(): ShownState {
    return this.#shown;
  }

  #all(lines: readonly string[]): void {
    for (const line of lines) this.#say(line);
  }

  #breaks(): void {
    const { breakpoints, catches } = this.#debug.state;
    if (!isCatchingAll(catches)) this.#say(visibleLine(`failures that stop: ${catchText(catches)}`));
    if (breakpoints.length === 0) this.#say(`no breakpoints; break sets one: ${BREAK_PLACES}`);
    for (const breakpoint of breakpoints) this.#say(breakLine(breakpoint, programOf(this.#debug.state)));
  }

  async #info(step: Step): Promise<void> {
    const program = programOf(this.#debug.state);
    const side = this.#shown.side(step) ?? (canMakeBase(this.#debug.state, step.id) ? "base" : undefined);
    if (program === undefined) return;
    if (side === undefined) {
      this.#say(`${numberOf(step, program)} ${stepPlace(step, program)}: ${visibleLine(step.text)}`);
      this.#say("it has not been reached: its environment is not known yet");
      return;
    }
    const signal = AbortSignal.timeout(ENVIRONMENT_MS);
    const environment = await this.#debug.environment(step.id, side, { signal });
    const { exec } = program.graph.vertices.get(step.vertex) ?? {};
    const lacking = lackingWords(exec, this.#debug.state.request);
    this.#all(infoLines(step, program, side, environment, lacking));
    const { request } = this.#debug.state;
    for (const words of takenWords(request, this.#debug.engine)) this.#say(`given ${visibleLine(words)}`);
    for (const words of limitWords(request)) this.#say(`limits ${visibleLine(words)}`);
    const open = this.#shells.containerAt(step, side);
    if (open !== undefined)
      this.#all(lackWords(open, program).map((words) => `differs: ${visibleLine(words)}`));
  }

  /** Of a step that failed before BASE was made, as that will be. */
  async #environment(name: StepName | undefined, variable: string | undefined): Promise<readonly string[]> {
    const step = this.#shown.step(name);
    const made = canMakeBase(this.#debug.state, step.id) ? "base" : undefined;
    const side = this.#shown.side(step) ?? made ?? this.#shown.place(name).side;
    const signal = AbortSignal.timeout(ENVIRONMENT_MS);
    const environment = await this.#debug.environment(step.id, side, { signal });
    return environmentLines(environmentFacts(environment, this.#debug), variable);
  }

  #place(name: StepName | undefined): FilesPlace {
    const { step, side, steps } = this.#shown.place(name);
    const shown = `step ${step.id + 1}/${steps}`;
    return { step, name: shown, typed: name === undefined ? "" : `${step.id + 1} `, side };
  }

  /** Where a COPY sought its source, at the deepest directory of its path that exists. */
  async sought(place: SearchedDirectory | undefined): Promise<void> {
    const { steps } = programOf(this.#debug.state) ?? {};
    const step = place === undefined ? undefined : steps?.[place.step];
    if (place === undefined || step === undefined) {
      this.#refuse("sought: no source of another stage is missing here");
      return;
    }
    const name = `step ${step.id + 1}/${steps?.length ?? 0}`;
    const at = { step, name, typed: `${step.id + 1} `, side: "after" } as const;
    this.#all(await directoryLines(this.#debug, at, place.directory));
  }

  /** The LLB of a step. */
  #op(step: Step): readonly string[] {
    const { graph } = programOf(this.#debug.state) ?? {};
    return step.vertices.flatMap((digest) => {
      const vertex = graph?.vertices.get(digest);
      return vertex === undefined ? [] : [digest, ...this.#debug.opText(vertex).split("\n").map(visibleText)];
    });
  }

  #swap(): void {
    const { step, side, isOther } = this.#shown.swap();
    if (side === undefined) this.#refuse(`swap: step ${step.id + 1} has no state yet`);
    else if (isOther) this.#say(`${sideWord(side)} of step ${step.id + 1} is shown; shell opens it`);
    else this.#refuse(`swap: only ${sideWord(side)} is here`);
  }
}
