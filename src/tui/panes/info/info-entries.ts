/** The info pane: what is known of the selected step and of the engine. */

import { engineName } from "../../../console/phrases/engine-words.ts";
import { lintWords, ruleWords } from "../../../debugger/explain/warning-words.ts";
import type { Warning } from "../../../debugger/progress/progress-store.ts";
import { sideWord } from "../../../debugger/shells/shell-launch.ts";
import { argNamesOf, nameOf } from "../../../debugger/state/arguments.ts";
import { elsewhereWords, lineName, rankOnLine } from "../../../debugger/state/line-steps.ts";
import type { EngineInfo, StateSide, StepEnvironment } from "../../../engine/engine.ts";
import type { Mount } from "../../../graph/graph.ts";
import type { Program, Step } from "../../../graph/program.ts";
import type { StepBadge } from "../step-badge.ts";
import type { InfoEntry } from "./info-pane.ts";

export interface InfoInput {
  readonly engine: EngineInfo;
  readonly program: Program;
  readonly step: Step;
  readonly badge: StepBadge;
  readonly side: StateSide | undefined;
  /** undefined while it is being asked for, or when the step has no state. */
  readonly environment: StepEnvironment | undefined;
  /** What the open shell of this state has otherwise than the step, in words. */
  readonly differences: readonly string[];
  /** Why it failed, in sentences; of the failure that the build stands at. */
  readonly why: readonly string[];
  /** What it asks for and was not given. */
  readonly lacking: readonly string[];
  /** What was taken from the surroundings, and limits that shells do not have. */
  readonly given: readonly string[];
  /** Of the step's lines. */
  readonly warnings: readonly Warning[];
  readonly form: "narrow" | "wide";
}

export function infoEntries(input: InfoInput): readonly InfoEntry[] {
  const { program, step, environment } = input;
  const vertex = program.graph.vertices.get(step.vertex);
  const env = environment?.meta.env ?? [];
  const argNames = argNamesOf(program, step);
  const isArg = (entry: string): boolean => argNames.has(nameOf(entry));
  const entries: InfoEntry[] = [
    entry("stage", stageWords(program, step)),
    ...(input.form === "wide"
      ? [entry("step", `${step.id + 1} of ${program.steps.length}: ${step.text}`)]
      : []),
    entry("line", placeWords(program, step)),
    { label: "lint", values: input.warnings.flatMap((each) => [lintWords(each), ...ruleWords(each)]) },
    ...(environment === undefined ? [] : placeEntries(environment)),
    entry("cmd", commandWords(vertex?.exec?.meta.args, step)),
    { label: "why", values: input.why },
    { label: "mounts", values: mountWords(environment?.mounts ?? vertex?.exec?.mounts ?? []) },
    { label: "env", values: env.filter((value) => !isArg(value)) },
    { label: "args", values: env.filter(isArg) },
    ...(input.side === undefined ? [] : [entry("state", sideWord(input.side))]),
    entry("shell", environment?.shell.join(" ") ?? ""),
    // Of an open shell both are told.
    {
      label: "differs",
      values: [...new Set([...(environment?.from ? [environment.from] : []), ...input.differences])],
    },
    { label: "lacks", values: input.lacking },
    { label: "given", values: input.given },
    entry("platf.", vertex?.platform ?? ""),
    entry("cache", cacheWords(input.badge)),
    entry("digest", step.vertex),
  ];
  if (input.form === "wide") entries.push(...engineEntries(input.engine));
  return entries.filter(({ values }) => values.length > 0);
}

function entry(label: string, value: string): InfoEntry {
  return { label, values: value === "" ? [] : [value] };
}

function placeEntries({ meta }: StepEnvironment): readonly InfoEntry[] {
  return [
    entry("cwd", meta.cwd === "" ? "/" : meta.cwd),
    entry("user", meta.user === "" ? "root" : meta.user),
  ];
}

function engineEntries(engine: EngineInfo): readonly InfoEntry[] {
  return [entry("engine", engineName(engine)), entry("at", engine.address), entry("from", engine.origin)];
}

function stageWords(program: Program, step: Step): string {
  const index = program.stages.findIndex(({ name }) => name === step.stage);
  const stage = program.stages[index];
  if (stage === undefined) return step.stage;
  const from = stage.from === "" ? "" : `, ${program.form === "dockerfile" ? "FROM" : "on"} ${stage.from}`;
  return `${stage.name}  (${index + 1} of ${program.stages.length}${from})`;
}

/** Where there is more to say than the cursor does: "13.2 (of 3), ONBUILD in line 7". */
function placeWords(program: Program, step: Step): string {
  const rank = rankOnLine(program, step.start, step);
  const elsewhere = elsewhereWords(step);
  if (rank === undefined && elsewhere === "") return "";
  const place = rank === undefined ? String(step.start) : `${lineName(program, step)} (of ${rank.of})`;
  return elsewhere === "" ? place : `${place}, ${elsewhere}`;
}

function commandWords(args: readonly string[] | undefined, step: Step): string {
  return args === undefined ? step.text : args.join(" ");
}

function mountWords(mounts: readonly Mount[]): readonly string[] {
  return mounts.flatMap((mount) => {
    switch (mount.kind) {
      case "bind":
        return mount.dest === "/" ? [] : [`bind ${mount.dest}`];
      case "cache":
        return [`cache ${mount.dest}`];
      case "tmpfs":
        return [`tmpfs ${mount.dest}`];
      case "secret":
        return [`secret ${mount.secret?.id ?? mount.dest}`];
      case "ssh":
        return [`ssh ${mount.secret?.id ?? "default"}`];
      default:
        return [];
    }
  });
}

function cacheWords({ mark, right }: StepBadge): string {
  switch (mark) {
    case "cached":
      return "hit";
    case "done":
      return right === "" ? "" : `miss (ran ${right})`;
    case "failed":
    case "running":
      return "miss";
    case "waiting":
      return "";
  }
}

/** For the rule above the pane. */
export function infoSummary(step: Step | undefined, program: Program | undefined): string {
  if (step === undefined || program === undefined) return "";
  return `step ${step.id + 1}/${program.steps.length}`;
}
