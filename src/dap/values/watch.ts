/** What hovers and watches ask for: variables, facts of a step, paths of its states. Nothing is ever run for them. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { readLine } from "../../console/read-command.ts";
import { textOf } from "../../debugger/breakpoints/expression/evaluate.ts";
import {
  type Expression,
  FACTS,
  type Fact,
  needsOf,
  type Value,
} from "../../debugger/breakpoints/expression/expression.ts";
import { parseExpression } from "../../debugger/breakpoints/expression/parse.ts";
import { executionOf, stepView } from "../../debugger/state/inspect.ts";
import { isDone } from "../../debugger/state/reached.ts";
import type { StateSide, StepEnvironment } from "../../engine/engine.ts";
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
  if (isFact(text)) return await factAt(view, text, signal);
  if (/^[A-Za-z_]\w*$/.test(text)) return await variable(view, "any", text, signal);
  return { name: text, value: await expressionText(view, parsed(text), signal), type: "expression" };
}

/** @throws {BktuiError} "usage" with what is wrong in it. */
function parsed(text: string): Expression {
  const { message, code } = { message: `"${visibleLine(text)}" means nothing here`, code: "usage" } as const;
  try {
    return parseExpression(text);
  } catch (error) {
    throw new BktuiError(code, message, { hint: toBktuiError(error).message, cause: error });
  }
}

/** What conditions of breakpoints can say, e.g. `ENV.CI == "1" && exists("/app")`. */
async function expressionText(view: StepView, expression: Expression, signal: AbortSignal): Promise<string> {
  const needs = needsOf([expression]);
  const environment = needs.environment ? await environmentOf(view, signal) : undefined;
  const variables = pairsOf(environment?.meta.env ?? []);
  const texts = new Map<string, string>();
  const there = new Set<string>();
  for (const { kind, path } of needs.files) {
    const place = { ...view.place, path, side: shownSide(view) };
    const item = await itemAt(view, place, signal).catch(unlessMissing);
    if (item === undefined) continue;
    there.add(path);
    if (kind === "file" && item.type === "file") texts.set(path, await wholeAt(view, item, signal));
  }
  return textOf(expression, {
    fact: (fact) => factNow(view, fact, environment),
    variable(scope, name) {
      const argument = stepArguments(view).find((each) => each.name === name)?.value;
      const own = variables.get(name);
      if (scope === "ENV") return own;
      return scope === "ARG" ? argument : (own ?? argument);
    },
    file: (path) => texts.get(path),
    exists: (path) => there.has(path),
  });
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof BktuiError) || error.code !== "not-found") throw error;
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

/** Whether it can be nothing but a value: `$NAME`, `ENV.NAME`, a path, and what is no command: `exitCode`, `exitCode == 7`. */
export function isValue(typed: string): boolean {
  const text = typed.trim();
  if (pathIn(text) !== undefined || VARIABLE.test(text)) return true;
  if (readLine(text).kind !== "unknown") return false;
  try {
    return parseExpression(text).kind !== "value";
  } catch {
    return false;
  }
}

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

function isFact(word: string): word is Fact {
  return FACTS.some((each) => each === word);
}

async function factAt(view: StepView, fact: Fact, signal: AbortSignal): Promise<Item> {
  const isAsked = fact === "user" || fact === "directory";
  const value = factNow(view, fact, isAsked ? await environmentOf(view, signal) : undefined);
  if (value === undefined) throw notRun(view.step.id + 1);
  return { name: fact, value: String(value), type: "fact", expression: fact };
}

/** Undefined: that is not known, as the step has not run. */
function factNow(
  view: StepView,
  fact: Fact,
  environment: Pick<StepEnvironment, "meta"> | undefined,
): Value | undefined {
  const { step, vertex, request } = view;
  switch (fact) {
    case "user":
      return environment?.meta.user || "root";
    case "directory":
      return environment?.meta.cwd || "/";
    case "platform":
      return vertex?.platform || request.platform || platformOf(view);
    case "exitCode":
      return exitCode(view);
    case "cached":
      return cached(view);
    case "line":
      return step.start;
    default:
      return step[fact];
  }
}

/** Not every op names one; all of a build for one platform have it. */
function platformOf({ program }: StepView): string {
  return [...program.graph.vertices.values()].find(({ platform }) => platform !== "")?.platform ?? "";
}

function exitCode({ failure, state, step }: StepView): number | undefined {
  if (failure?.exitCode !== undefined) return failure.exitCode;
  const execution = executionOf(state);
  return execution !== undefined && isDone(execution, step) ? 0 : undefined;
}

function cached({ state, step, session }: StepView): boolean | undefined {
  const status = stepView(state, step.id, session.debug.progress)?.status;
  if (status === "cached") return true;
  return status === "done" || status === "failed" ? false : undefined;
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
    commands.next.give("build-arg", `${name}=${value}`);
    return true;
  });
  session.connection.event("output", {
    category: "console",
    output: `${visibleLine(name)} is set for the next build: restart applies it\n`,
  });
  if (session.client.takesInvalidated) session.connection.event("invalidated", { areas: ["variables"] });
  return argumentItems(view).find((each) => each.name === name) ?? { name, value };
}
