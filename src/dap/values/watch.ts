/** What hovers and watches ask for: variables, facts of a step, paths of its states. Nothing is ever run for them. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { executionOf, stepView } from "../../debugger/state/inspect.ts";
import { isDone } from "../../debugger/state/reached.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Item } from "./branch.ts";
import { contentItem, itemAt } from "./state-files.ts";
import { declaredNames } from "./step-arguments.ts";
import { argumentItems, stepArguments } from "./step-scopes.ts";
import { environmentOf, pairsOf, type StepView, shownSide } from "./step-view.ts";

const LONGEST = 1000;

/** @throws {BktuiError} "not-found" when it means nothing here, "usage" when it is no expression. */
export async function valueAt(view: StepView, typed: string, signal: AbortSignal): Promise<Item> {
  const text = typed.trim();
  if (text === "" || text.length > LONGEST) throw new BktuiError("usage", "that is no expression");
  const path = pathIn(text);
  if (path !== undefined) {
    const { thread, step } = view.place;
    return await itemAt(view, { thread, step, path: path.path, side: path.side ?? shownSide(view) }, signal);
  }
  const [, scope, name] = VARIABLE.exec(text) ?? [];
  if (name !== undefined) return await variable(view, scope ?? "any", name, signal);
  const fact = FACTS[text];
  if (fact !== undefined)
    return { name: text, value: await fact(view, signal), type: "fact", expression: text };
  if (/^[A-Za-z_]\w*$/.test(text)) return await variable(view, "any", text, signal);
  throw new BktuiError("not-found", `"${visibleLine(text)}" means nothing here`, { hint: NAMES });
}

/** All of it, where `valueAt` tells its size. */
export async function wholeAt(view: StepView, item: Item, signal: AbortSignal): Promise<string> {
  return item.type === "file" && item.memory !== undefined
    ? (await contentItem(view, item.memory, signal)).value
    : item.value;
}

const NAMES =
  "There are $NAME, ENV.NAME, ARG.NAME, user, directory, platform, exitCode, cached, stage, and paths: /etc/passwd, BASE:/etc/passwd.";
const VARIABLE = /^(?:(ENV|ARG)\.|\$(?=\w)|\$\{(?=\w+\}$))([A-Za-z_]\w*)\}?$/;

/** `/etc/passwd`, `BASE:/etc/passwd`, in quotes or not. */
export function pathIn(
  text: string,
): { readonly side: StateSide | undefined; readonly path: string } | undefined {
  const [, side, quoted, plain] = /^(?:(BASE|FAILED|AFTER):)?(?:"(\/[^"]*)"|(\/[^"]*))$/i.exec(text) ?? [];
  const path = quoted ?? plain;
  if (path === undefined) return undefined;
  return { side: SIDES[side?.toUpperCase() ?? ""], path };
}

const SIDES: Readonly<Record<string, StateSide>> = { BASE: "base", FAILED: "failed", AFTER: "after" };

async function variable(view: StepView, scope: string, name: string, signal: AbortSignal): Promise<Item> {
  const argument = stepArguments(view).find((each) => each.name === name);
  if (scope !== "ENV" && argument?.value !== undefined && argument.origin !== "undeclared")
    return argumentItems(view).find((each) => each.name === name) ?? { name, value: argument.value };
  const { meta } = await environmentOf(view, signal);
  const value = scope === "ARG" ? undefined : pairsOf(meta.env).get(name);
  if (value !== undefined) return { name, value, type: "environment variable", expression: `ENV.${name}` };
  const what = { ARG: "build argument", ENV: "variable" }[scope] ?? "variable or build argument";
  throw new BktuiError("not-found", `step ${view.step.id + 1} has no ${what} ${name}`, { hint: NAMES });
}

type FactOf = (view: StepView, signal: AbortSignal) => string | Promise<string>;

const FACTS: Readonly<Record<string, FactOf | undefined>> = {
  user: async (view, signal) => (await environmentOf(view, signal)).meta.user || "root",
  directory: async (view, signal) => (await environmentOf(view, signal)).meta.cwd || "/",
  platform: ({ vertex, request }) => vertex?.platform || request.platform || "the engine's own",
  exitCode: (view) => exitCode(view),
  cached: (view) => cached(view),
  stage: ({ step }) => step.stage,
  instruction: ({ step }) => step.instruction,
  line: ({ step }) => String(step.start),
  text: ({ step }) => step.text,
};

function exitCode({ failure, state, step }: StepView): string {
  if (failure?.exitCode !== undefined) return String(failure.exitCode);
  const execution = executionOf(state);
  if (execution !== undefined && isDone(execution, step)) return "0";
  throw notRun(step.id + 1);
}

function cached({ state, step, session }: StepView): string {
  const status = stepView(state, step.id, session.debug.progress)?.status;
  if (status === "cached") return "true";
  if (status === "done" || status === "failed") return "false";
  throw notRun(step.id + 1);
}

function notRun(number: number): BktuiError {
  return new BktuiError("not-now", `step ${number} has not run yet`);
}

/** Whether an expression or a row can be given another value: build arguments alone. */
export function settableName(expression: string): string | undefined {
  const [, dotted, plain] =
    /^(?:ARG\.([A-Za-z_][\w.-]*)|(?:\$\{?)?([A-Za-z_]\w*)\}?)$/.exec(expression.trim()) ?? [];
  return dotted ?? plain;
}

/** Gives a build argument to the next build. @throws {BktuiError} with why not. */
export async function setArgument(view: StepView, name: string, value: string): Promise<Item> {
  const { session } = view;
  const { program, request } = view;
  if (!declaredNames(program).has(name) && !Object.hasOwn(request.buildArgs, name))
    throw new BktuiError(
      "unsupported",
      `${visibleLine(name)} is no build argument of this build: it cannot be set`,
      {
        hint: "Build arguments can be set, for the next build.",
      },
    );
  session.argumentsSet.set(name, value);
  await session.build.console.give((commands) => {
    commands.next.setArgument(name, value);
    return true;
  });
  session.connection.event("output", {
    category: "console",
    output: `${visibleLine(name)} is set for the next build: restart applies it\n`,
  });
  if (session.client.takesInvalidated) session.connection.event("invalidated", { areas: ["variables"] });
  return argumentItems(view).find((each) => each.name === name) ?? { name, value };
}
