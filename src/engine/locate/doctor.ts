import { toBktuiError, unreachable } from "../../base/errors.ts";
import type { Address } from "../../transport/address.ts";
import { dockerVersion } from "../../transport/docker-version.ts";
import { describeChoice } from "../private/daemon/prepare.ts";
import { defaultEngineDirectory } from "../private/home/home.ts";
import { parseOsRelease } from "../private/packages/apt-archive.ts";
import { findPackageSource } from "../private/packages/packages.ts";
import { engineChoices, searchPath, whyNoNat } from "../private/packages/programs.ts";
import { type EngineStatus, statusOf } from "../private/private-engine.ts";
import { readIfThere } from "../private/system/processes.ts";
import { type Candidate, type Environment, listCandidates } from "./candidates.ts";
import { commandFor, describeRefusals, type Located, type Refusal, tryCandidate } from "./locate.ts";

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
  /** What `bktui` would use now; undefined when it would have to start an engine or fail. */
  readonly chosen: ChosenEngine | undefined;
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
export interface OwnEngine {
  readonly status: EngineStatus;
  /** E.g. "dockerd of sid"; best first. */
  readonly possible: readonly string[];
  /** What it could not have, or why there is none. */
  readonly obstacles: readonly string[];
}

export interface DiagnoseOptions {
  readonly addr: string | undefined;
  readonly env: Environment;
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
 * @throws {BktuiError} "usage" for a docker context that does not exist, "io" for unreadable ones, "cancelled".
 */
export async function diagnose(
  options: DiagnoseOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<DoctorReport> {
  const candidates = await listCandidates(options);
  const usable: Located[] = [];
  const refused: Refusal[] = [];
  for (const candidate of considered(candidates, options.addr)) {
    const outcome = await tryCandidate(candidate, { signal });
    if ("address" in outcome) usable.push(outcome);
    else refused.push(outcome);
  }
  const own = await lookAtOwn(options);
  const chosen = choose(candidates, usable, own);
  return {
    system: await describeSystem(),
    usable,
    refused,
    chosen: chosen === undefined ? undefined : await examine(chosen, options, signal),
    own,
    command: chosen === undefined ? await remedy(candidates, refused, own) : undefined,
  };
}

/** With --addr only that engine is of interest. */
function considered(candidates: readonly Candidate[], addr: string | undefined): readonly Candidate[] {
  return addr === undefined ? candidates : candidates.slice(0, 1);
}

/** As `locateEngine` decides, without starting anything. */
function choose(
  candidates: readonly Candidate[],
  usable: readonly Located[],
  own: OwnEngine,
): Located | undefined {
  const [first] = candidates;
  if (first?.explicit === true) return usable.find(({ origin }) => origin === first.origin);
  const running = own.status.kind === "running" ? own.status.engine.address : undefined;
  return usable[0] ?? (running === undefined ? undefined : { address: running, origin: "private engine" });
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

async function examine(
  located: Located,
  options: DiagnoseOptions,
  signal: AbortSignal,
): Promise<ChosenEngine> {
  const version = await dockerVersion(located.address, { signal });
  const abilities = (await options.abilities?.(located.address, { signal })) ?? [];
  return { ...located, version, abilities };
}

async function lookAtOwn(options: DiagnoseOptions): Promise<OwnEngine> {
  let status: EngineStatus;
  try {
    status = await statusOf(options.directory ?? defaultEngineDirectory(options.env));
  } catch (error) {
    // Of another user, or damaged: no reason to say nothing about all the others.
    return { status: { kind: "stopped" }, possible: [], obstacles: [toBktuiError(error).message] };
  }
  if (process.platform !== "linux") {
    return { status, possible: [], obstacles: [`it needs Linux, this is ${process.platform}`] };
  }
  const obstacles: string[] = [];
  const source = await findPackageSource().catch((error: unknown) => {
    obstacles.push(toBktuiError(error).message);
    return undefined;
  });
  const path = searchPath(options.env);
  const choices = await engineChoices({ kind: "auto", suite: undefined, path, source });
  if (process.geteuid?.() !== 0) {
    const rootless = choices.filter(({ kind }) => kind === "buildkitd");
    if (rootless.length === 0) obstacles.push("without root it needs an installed buildkitd");
    return { status, possible: rootless.map(describeChoice), obstacles };
  }
  const noNat = await whyNoNat(path);
  // The packages bring slirp4netns and iptables along; only the device they cannot.
  if (noNat !== undefined && (source === undefined || noNat.startsWith("/dev"))) {
    obstacles.push(`steps would have no network: ${noNat}`);
  }
  return { status, possible: choices.map(describeChoice), obstacles };
}

async function describeSystem(): Promise<string> {
  const os = parseOsRelease((await readIfThere("/etc/os-release")) ?? "");
  const name = process.platform === "linux" ? os.prettyName : process.platform;
  const user = process.geteuid?.() === 0 ? "root" : "not root";
  return `${name}, ${process.arch}, Node ${process.version}, ${user}`;
}

/** The report as text for a person, without the last line end. */
export async function formatDoctor(report: DoctorReport): Promise<string> {
  const lines = [`System   ${report.system}`, ""];
  lines.push(...(report.chosen === undefined ? ["Engine   none found"] : formatChosen(report.chosen)), "");
  lines.push("Looked at");
  for (const { origin, address } of report.usable) lines.push(`  + ${origin}: ${address.kind}`);
  for (const line of await describeRefusals(report.refused)) lines.push(`  - ${line}`);
  lines.push("", `bktui's own engine: ${formatStatus(report.own.status)}`);
  for (const choice of report.own.possible) lines.push(`  + could start ${choice}`);
  for (const obstacle of report.own.obstacles) lines.push(`  - ${obstacle}`);
  if (report.command !== undefined) lines.push("", "To get an engine, run:", `  ${report.command}`);
  return lines.join("\n");
}

function formatChosen({ address, origin, version, abilities }: ChosenEngine): readonly string[] {
  const name = version === undefined ? address.kind : `${address.kind} ${version}`;
  const marks = abilities.map(({ what, can }) => `  ${can ? "+" : "-"} ${what}`);
  return [`Engine   ${name} at ${address.text} (${origin})`, ...marks];
}

function formatStatus(status: EngineStatus): string {
  switch (status.kind) {
    case "running":
      return `${status.engine.address.kind} ${status.engine.version} runs, network: ${status.engine.network}`;
    case "stopped":
      return "does not run";
    default:
      return unreachable(status);
  }
}
