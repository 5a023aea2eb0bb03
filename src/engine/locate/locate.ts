/** Finds the engine to use, or starts one of bktui's own. */
import { access } from "node:fs/promises";
import { BktuiError, throwIfCancelled, toBktuiError, unreachable } from "../../base/errors.ts";
import { type Address, parseAddress } from "../../transport/address.ts";
import { probeKind } from "../../transport/probe.ts";
import { startPrivateEngine, statusOf } from "../private/private-engine.ts";
import { defaultEngineDirectory } from "../private/system/cache-directories.ts";
import { readOsRelease } from "../private/system/os-release.ts";
import { isRoot } from "../private/system/processes.ts";
import { type Candidate, type Environment, listCandidates } from "./candidates.ts";
import { installCommand } from "./install-command.ts";

/** An engine that answered. */
export interface Located {
  readonly address: Address;
  /** Where the choice came from: "--addr", "DOCKER_HOST", "docker context colima", "/var/run/docker.sock", "private engine". */
  readonly origin: string;
}

export interface LocateOptions {
  readonly addr: string | undefined;
  /** May an engine be started when none is found? */
  readonly policy: "auto" | "ask" | "never";
  readonly env: Environment;
  /** Of bktui's own engine; default `defaultEngineDirectory()`. */
  readonly directory?: string | undefined;
  readonly onProgress: (line: string) => void;
  /** Asks the user, for the policy "ask"; without it nobody is there to be asked and none is started. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
}

/** A candidate that cannot be used, and why. */
export interface Refusal {
  readonly origin: string;
  readonly error: BktuiError;
}

const OWN_ORIGIN = "private engine";

/**
 * Finds the engine to use: what the user named (then it or nothing), else the first usual socket that answers, else
 * bktui's own engine, started if the policy lets it.
 * @throws {BktuiError} "no-engine" with the reason per candidate and a command for this system as hint; for a named
 * engine its own error ("engine-unreachable", "unsupported", "usage"); "cancelled".
 */
export async function locateEngine(
  options: LocateOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<Located> {
  const candidates = await listCandidates(options);
  const [first] = candidates;
  if (first?.explicit === true) return await named(first, signal);
  const refusals: Refusal[] = [];
  for (const candidate of candidates) {
    const outcome = await tryCandidate(candidate, { signal });
    if ("address" in outcome) return outcome;
    refusals.push(outcome);
  }
  const own = await ownEngine(options, signal);
  if ("address" in own) return own;
  throw await noEngine([...refusals, own], options.env);
}

/**
 * The same choice once more, after the connection was lost: bktui's own engine is started again if it has ended,
 * any other one must come back where it was.
 */
export async function locateAgain(
  place: Located,
  options: Pick<LocateOptions, "env" | "directory" | "onProgress">,
  { signal }: { readonly signal: AbortSignal },
): Promise<Located> {
  if (place.origin !== OWN_ORIGIN) return place;
  const own = await ownEngine({ ...options, addr: undefined, policy: "auto" }, signal);
  if ("address" in own) return own;
  throw own.error;
}

/** Connects to a candidate and asks what it is. Rejects only with "cancelled". */
export async function tryCandidate(
  candidate: Candidate,
  { signal }: { readonly signal: AbortSignal },
): Promise<Located | Refusal> {
  try {
    if (candidate.tls) {
      throw new BktuiError(
        "unsupported",
        `${candidate.text} wants TLS, which is not supported in this version`,
        {
          hint: "Use a unix socket, or tcp:// without TLS.",
        },
      );
    }
    const address = parseAddress(candidate.text, candidate.kind);
    const kind = await probeKind(address.socket, { signal });
    return { address: { ...address, kind }, origin: candidate.origin };
  } catch (error) {
    throwIfCancelled(signal);
    return { origin: candidate.origin, error: toBktuiError(error) };
  }
}

async function named(candidate: Candidate, signal: AbortSignal): Promise<Located> {
  const outcome = await tryCandidate(candidate, { signal });
  if ("address" in outcome) return outcome;
  const { code, message, hint } = outcome.error;
  const reason = `${candidate.origin} names ${candidate.text}: ${message}`;
  throw new BktuiError(code, reason, { cause: outcome.error, ...(hint === undefined ? {} : { hint }) });
}

async function ownEngine(options: LocateOptions, signal: AbortSignal): Promise<Located | Refusal> {
  const { onProgress } = options;
  const directory = options.directory ?? defaultEngineDirectory(options.env);
  try {
    const status = await statusOf(directory);
    if (status.kind === "running") return { address: status.engine.address, origin: OWN_ORIGIN };
    const unwanted = await whyNotStarted(options);
    if (unwanted !== undefined) return { origin: OWN_ORIGIN, error: new BktuiError("no-engine", unwanted) };
    const engine = await startPrivateEngine({ kind: "auto", directory, onProgress }, { signal });
    return { address: engine.address, origin: OWN_ORIGIN };
  } catch (error) {
    throwIfCancelled(signal);
    return { origin: OWN_ORIGIN, error: toBktuiError(error) };
  }
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

/** One line per reason; the places where nothing exists share one. */
export async function describeRefusals(refusals: readonly Refusal[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const absent: string[] = [];
  for (const { origin, error } of refusals) {
    if (origin.startsWith("/") && !(await exists(origin))) absent.push(origin);
    else lines.push(`${origin}: ${error.message}`);
  }
  return absent.length === 0 ? lines : [`no socket at ${absent.join(", ")}`, ...lines];
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

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // A path that cannot be looked at is as good as none; the connection's own error has told the rest.
    return false;
  }
}
