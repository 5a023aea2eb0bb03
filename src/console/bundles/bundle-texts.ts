/** What a bundle says beside the record of the build: values, differences, options, engine, the log of the step. */
import { toBktuiError } from "../../base/errors.ts";
import { inSlices } from "../../base/slices.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import { count } from "../../base/words.ts";
import type { Debugger, FileChange } from "../../debugger/debugger.ts";
import { CHANGE_SIGNS, sizeWords } from "../../debugger/files/change-words.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { contextPlace, sourcePlace, withoutPassword } from "../../engine/build-sources.ts";
import type { Bundle } from "../../engine/bundle.ts";
import type { StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";

interface Place {
  readonly debug: Debugger;
  readonly step: Step;
  /** The state that is looked at; undefined = there is none. */
  readonly side: StateSide | undefined;
}

type Signal = { readonly signal: AbortSignal };

/** Of the end of a log, which says why a step failed. */
const MOST_LINES = 20_000;

export interface BundleTexts {
  readonly texts: Bundle["texts"];
  readonly about: readonly string[];
}

/** What cannot be had is told in its place: a bundle is written all the same. @throws {BktuiError} "cancelled". */
export async function bundleTexts(place: Place, { signal }: Signal): Promise<BundleTexts> {
  const { debug, step } = place;
  const { request } = debug.state;
  const values = await told(valuesOf(place, { signal }), signal);
  const differences = await told(differencesOf(place, { signal }), signal);
  return {
    texts: [
      { name: "values.json", text: values.text },
      { name: "differences.txt", text: differences.text },
      { name: "options.json", text: request === undefined ? "{}\n" : optionsOf(request, debug) },
      { name: "engine.json", text: engineOf(debug) },
      { name: "step.log", text: logOf(debug, step) },
    ],
    about: [values.about, differences.about],
  };
}

interface Told {
  readonly text: string;
  readonly about: string;
}

async function told(text: Promise<Told>, signal: AbortSignal): Promise<Told> {
  try {
    return await text;
  } catch (error) {
    const { message, code } = toBktuiError(error);
    if (signal.aborted || code === "cancelled" || code === "internal") throw error;
    return { text: `${visibleLine(message)}\n`, about: message };
  }
}

async function valuesOf({ debug, step, side }: Place, { signal }: Signal): Promise<Told> {
  if (side === undefined) return { text: "{}\n", about: "its values are not known: it has not been reached" };
  const environment = await debug.environment(step.id, side, { signal });
  const { user, cwd, env } = environment.meta;
  const facts = {
    step: step.id + 1,
    stage: step.stage,
    line: step.start,
    command: step.text,
    state: side,
    ...plainEnvironment(environment),
  };
  return {
    // Before it is quoted, as values of several lines are not found afterwards.
    text: json(masked(facts, debug)),
    about: `values: user ${user === "" ? "root" : user}, directory ${cwd}, ${count(env.length, "variable")}`,
  };
}

function plainEnvironment({ meta, mounts, shell }: StepEnvironment): object {
  return {
    user: meta.user,
    directory: meta.cwd,
    environment: meta.env,
    shell,
    network: meta.network,
    security: meta.security,
    hosts: meta.extraHosts,
    limits: meta.ulimits,
    secretsInEnvironment: meta.secretEnv.map(({ id, name }) => ({ id, name })),
    mounts: mounts.map(({ kind, dest, readonly: isReadonly, cache, secret }) => ({
      kind,
      target: dest,
      readonly: isReadonly,
      ...(cache === undefined ? {} : { id: cache.id, sharing: cache.sharing }),
      ...(secret === undefined ? {} : { id: secret.id }),
    })),
  };
}

async function differencesOf({ debug, step, side }: Place, { signal }: Signal): Promise<Told> {
  const compared = debug.states(step.id).find((each) => each !== "base");
  if (side === undefined || compared === undefined)
    return { text: "", about: "differences: none, the step has not run" };
  const { changes, problems } = await debug.changes(step.id, compared, { signal });
  const lines = await inSlices(changeLines(changes), { signal });
  const all = [...lines, ...problems.map((problem) => `note: ${visibleLine(problem)}`)];
  const states = `${sideWord("base")} → ${sideWord(compared)}`;
  return {
    text: [`${states}\n`, ...all.map((line) => `${line}\n`)].join(""),
    about: `differences: ${count(changes.length, "file")} (${states})`,
  };
}

function* changeLines(changes: readonly FileChange[]): Generator<undefined, readonly string[]> {
  const lines: string[] = [];
  for (const change of changes) {
    const { kind, path } = change;
    lines.push(`${CHANGE_SIGNS[kind]} ${visibleLine(path)}  ${visibleLine(sizeWords(change))}`);
    yield;
  }
  return lines;
}

/** Of secrets, agents and caches their names alone. */
function optionsOf(request: BuildRequest, debug: Debugger): string {
  const { target, platform, network, buildArgs, labels, addHosts, allow, tags, contexts } = request;
  const options = {
    context: contextPlace(request),
    dockerfile: sourcePlace(request),
    target,
    platform,
    network,
    buildArgs,
    labels,
    addHosts,
    allow,
    tags,
    noCache: request.noCache,
    noCacheStages: request.noCacheStages,
    pull: request.pull,
    contexts: contexts.map(({ name, from }) => ({
      name,
      from: from.kind === "reference" ? withoutPassword(from.text) : from.path,
    })),
    secrets: request.secrets.map(({ id }) => id),
    ssh: request.ssh.map(({ id }) => id),
    cacheFrom: request.cacheFrom.map(({ type }) => type),
    cacheTo: request.cacheTo.map(({ type }) => type),
  };
  return json(masked(options, debug));
}

function engineOf(debug: Debugger): string {
  const { kind, version, address, origin } = debug.engine;
  const { attempt } = debug.state;
  return json(masked({ kind, version, address: withoutPassword(address), origin, attempt }, debug));
}

function logOf({ progress }: Debugger, step: Step): string {
  return step.vertices
    .map((vertex) => {
      const log = progress.logOf(vertex);
      const lines: string[] = [];
      for (let at = Math.max(log.first, log.end - MOST_LINES); at < log.end; at += 1)
        lines.push(`${visibleText(log.line(at)?.text ?? "")}\n`);
      return lines.join("");
    })
    .join("");
}

/** Every text in a plain value, also names of fields. */
function masked(value: unknown, debug: Pick<Debugger, "masked">): unknown {
  if (typeof value === "string") return debug.masked(value);
  if (Array.isArray(value)) return value.map((each: unknown) => masked(each, debug));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [debug.masked(name), masked(each, debug)]),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
