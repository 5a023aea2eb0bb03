/** How things stand, in lines for the line mode. Pure; every line is harmless text. */

import { basename } from "node:path";
import { BktuiError, unreachable } from "../../base/errors.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import { count } from "../../base/words.ts";
import { buildStatusOf } from "../../console/build-status.ts";
import { joinedLogs, type LogQuery, partOfLog } from "../../console/log-lines.ts";
import { movedTo } from "../../console/phrases/breakpoint-words.ts";
import { numberOf, stepPlace, stopWords } from "../../console/phrases/stop-words.ts";
import { ofPlatform } from "../../console/phrases/thread-words.ts";
import { sourcePart } from "../../console/source-part.ts";
import type { Breakpoint } from "../../debugger/breakpoint.ts";
import { ruleText } from "../../debugger/breakpoints/break-order.ts";
import { placeWords, specialWords, whenWords } from "../../debugger/breakpoints/break-spec.ts";
import { stopsWhen } from "../../debugger/breakpoints/triggers.ts";
import type { DebugState, Phase } from "../../debugger/debugger.ts";
import type { Explanation } from "../../debugger/explain/explanation.ts";
import type { ProgressStore, Warning } from "../../debugger/progress/progress-store.ts";
import type { EnvironmentFacts } from "../../debugger/shells/environment-facts.ts";
import { promptUser, sideWord } from "../../debugger/shells/shell-launch.ts";
import { canMakeBase, programOf, type StepView, statesOf, stepViews } from "../../debugger/state/inspect.ts";
import { isInThePast } from "../../debugger/state/live.ts";
import { isShared, shownThread } from "../../debugger/state/threads.ts";
import type { StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { Line } from "../../graph/graph.ts";
import type { Program, Step, Stop, StopId } from "../../graph/program.ts";
import { plainLogLine } from "../plain-progress.ts";
import { reportPause } from "../report.ts";

const LINES_AROUND = 5;

/** `(bktui 6/9 paused) `. */
export function promptOf(state: DebugState): string {
  const { phase } = state;
  const status = buildStatusOf(state);
  const thread = shownThread(state);
  const of = thread === undefined ? "" : `${visibleLine(thread.platform)} `;
  if (phase.kind === "built") return `(bktui ${of}built) `;
  if (phase.kind !== "paused") return `(bktui ${of}${status === "broken" ? "error" : status}) `;
  const { program } = phase.execution;
  const stop = program.stops[phase.at];
  const place = stop?.kind === "end" ? `end of ${visibleLine(stop.stage)}` : placeOf(stop, program);
  return `(bktui ${of}${place} ${isInThePast(phase) ? "past" : status}) `;
}

function placeOf(stop: Stop | undefined, program: Program): string {
  return stop === undefined ? "?" : `${stop.step + 1}/${program.steps.length}`;
}

interface Pausing {
  readonly state: DebugState;
  readonly progress: ProgressStore;
  /** Of a failure; undefined = not looked for. */
  readonly explanation: Explanation | undefined;
}

/** Where a build that is paused stands, why, and what can be looked at. */
export function pausedLines(
  phase: Extract<Phase, { kind: "paused" }>,
  { state, progress, explanation }: Pausing,
): readonly string[] {
  const { program } = phase.execution;
  const stop = program.stops[phase.at];
  if (stop === undefined) return ["paused, but there is nothing to run"];
  if (phase.reason.kind === "exception") {
    const searched =
      explanation?.searched === undefined
        ? []
        : [`shell ${explanation.searched.step + 1} opens the stage that it was sought in`];
    return [...reportPause(phase, state, progress, explanation), ...searched, ...sideLines(state, stop)];
  }
  return [
    visibleLine(ofPlatform(state, `paused ${stopWords(phase, state)}`)),
    ...(buildStatusOf(state) === "loaded" ? [] : sideLines(state, stop)),
  ];
}

function sideLines(state: DebugState, stop: Stop): readonly string[] {
  if (canMakeBase(state, stop.step))
    return ["it failed before the steps above had run; shell runs them first and opens BASE"];
  const sides = statesOf(state, stop.step).map(sideWord);
  const [first, other] = sides;
  if (first === undefined) return [];
  return [
    other === undefined
      ? `shell opens ${first}, the only state here`
      : `shell opens ${first}, swap changes to ${other}`,
  ];
}

/** `3/8 cached    app line 9: COPY --from=lib /src/a.txt .`, `>` before the step stood at, `@` where the build really is. */
export function stepLines(state: DebugState, progress: ProgressStore): readonly string[] {
  const program = programOf(state);
  if (program === undefined) return ["nothing is loaded"];
  return stepViews(state, progress).map((view) => {
    const { step } = view;
    const number = `${step.id + 1}/${program.steps.length}`.padStart(7);
    return `${placeMark({ here: view.current, live: view.live })}${number} ${statusWord(view).padEnd(16)} ${visibleLine(step.stage)} ${stepPlace(step, program)}: ${visibleLine(step.text)}${isShared(state, step) ? "  (all platforms)" : ""}`;
  });
}

/** Where the position is, and the build. Both are of one step where the build is at the end of its stage. */
export function placeMark({ here, live }: { readonly here: boolean; readonly live: boolean }): string {
  return here ? ">" : live ? "@" : " ";
}

export function statusWord({ status, current, live, startedMs, completedMs, failure }: StepView): string {
  if ((current || live) && status === "waiting") return "next";
  if (status === "failed" && failure?.exitCode !== undefined) return `failed, exit ${failure.exitCode}`;
  if (status === "done" && startedMs !== undefined && completedMs !== undefined)
    return `done ${(Math.max(0, completedMs - startedMs) / 1000).toFixed(1)}s`;
  return status;
}

/** The file around a line, with the warnings below theirs: `>` where the position is, `@` the build, `*` a breakpoint, `o` one that is off. */
export function sourceLines(
  state: DebugState,
  around: Line | undefined,
  warnings: readonly Warning[],
): readonly string[] {
  const part = sourcePart(state, around, warnings, LINES_AROUND);
  if (part === undefined) return ["nothing is loaded"];
  if (part.lines.length === 0) return [`the file has ${count(part.total, "line")}`];
  return part.lines.flatMap(({ line, text, here, live, breakpoints, warnings: below }) => [
    `${breakMark(breakpoints)}${placeMark({ here, live })}${String(line).padStart(4)} | ${visibleText(text)}`.trimEnd(),
    ...below.map((warning) => `       ! ${visibleLine(warning.text)}`),
  ]);
}

function breakMark(here: readonly Breakpoint[]): string {
  if (here.length === 0) return " ";
  return here.some(({ enabled }) => enabled) ? "*" : "o";
}

/** `1 on line 11, 2 hits: RUN npm run build`. */
export function breakLine(breakpoint: Breakpoint, program: Program | undefined): string {
  const { id, enabled, hits, bound, spec, rule } = breakpoint;
  const when = stopsWhen(breakpoint);
  const condition = when === "before" ? "" : ` ${whenWords(when)}`;
  const under = rule === undefined ? "" : ` ${ruleText(rule)}`;
  const asked = visibleLine(`${specialWords(spec) ?? `${placeWords(spec)}${condition}`}${under}`);
  const hitWords = hits === 0 ? "" : `, ${count(hits, "hit")}`;
  const start = `${id} ${enabled ? "on" : "off"} ${asked}${hitWords}`;
  switch (bound.kind) {
    case "pending":
      return `${start}: not looked at yet`;
    case "lost":
      return `${start}: cannot stop: ${visibleLine(bound.why)}`;
    case "verified": {
      const steps = bound.stops.map((id) => stepBefore(program, id));
      const several = severalWords(bound.stops, program);
      const text = steps[0] === undefined ? "" : `: ${visibleLine(steps[0].text)}`;
      return `${start}${several}${text}`;
    }
    case "moved": {
      const [first] = bound.stops;
      const step = first === undefined ? undefined : stepBefore(program, first);
      const text = step === undefined ? "" : `: ${visibleLine(step.text)}`;
      const place = visibleLine(movedTo(bound, program));
      return `${start} ${bound.why}, moved to ${place}${severalWords(bound.stops, program)}${text}`;
    }
    case "spread":
      return `${start}: ${numbered(bound.stops, program)}`;
    default:
      return unreachable(bound);
  }
}

/** Undefined for the end of a stage. */
function stepBefore(program: Program | undefined, id: StopId): Step | undefined {
  const stop = program?.stops[id];
  return stop?.kind === "before" ? program?.steps[stop.step] : undefined;
}

/** " (steps 4, 9)"; "" for a single one. */
function severalWords(stops: readonly StopId[], program: Program | undefined): string {
  return stops.length > 1 ? ` (${numbered(stops, program)})` : "";
}

/** "step 4", "steps 4, 9". */
function numbered(stops: readonly StopId[], program: Program | undefined): string {
  const steps = stops.map((id) => (program?.stops[id]?.step ?? 0) + 1);
  return `${steps.length === 1 ? "step" : "steps"} ${steps.join(", ")}`;
}

/** What a step has printed, as far as it is asked for; `raw`: with what it wrote over, each time it began anew on a line of its own. */
export function logLines(
  step: Step,
  progress: ProgressStore,
  query: LogQuery & { readonly raw: boolean },
): readonly string[] {
  const log = joinedLogs(step.vertices.map((digest) => progress.logOf(digest)));
  const { lines, lost, before, matches } = partOfLog(log, query);
  if (matches === 0) return [`step ${step.id + 1} has printed no line like it`];
  const shown = lines.flatMap(({ line }) => {
    const text = plainLogLine(line, { startedMs: progress.vertex(line.vertex)?.startedMs });
    return query.raw && line.raw !== undefined ? rawLines(line.raw, text) : [text];
  });
  const left = [
    ...(lost > 0 ? [`[${count(lost, "line")} not kept]`] : []),
    ...(before > 0 ? [`[${count(before, "line")} before]`] : []),
  ];
  return lines.length === 0 && lost === 0 ? [`step ${step.id + 1} has printed nothing`] : [...left, ...shown];
}

function rawLines(raw: string, shown: string): readonly string[] {
  return [...raw.split(/(?<=[^\r])(?=\r)/).map((text) => `  ${visibleText(text)}`), shown];
}

/** What a shell in the step would have. Values of secrets are not among it: they are mounts, named by their ids. */
export function infoLines(
  step: Step,
  program: Program,
  side: StateSide,
  { meta, mounts, shell, from }: StepEnvironment,
  lacking: readonly string[],
): readonly string[] {
  return [
    `${numberOf(step, program)} · ${basename(visibleLine(program.filename))} ${stepPlace(step, program)}: ${visibleLine(step.text)}`,
    `state ${sideWord(side)}`,
    `user ${visibleLine(promptUser(meta.user))}`,
    `directory ${visibleLine(meta.cwd === "" ? "/" : meta.cwd)}`,
    `shell form ${visibleLine(shell.join(" "))}`,
    ...(step.needs.length === 0 ? [] : [`needs stage ${visibleLine(step.needs.join(", "))}`]),
    ...meta.env.map((entry) => `env ${visibleLine(entry)}`),
    ...mounts
      .filter(({ dest }) => dest !== "/")
      .map(({ kind, dest }) => `mount ${kind} ${visibleLine(dest)}`),
    ...lacking.map((each) => `not given: ${visibleLine(each)}`),
    ...(from === undefined ? [] : [visibleLine(from)]),
  ];
}

/** User, directory and variables, or one of these. @throws {BktuiError} "not-found" when it is not set. */
export function environmentLines(
  { user, directory, variables }: EnvironmentFacts,
  name: string | undefined,
): readonly string[] {
  const shown = variables.filter((variable) => name === undefined || variable.name === name);
  const lines = shown.map((variable) => visibleLine(`${variable.name}=${variable.value}`));
  if (name === undefined)
    return [`user ${visibleLine(user)}`, `directory ${visibleLine(directory)}`, ...lines];
  if (lines.length > 0) return lines;
  throw new BktuiError("not-found", `${visibleLine(name)} is not set here`, {
    hint: "env lists what is set.",
  });
}
