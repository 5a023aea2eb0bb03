/** What an engine of bktui's own needs on this machine: as root or without, from which programs, what is missing. */
import { type BktuiError, toBktuiError } from "../../base/errors.ts";
import { findPackageSource, type PackageSource } from "./packages/packages.ts";
import {
  describeChoice,
  type EngineChoice,
  engineChoices,
  searchPath,
  whyNoNat,
} from "./packages/programs.ts";
import { isRoot } from "./system/processes.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Engines that may be tried on this machine as this user. */
export interface StartableEngines {
  /** Best first; empty when `obstacle` says why. */
  readonly choices: readonly EngineChoice[];
  /** Why none may be tried, e.g. "without root it needs an installed buildkitd". */
  readonly obstacle: string | undefined;
  /** Where packages come from; undefined when `noPackages` says why not. */
  readonly source: PackageSource | undefined;
  readonly noPackages: BktuiError | undefined;
}

/** What could be started here, in words. */
export interface Requirements {
  /** E.g. "dockerd of sid"; best first. */
  readonly possible: readonly string[];
  /** What it could not have, or why there is none. */
  readonly obstacles: readonly string[];
}

/** Undefined where an engine can run at all, else why not. */
export function whyNotThisSystem(): string | undefined {
  return process.platform === "linux" ? undefined : `it needs Linux, this is ${process.platform}`;
}

/** For Linux. Looks, and starts nothing; without root only buildkitd runs, in a user namespace. */
export async function startableEngines(wanted: {
  readonly kind: "auto" | "dockerd" | "buildkitd";
  /** The engine from the packages of exactly this suite. */
  readonly suite: string | undefined;
  readonly env: Environment;
}): Promise<StartableEngines> {
  const { kind, suite, env } = wanted;
  const { source, noPackages } = await packageSource();
  const all = await engineChoices({ kind, suite, path: searchPath(env), source });
  const choices = isRoot() ? all : all.filter((choice) => choice.kind === "buildkitd");
  const lacksProgram = !isRoot() && choices.length === 0;
  const obstacle = lacksProgram ? "without root it needs an installed buildkitd" : undefined;
  return { choices, obstacle, source, noPackages };
}

/** What could be started here and what stands in the way. Rejects with nothing: a reason is an obstacle. */
export async function requirementsHere(env: Environment): Promise<Requirements> {
  const wrongSystem = whyNotThisSystem();
  if (wrongSystem !== undefined) return { possible: [], obstacles: [wrongSystem] };
  const { choices, obstacle, source, noPackages } = await startableEngines({
    kind: "auto",
    suite: undefined,
    env,
  });
  const obstacles = [noPackages?.message, obstacle].filter((reason) => reason !== undefined);
  if (isRoot()) {
    const noNat = await whyNoNat(searchPath(env));
    // The packages bring slirp4netns and iptables along; only the device they cannot.
    if (noNat !== undefined && (source === undefined || noNat.startsWith("/dev"))) {
      obstacles.push(`steps would have no network: ${noNat}`);
    }
  }
  return { possible: choices.map(describeChoice), obstacles };
}

async function packageSource(): Promise<Pick<StartableEngines, "source" | "noPackages">> {
  try {
    return { source: await findPackageSource(), noPackages: undefined };
  } catch (error) {
    return { source: undefined, noPackages: toBktuiError(error) };
  }
}
