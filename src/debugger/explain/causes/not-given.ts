/** The step asked for a secret or an agent, went without it, and failed. */
import { posix } from "node:path";
import type { BuildRequest } from "../../../engine/build-request.ts";
import type { Mount, Vertex } from "../../../graph/graph.ts";
import { isMissing, type PathAsked } from "../../questions/seen.ts";
import type { NextStep } from "../explanation.ts";
import { missingInputNext } from "../missing-input-words.ts";
import type { Cause, FailedStep } from "./cause.ts";
import { ownPlace, seenAt } from "./cause.ts";

interface Missing {
  readonly kind: "secret" | "ssh";
  readonly id: string;
  /** Where the step would have had it. */
  readonly at: string;
  /** In the step's output when it misses it. */
  readonly sign: RegExp;
}

const AGENT = /publickey|SSH_AUTH_SOCK|authentication agent|ssh-agent/i;

export const notGiven: Cause = {
  asks: (failed) => {
    const { facts } = failed;
    if (!facts.hasBase || facts.failure.exitCode === undefined) return [];
    return missingOf(failed)
      .filter((missing) => isNamed(missing, failed))
      .slice(0, 1)
      .flatMap(({ at }): readonly PathAsked[] =>
        pathAt(at).map((path) => ({ place: ownPlace(facts), path })),
      );
  },
  words: (failed) => {
    // What had to be given is the failure itself, and said so.
    if (failed.facts.failure.exitCode === undefined) return undefined;
    const missing = missingOf(failed);
    const [first] = missing;
    if (first === undefined) return undefined;
    const named = missing.find((each) => isNamed(each, failed));
    return {
      why: missing.map((each) => sentence(each, each === named && isLacking(each, failed))),
      next: offers(named ?? first),
    };
  },
};

/** Whether the step's output speaks of it: it is said first then. */
export function isNamedInLog(failed: FailedStep): boolean {
  return missingOf(failed).some((missing) => isNamed(missing, failed));
}

function isNamed({ sign }: Missing, { facts }: FailedStep): boolean {
  return facts.lastLines.some((line) => sign.test(line));
}

function sentence({ kind, id, at }: Missing, lacking: boolean): string {
  const subject = kind === "secret" ? `Secret "${id}"` : `The ssh agent "${id}"`;
  return lacking
    ? `${subject} was not given: without it there is no ${at}.`
    : `${subject}, which the step may use as ${at}, was not given.`;
}

/** The image may have a file of its own there, and ENV may set the variable: then it is there without being given. */
function isLacking({ kind, at }: Missing, { facts }: FailedStep): boolean {
  const [path] = pathAt(at);
  if (path !== undefined) return isMissing(seenAt(facts, ownPlace(facts)), path);
  const { program, failure, step } = facts;
  const exec = program.graph.vertices.get(failure.vertex ?? step.vertex)?.exec;
  const name = `${at.slice(1)}=`;
  const set = exec?.meta.env.findLast((entry) => entry.startsWith(name))?.slice(name.length);
  if (set === undefined) return true;
  // The frontend sets it to where the socket would be, unless ENV does.
  return kind === "ssh" && exec?.mounts.some((mount) => mount.kind === kind && mount.dest === set) === true;
}

/** None of a variable. */
function pathAt(at: string): readonly string[] {
  return at.startsWith("$") ? [] : [posix.resolve("/", at)];
}

function offers({ kind, id }: Missing): readonly NextStep[] {
  return missingInputNext(kind === "secret" ? { kind, id, text: "not found" } : { kind, id });
}

function missingOf({ facts: { request, program, failure, step } }: FailedStep): readonly Missing[] {
  return missingIn(program.graph.vertices.get(failure.vertex ?? step.vertex)?.exec, request);
}

/** What a step asks for and has not, with what gives it: `secret "token" (/run/secrets/token): --secret id=token,src=PATH`. */
export function lackingWords(exec: Vertex["exec"], request: BuildRequest | undefined): readonly string[] {
  return missingIn(exec, request).map((missing) => {
    const option = offers(missing).find(({ kind }) => kind === "option");
    const gives = option?.kind === "option" ? `: ${option.text}` : "";
    return `${missing.kind === "ssh" ? "ssh agent" : "secret"} "${missing.id}" (${missing.at})${gives}`;
  });
}

function missingIn(exec: Vertex["exec"], request: BuildRequest | undefined): readonly Missing[] {
  if (request === undefined || exec === undefined) return [];
  const secrets = new Set(request.secrets.map(({ id }) => id));
  const agents = new Set(request.ssh.map(({ id }) => id));
  const mounted = exec.mounts.flatMap((mount) => mountMissing(mount, { secrets, agents }));
  const variables = exec.meta.secretEnv
    .filter(({ id }) => !secrets.has(id))
    .map(({ id, name }): Missing => ({ kind: "secret", id, at: `$${name}`, sign: wordOf(name) }));
  return [...mounted, ...variables];
}

function mountMissing(
  { kind, dest, secret }: Mount,
  { secrets, agents }: { readonly secrets: ReadonlySet<string>; readonly agents: ReadonlySet<string> },
): readonly Missing[] {
  if (secret === undefined) return [];
  if (kind === "secret" && !secrets.has(secret.id)) {
    return [{ kind, id: secret.id, at: dest, sign: wordOf(posix.resolve("/", dest)) }];
  }
  const agent = secret.id === "" ? "default" : secret.id;
  if (kind !== "ssh" || agents.has(agent)) return [];
  return [{ kind, id: agent, at: "$SSH_AUTH_SOCK", sign: AGENT }];
}

/** A path or a name by itself, not as a part of a longer one. */
function wordOf(text: string): RegExp {
  const plain = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w./-])${plain}(?![\\w/-])`);
}
