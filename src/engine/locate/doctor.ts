/** Which engines there are, which one would be used, and what to do when there is none. */
import { throwIfCancelled, toBktuiError, unreachable } from "../../base/errors.ts";
import type { Address } from "../../transport/address.ts";
import { dockerVersion } from "../../transport/docker-version.ts";
import { type EngineStatus, statusOf } from "../private/private-engine.ts";
import { type Requirements, requirementsHere } from "../private/requirements.ts";
import { defaultEngineDirectory } from "../private/system/cache-directories.ts";
import { readOsRelease } from "../private/system/os-release.ts";
import { isRoot } from "../private/system/processes.ts";
import { type Candidate, listCandidates, type Wanted } from "./candidates.ts";
import {
  commandFor,
  describeRefusals,
  type Located,
  ownPlace,
  type Refusal,
  tryCandidate,
} from "./locate.ts";

/** One thing an engine can or cannot do, in words. */
export interface Ability {
  readonly what: string;
  readonly can: boolean;
}

export interface DoctorReport {
  /** E.g. "Debian GNU/Linux 12 (bookworm), x64, Node v20.20.2, root". */
  readonly system: string;
  /** Engines that answered, in the order in which they count. */
  readonly usable: readonly Located[];
  readonly refused: readonly Refusal[];
  /** The user named one: that or none would be used. */
  readonly isNamed: boolean;
  /** What `bktui` would use now; undefined when it would have to start an engine or fail. */
  readonly chosen: ChosenEngine | undefined;
  /** What was chosen and does not run, but is started when it is used: a builder. */
  readonly startable: Refusal | undefined;
  readonly own: OwnEngine;
  /** One command that gets an engine to this system; only when there is none that would be used. */
  readonly command: string | undefined;
}

export interface ChosenEngine extends Located {
  /** Undefined when the engine does not say. */
  readonly version: string | undefined;
  readonly abilities: readonly Ability[];
}

/** bktui's own engine: its state and what could be started. */
export interface OwnEngine extends Requirements {
  readonly status: EngineStatus;
}

export interface DiagnoseOptions extends Wanted {
  /** Of bktui's own engine; default `defaultEngineDirectory()`. */
  readonly directory?: string | undefined;
  /** Asks an engine what it can do; given in, because it needs a connection of its own. */
  readonly abilities?: (
    address: Address,
    options: { readonly signal: AbortSignal },
  ) => Promise<readonly Ability[]>;
}

/**
 * Looks at everything that decides which engine is used. Starts nothing and changes nothing.
 * @throws {BktuiError} "usage" or "not-found" for a docker context or builder that does not exist, "io" for unreadable ones,
 * "cancelled".
 */
export async function diagnose(
  options: DiagnoseOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<DoctorReport> {
  const candidates = considered(await listCandidates(options), options);
  const looking = { env: options.env, onProgress: () => undefined, mayStart: false };
  const outcomes: (Located | Refusal)[] = [];
  for (const candidate of candidates) outcomes.push(await tryCandidate(candidate, looking, { signal }));
  const own = await lookAtOwn(options);
  const isNamed = candidates[0]?.explicit === true;
  const counting = isNamed ? outcomes.slice(0, 1) : outcomes;
  const located = await choose(counting, isNamed ? undefined : own, options);
  const examined = located === undefined ? undefined : await examine(located, options, signal);
  const failed = examined !== undefined && "error" in examined ? [examined] : [];
  const chosen = examined !== undefined && "address" in examined ? examined : undefined;
  const refused = [...failed, ...outcomes.filter((outcome) => "error" in outcome)];
  const startable = counting.filter((outcome) => "error" in outcome).find(isStartable);
  return {
    system: await describeSystem(),
    usable: outcomes
      .filter((outcome) => "address" in outcome)
      .filter((outcome) => outcome !== located || failed.length === 0),
    refused,
    isNamed,
    chosen,
    startable,
    own,
    command:
      chosen === undefined && startable === undefined ? await remedy(candidates, refused, own) : undefined,
  };
}

/** With --addr or --builder only that engine is of interest. */
function considered(candidates: readonly Candidate[], { addr, builder }: Wanted): readonly Candidate[] {
  return addr === undefined && builder === undefined ? candidates : candidates.slice(0, 1);
}

/** As `locateEngine` decides, without starting anything. */
async function choose(
  outcomes: readonly (Located | Refusal)[],
  own: OwnEngine | undefined,
  { env }: Wanted,
): Promise<Located | undefined> {
  const found = outcomes.find((outcome) => "address" in outcome);
  if (found !== undefined || own?.status.kind !== "running") return found;
  return await ownPlace(own.status.engine.address, env);
}

function isStartable({ error }: Refusal): boolean {
  return error.code === "not-now";
}

/** An engine of bktui's own is of no use while another one is named. */
async function remedy(
  [first]: readonly Candidate[],
  refused: readonly Refusal[],
  own: OwnEngine,
): Promise<string | undefined> {
  if (own.possible.length === 0) return await commandFor(refused);
  return first?.explicit === true ? undefined : "bktui engine start";
}

/** What a program reaches is spoken to here for the first time. */
async function examine(
  located: Located,
  options: DiagnoseOptions,
  signal: AbortSignal,
): Promise<ChosenEngine | Refusal> {
  try {
    const version = await dockerVersion(located.address, { signal });
    const abilities = (await options.abilities?.(located.address, { signal })) ?? [];
    return { ...located, version, abilities };
  } catch (error) {
    throwIfCancelled(signal);
    return { origin: located.origin, error: toBktuiError(error) };
  }
}

async function lookAtOwn(options: DiagnoseOptions): Promise<OwnEngine> {
  let status: EngineStatus;
  try {
    status = await statusOf(options.directory ?? defaultEngineDirectory(options.env));
  } catch (error) {
    // Of another user, or damaged: no reason to say nothing about all the others.
    return { status: { kind: "stopped" }, possible: [], obstacles: [toBktuiError(error).message] };
  }
  return { status, ...(await requirementsHere(options.env)) };
}

async function describeSystem(): Promise<string> {
  const name = process.platform === "linux" ? (await readOsRelease()).prettyName : process.platform;
  const user = isRoot() ? "root" : "not root";
  return `${name}, ${process.arch}, Node ${process.version}, ${user}`;
}

/** The report as text for a person, without the last line end. */
export async function formatDoctor(report: DoctorReport): Promise<string> {
  const lines = [`System   ${report.system}`, ""];
  lines.push(...formatEngine(report), "");
  lines.push("Looked at");
  for (const { origin, address } of report.usable) lines.push(`  + ${origin}: ${address.kind}`);
  for (const line of await describeRefusals(report.refused)) lines.push(`  - ${line}`);
  lines.push("", `bktui's own engine: ${formatStatus(report.own.status)}`);
  for (const choice of report.own.possible) lines.push(`  + could start ${choice}`);
  for (const obstacle of report.own.obstacles) lines.push(`  - ${obstacle}`);
  if (report.command !== undefined) lines.push("", "To get an engine, run:", `  ${report.command}`);
  return lines.join("\n");
}

function formatEngine({ chosen, startable }: DoctorReport): readonly string[] {
  if (chosen !== undefined) return formatChosen(chosen);
  return startable === undefined
    ? ["Engine   none found"]
    : [`Engine   ${startable.origin}: ${startable.error.message}`];
}

function formatChosen({ address, origin, version, abilities }: ChosenEngine): readonly string[] {
  const name = version === undefined ? address.kind : `${address.kind} ${version}`;
  const marks = abilities.map(({ what, can }) => `  ${can ? "+" : "-"} ${what}`);
  return [`Engine   ${name} at ${address.text} (${origin})`, ...marks];
}

function debuggedBy(delve: string | undefined): string {
  return delve === undefined ? "" : `; dlv at ${delve} debugs it, and it does not answer while that holds it`;
}

function formatStatus(status: EngineStatus): string {
  switch (status.kind) {
    case "running":
      return `${status.engine.address.kind} ${status.engine.version} runs, network: ${status.engine.network}${debuggedBy(status.engine.delve)}`;
    case "stopped":
      return "does not run";
    default:
      return unreachable(status);
  }
}
