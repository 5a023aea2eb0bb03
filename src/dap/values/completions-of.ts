/** What can be typed next: commands and their arguments, names of variables, paths of the state that is shown. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { visibleLine } from "../../base/visible.ts";
import { type CommandRow, commandNamed, commandsOf } from "../../console/command-table.ts";
import { specText } from "../../debugger/breakpoints/break-spec.ts";
import type { Typed } from "./completion-place.ts";
import { declaredNames } from "./step-arguments.ts";
import { stepArguments } from "./step-scopes.ts";
import { environmentOf, lookedAt, pairsOf, type StepView, shownSide } from "./step-view.ts";
import { pathIn } from "./watch.ts";

/** One thing that can stand there; texts are untrusted. */
export interface Candidate {
  readonly label: string;
  readonly detail?: string;
  readonly type?: DebugProtocol.CompletionItemType;
}

const MOST = 200;

/** Those that go on with what is typed. @param view undefined: the build runs or is not loaded. */
export async function candidates(
  { wanted, word }: Typed,
  before: string,
  view: StepView | undefined,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const all = async (): Promise<readonly Candidate[]> => {
    switch (wanted.kind) {
      case "command":
        return commandsOf("lines").map(({ name, about }) => ({
          label: name,
          detail: about,
          type: "function",
        }));
      case "argument":
        return view === undefined ? [] : await argumentsFor(wanted.command, view, signal);
      case "variable":
        return view === undefined ? [] : await variables(wanted.scope, view, signal);
      case "path":
        return view === undefined ? [] : await paths(wanted.directory, before, view, signal);
    }
  };
  const lower = word.toLowerCase();
  return (await all()).filter(({ label }) => label.toLowerCase().startsWith(lower)).slice(0, MOST);
}

async function variables(
  scope: "ENV" | "ARG" | "any",
  view: StepView,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const own = stepArguments(view).map(
    ({ name, value }): Candidate => ({ label: name, detail: value ?? "", type: "variable" }),
  );
  if (scope === "ARG") return own;
  const { meta } = await environmentOf(view, signal);
  const environment = [...pairsOf(meta.env)].map(
    ([label, detail]): Candidate => ({ label, detail, type: "variable" }),
  );
  const known = new Set(environment.map(({ label }) => label));
  return scope === "ENV" ? environment : [...environment, ...own.filter(({ label }) => !known.has(label))];
}

async function paths(
  directory: string,
  before: string,
  view: StepView,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const typed = /(?:BASE|FAILED|AFTER):\/\S*$/i.exec(before)?.[0];
  const side = (typed === undefined ? undefined : pathIn(typed)?.side) ?? shownSide(view);
  const entries = await view.session.looked.directory(lookedAt(view, side), directory, signal);
  return entries.map(
    ({ name, kind }): Candidate =>
      kind === "directory" ? { label: `${name}/`, type: "module" } : { label: name, type: "file" },
  );
}

type Offer = (view: StepView, signal: AbortSignal) => readonly Candidate[] | Promise<readonly Candidate[]>;

/** By the name of the command. */
const OFFERS: Readonly<Record<string, Offer | undefined>> = {
  target: stages,
  break: (view) => [
    ...stages(view).flatMap(({ label }) => [{ label: `stage:${label}` }, { label: `${label}:end` }]),
    ...lines(view),
  ],
  to: lines,
  source: lines,
  arg: argumentNames,
  "build-arg": argumentNames,
  env: (view, signal) => variables("ENV", view, signal),
  thread: ({ state }) => [
    { label: "next" },
    ...state.threads.map(({ platform, id }) => ({ label: platform, detail: `platform ${id + 1}` })),
  ],
  help: () => commandsOf("lines").map(({ name, about }) => ({ label: name, detail: about })),
  delete: breakpoints,
  on: breakpoints,
  off: breakpoints,
};

async function argumentsFor(
  typed: string,
  view: StepView,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const row: CommandRow | undefined = commandNamed(typed, commandsOf("lines"));
  if (row === undefined) return [];
  const offer = OFFERS[row.name];
  if (offer !== undefined) return await offer(view, signal);
  return row.argument.includes("STEP") ? steps(view) : [];
}

function stages({ program }: StepView): readonly Candidate[] {
  return program.stages.map(({ name, from }) => ({ label: name, detail: `from ${from}`, type: "class" }));
}

function lines({ program }: StepView): readonly Candidate[] {
  const starts = new Map(program.steps.map(({ start, text }) => [start, text]));
  return [...starts]
    .sort(([a], [b]) => a - b)
    .map(([line, text]): Candidate => ({ label: String(line), detail: text, type: "value" }));
}

function steps({ program }: StepView): readonly Candidate[] {
  return program.steps.map(({ id, text }) => ({ label: String(id + 1), detail: text, type: "value" }));
}

function argumentNames({ program }: StepView): readonly Candidate[] {
  return [...declaredNames(program)].map((name) => ({ label: `${name}=`, type: "variable" }));
}

function breakpoints({ state }: StepView): readonly Candidate[] {
  return state.breakpoints.map(({ id, spec }) => ({
    label: String(id),
    detail: visibleLine(specText(spec)),
    type: "value",
  }));
}
