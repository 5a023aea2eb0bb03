/** Finds the engine to use, or starts one of bktui's own. */
import { BktuiError, throwIfCancelled, toBktuiError, unreachable } from "../../base/errors.ts";
import { goBoolean } from "../../base/go-boolean.ts";
import { type Address, parseAddress } from "../../transport/address.ts";
import { probeKind } from "../../transport/probe.ts";
import { startPrivateEngine, statusOf } from "../private/private-engine.ts";
import { defaultEngineDirectory } from "../private/system/cache-directories.ts";
import { readOsRelease } from "../private/system/os-release.ts";
import { isRoot } from "../private/system/processes.ts";
import type { Reaching } from "./builders/drivers/driver.ts";
import { ofNode, reachBuilder } from "./builders/reach.ts";
import type { Builder, BuilderNode } from "./builders/store.ts";
import { type Candidate, listCandidates, namedText, type Wanted } from "./candidates.ts";
import { dockerAddress } from "./docker/docker-address.ts";
import { type Environment, exists } from "./docker/files.ts";
import { installCommand } from "./install-command.ts";

/** An engine that answered. */
export interface Located {
  readonly address: Address;
  /**
   * Where the choice came from: "--addr", "DOCKER_HOST", "docker context colima", "builder dev, remote (BUILDX_BUILDER)",
   * "/var/run/docker.sock", "private engine".
   */
  readonly origin: string;
  /** buildx's builder that it is a node of. */
  readonly builder: LocatedBuilder | undefined;
  /**
   * The dockerd into whose store `--load` puts images, as buildx has it: the engine itself when it is one, else the docker
   * in force. Nobody has asked whether it runs. Undefined when docker's configuration names none; `dockerAddress` says why.
   */
  readonly docker: Address | undefined;
}

export interface LocatedBuilder {
  readonly builder: Builder;
  /** The one for the platform asked for. */
  readonly node: BuilderNode;
  /** Its driver option default-load: what it makes goes into `docker` also without `--load`. */
  readonly loads: boolean;
}

/** What decides among the nodes of a builder. */
export interface Purpose {
  /** Asked for, e.g. "linux/arm64"; undefined = that of the engine. */
  readonly platform?: string | undefined;
  /** The build context, absolute: which of several pods keeps its cache. Default: the current directory. */
  readonly contextPath?: string | undefined;
}

export interface LocateOptions extends Wanted, Purpose {
  /** May an engine be started when none is found? */
  readonly policy: "auto" | "ask" | "never";
  /** Of bktui's own engine; default `defaultEngineDirectory()`. */
  readonly directory?: string | undefined;
  readonly onProgress: (line: string) => void;
  /** Asks the user, for the policy "ask"; without it nobody is there to be asked and none is started. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
}

/** A candidate that cannot be used, and why. */
export interface Refusal {
  readonly origin: string;
  /** "not-now" = it does not run, and is started when it is used. */
  readonly error: BktuiError;
}

/** How candidates are looked at. */
export interface Looking extends Purpose {
  readonly env: Environment;
  readonly onProgress: (line: string) => void;
  /** A builder that does not run may be started. */
  readonly mayStart: boolean;
}

const OWN_ORIGIN = "private engine";

/**
 * Finds the engine to use: what the user named (then it or nothing), else the first usual socket that answers, else
 * bktui's own engine, started if the policy lets it.
 * @throws {BktuiError} "no-engine" with the reason per candidate and a command for this system as hint; for a named
 * engine its own error ("engine-unreachable", "unsupported", "not-found", "usage"); "cancelled".
 */
export async function locateEngine(
  options: LocateOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<Located> {
  const candidates = await listCandidates(options);
  const [first] = candidates;
  const looking = { ...options, mayStart: true };
  if (first?.note !== undefined) options.onProgress(first.note);
  if (first?.explicit === true) return await named(first, looking, signal);
  const refusals: Refusal[] = [];
  for (const candidate of candidates) {
    const outcome = await tryCandidate(candidate, looking, { signal });
    if ("address" in outcome) return outcome;
    refusals.push(outcome);
  }
  const own = await ownEngine(options, signal);
  if ("address" in own) return own;
  throw await noEngine([...refusals, own], options.env);
}

/**
 * The same choice once more, after the connection was lost: bktui's own engine is started again if it has ended, and so is
 * a builder; any other one must come back where it was.
 */
export async function locateAgain(
  place: Located,
  options: Omit<LocateOptions, "addr" | "builder" | "tls" | "policy" | "confirm">,
  { signal }: { readonly signal: AbortSignal },
): Promise<Located> {
  if (place.builder !== undefined) {
    const reached = await reachBuilder(
      place.builder.builder,
      reachingOf({ ...options, mayStart: true }, signal),
    );
    return { ...place, address: reached.address, builder: placeOf(place.builder.builder, reached.node) };
  }
  if (place.origin !== OWN_ORIGIN) return place;
  const own = await ownEngine({ ...options, addr: undefined, policy: "auto" }, signal);
  if ("address" in own) return own;
  throw own.error;
}

/** Connects to a candidate and asks what it is. Rejects only with "cancelled". */
export async function tryCandidate(
  candidate: Candidate,
  looking: Looking,
  { signal }: { readonly signal: AbortSignal },
): Promise<Located | Refusal> {
  const { origin, builder } = candidate;
  try {
    if (builder !== undefined) return await locateBuilder(origin, builder, looking, signal);
    const { text, kind, tls } = candidate;
    const address = await probed(parseAddress(text, kind, { tls, env: looking.env }), signal);
    return { address, origin, builder: undefined, docker: await dockerFor(address, looking.env) };
  } catch (error) {
    throwIfCancelled(signal);
    return { origin, error: toBktuiError(error) };
  }
}

async function locateBuilder(
  origin: string,
  builder: Builder,
  looking: Looking,
  signal: AbortSignal,
): Promise<Located> {
  const { node, address: found } = await reachBuilder(builder, reachingOf(looking, signal));
  try {
    const address = await probed(found, signal);
    const docker = await dockerFor(address, looking.env);
    const which = builder.nodes.length > 1 ? `${origin}, node ${node.name}` : origin;
    return { address, origin: which, builder: placeOf(builder, node), docker };
  } catch (error) {
    throw ofNode(builder, node, error);
  }
}

function placeOf(builder: Builder, node: BuilderNode): LocatedBuilder {
  return { builder, node, loads: goBoolean(node.options["default-load"] ?? "") === true };
}

async function probed(address: Address, signal: AbortSignal): Promise<Address> {
  return { ...address, kind: await probeKind(address.socket, { signal, expected: address.kind }) };
}

function reachingOf(
  { env, onProgress, mayStart, platform, contextPath }: Looking,
  signal: AbortSignal,
): Reaching {
  return { env, signal, onProgress, mayStart, platform, contextPath: contextPath ?? process.cwd() };
}

/** A broken configuration matters only to who wants to load. */
async function dockerFor(address: Address, env: Environment): Promise<Address | undefined> {
  return address.kind === "dockerd" ? address : await dockerAddress(env).catch(() => undefined);
}

async function named(candidate: Candidate, looking: Looking, signal: AbortSignal): Promise<Located> {
  const outcome = await tryCandidate(candidate, looking, { signal });
  if ("address" in outcome) return outcome;
  const { origin, builder } = candidate;
  const what = builder === undefined ? `${origin} names ${namedText(candidate)}` : origin;
  throw withOrigin(what, outcome.error);
}

/** An error of the connection to an engine; a program that reaches it has not been run before, so it says whose choice it was. */
export function ofPlace({ origin, address, builder }: Located, error: unknown): BktuiError {
  const failure = toBktuiError(error);
  if (failure.code !== "engine-unreachable" || address.socket.kind !== "command") return failure;
  // The address is in the failure's own words.
  return withOrigin(origin, builder === undefined ? failure : ofNode(builder.builder, builder.node, failure));
}

function withOrigin(what: string, error: BktuiError): BktuiError {
  const { code, message, hint } = error;
  return new BktuiError(code, `${what}: ${message}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

async function ownEngine(options: LocateOptions, signal: AbortSignal): Promise<Located | Refusal> {
  const { onProgress } = options;
  const directory = options.directory ?? defaultEngineDirectory(options.env);
  try {
    const status = await statusOf(directory);
    if (status.kind === "running") return await ownPlace(status.engine.address, options.env);
    const unwanted = await whyNotStarted(options);
    if (unwanted !== undefined) return { origin: OWN_ORIGIN, error: new BktuiError("no-engine", unwanted) };
    const engine = await startPrivateEngine({ kind: "auto", directory, onProgress }, { signal });
    return await ownPlace(engine.address, options.env);
  } catch (error) {
    throwIfCancelled(signal);
    return { origin: OWN_ORIGIN, error: toBktuiError(error) };
  }
}

export async function ownPlace(address: Address, env: Environment): Promise<Located> {
  return { address, origin: OWN_ORIGIN, builder: undefined, docker: await dockerFor(address, env) };
}

async function whyNotStarted({ policy, confirm }: LocateOptions): Promise<string | undefined> {
  switch (policy) {
    case "auto":
      return undefined;
    case "never":
      return "not started, because of --engine=never";
    case "ask": {
      if (confirm === undefined)
        return "not started, because nobody is there to be asked (--engine=auto starts it)";
      const question = "No BuildKit was found. Start one of bktui's own, without installing anything?";
      return (await confirm(question)) ? undefined : "not started, as you answered";
    }
    default:
      return unreachable(policy);
  }
}

async function noEngine(refusals: readonly Refusal[], env: Environment): Promise<BktuiError> {
  const reasons = (await describeRefusals(refusals)).map((line) => `\n  ${line}`).join("");
  const command = await commandFor(refusals);
  const start = "name one with --addr or DOCKER_HOST";
  const hint = command === undefined ? `Install docker, or ${start}.` : `Run: ${command}\nor ${start}.`;
  const wsl =
    (env["WSL_DISTRO_NAME"] ?? "") === ""
      ? ""
      : " In Docker Desktop, turn on the integration for this WSL distribution.";
  return new BktuiError("no-engine", `no BuildKit was found:${reasons}`, { hint: `${hint}${wsl}` });
}

/** One line per reason, with what to do about what was named or is the wrong thing; the places where nothing exists share one. */
export async function describeRefusals(refusals: readonly Refusal[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const absent: string[] = [];
  for (const { origin, error } of refusals) {
    if (origin.startsWith("/") && !(await exists(origin))) absent.push(origin);
    else lines.push(`${origin}: ${error.message}${adviceFor(origin, error)}`);
  }
  return absent.length === 0 ? lines : [`no socket at ${absent.join(", ")}`, ...lines];
}

function adviceFor(origin: string, { code, hint }: BktuiError): string {
  const isAimed = code === "unsupported" || !origin.startsWith("/");
  return isAimed && hint !== undefined ? `; ${hint}` : "";
}

/** One command that gets this user an engine: into the socket's group when that is all that is missing. */
export async function commandFor(refusals: readonly Refusal[]): Promise<string | undefined> {
  const isForbidden = refusals.some(
    ({ origin, error }) => origin.endsWith("docker.sock") && isPermission(error),
  );
  if (isForbidden) return 'sudo usermod -aG docker "$USER" && newgrp docker';
  return installCommand(process.platform, await readOsRelease(), isRoot());
}

function isPermission({ cause }: BktuiError): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "EACCES" || cause.code === "EPERM");
}
