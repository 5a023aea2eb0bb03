/** Looks up what the rules of breakpoints ask for: files of states, what a step did to a path, what a place's commands get. */
import { posix } from "node:path";
import { BktuiError, throwIfCancelled, toBktuiError, unreachable } from "../../base/errors.ts";
import type { Build, FileEntry } from "../../engine/engine.ts";
import type { Edge } from "../../graph/graph.ts";
import type { DataChange, RuleAnswer, RuleQuestion } from "../breakpoint.ts";
import { isUnchanged } from "./compare.ts";

type Reader = Pick<Build, "readDir" | "readFile" | "environment">;

export interface RuleLooks {
  readonly build: Reader;
  /** Hides values of secrets. */
  readonly masked: (text: string) => string;
  readonly signal: AbortSignal;
}

/** Of a file no more is looked at. */
const MOST_BYTES = 1024 * 1024;
/** Of a directory whose change is looked for; a larger one cannot be decided. */
const MOST_DIRECTORIES = 500;

/**
 * One after the other, in order: an engine is asked one question about a state at a time.
 * @throws {BktuiError} "cancelled", "engine-unreachable"; what else goes wrong is an answer.
 */
export async function answersTo(
  questions: readonly RuleQuestion[],
  looks: RuleLooks,
): Promise<readonly RuleAnswer[]> {
  const answers: RuleAnswer[] = [];
  for (const question of questions) answers.push(await answered(question, looks));
  return answers;
}

async function answered(question: RuleQuestion, looks: RuleLooks): Promise<RuleAnswer> {
  try {
    return await answerTo(question, looks);
  } catch (error) {
    throwIfCancelled(looks.signal);
    const { code, message } = toBktuiError(error);
    if (code === "engine-unreachable" || code === "no-engine" || code === "cancelled") throw error;
    return { kind: "unknown", why: message };
  }
}

async function answerTo(question: RuleQuestion, looks: RuleLooks): Promise<RuleAnswer> {
  const { build, masked, signal } = looks;
  switch (question.kind) {
    case "environment": {
      const { meta } = await build.environment(question.vertex, "base", { signal });
      const env = meta.env.map(masked);
      return { kind: "environment", user: meta.user || "root", directory: meta.cwd || "/", env };
    }
    case "file":
      return { kind: "file", text: await textAt(question.edge, question.path, looks) };
    case "exists":
      return { kind: "exists", exists: (await entryAt(question.edge, question.path, looks)) !== undefined };
    case "data": {
      const change = await new PathChange(question, looks).found();
      const isRead = question.content && change !== undefined && change !== "removed";
      const text = isRead ? await textAt(question.after, question.path, looks) : undefined;
      return { kind: "data", change, text };
    }
    default:
      return unreachable(question);
  }
}

/** Never opens a pipe or a device. Undefined: there is no such file. */
async function textAt(
  edge: Edge | undefined,
  path: string,
  { build, masked, signal }: RuleLooks,
): Promise<string | undefined> {
  if (edge === undefined) return undefined;
  const part = await orAbsent(build.readFile(edge, path, { length: MOST_BYTES, signal }));
  return part === undefined ? undefined : masked(Buffer.from(part.bytes).toString("utf8"));
}

async function entryAt(
  edge: Edge | undefined,
  path: string,
  { build, signal }: RuleLooks,
): Promise<FileEntry | undefined> {
  if (edge === undefined) return undefined;
  if (path === "/") return { name: "/", kind: "directory", size: 0, mode: 0 };
  const entries = await orAbsent(build.readDir(edge, posix.dirname(path), { signal }));
  return entries?.find(({ name }) => name === posix.basename(path));
}

/** Undefined when there is no such file or directory. */
async function orAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof BktuiError && error.code === "not-found") return undefined;
    throw error;
  }
}

/** What became of one path, and of all that is in it. */
class PathChange {
  readonly #question: Extract<RuleQuestion, { kind: "data" }>;
  readonly #looks: RuleLooks;
  #directories = 0;

  constructor(question: Extract<RuleQuestion, { kind: "data" }>, looks: RuleLooks) {
    this.#question = question;
    this.#looks = looks;
  }

  async found(): Promise<DataChange | undefined> {
    const { base, after, path } = this.#question;
    const before = await entryAt(base, path, this.#looks);
    const now = await entryAt(after, path, this.#looks);
    if (before === undefined) return now === undefined ? undefined : "made";
    if (now === undefined) return "removed";
    return (await this.#isSame(path, before, now)) ? undefined : "changed";
  }

  async #isSame(path: string, before: FileEntry, now: FileEntry): Promise<boolean> {
    // Files of one size that were written at different times may be the same all the same.
    const isRewritten =
      before.kind === "file" && now.kind === "file" && before.size === now.size && before.size > 0;
    const isAlike = isUnchanged(before, isRewritten ? { ...now, mtimeMs: before.mtimeMs } : now);
    if (!isAlike) return false;
    if (isRewritten) return before.mtimeMs === now.mtimeMs || (await this.#hasSameContent(path, now.size));
    return now.kind !== "directory" || (await this.#isSameInside(path));
  }

  async #isSameInside(path: string): Promise<boolean> {
    const { build, signal } = this.#looks;
    const { base, after } = this.#question;
    this.#directories += 1;
    if (this.#directories > MOST_DIRECTORIES)
      throw new BktuiError(
        "unsupported",
        `there are more than ${MOST_DIRECTORIES} directories in ${this.#question.path}: name one of them`,
      );
    const before = base === undefined ? [] : await build.readDir(base, path, { signal });
    const now = await build.readDir(after, path, { signal });
    if (before.length !== now.length) return false;
    const former = new Map(before.map((entry) => [entry.name, entry]));
    for (const entry of now) {
      const old = former.get(entry.name);
      if (old === undefined || !(await this.#isSame(posix.join(path, entry.name), old, entry))) return false;
    }
    return true;
  }

  /** A larger file that was written anew counts as changed. */
  async #hasSameContent(path: string, size: number): Promise<boolean> {
    const { build, signal } = this.#looks;
    const { base, after } = this.#question;
    if (base === undefined || size > MOST_BYTES) return false;
    const [old, now] = [
      await build.readFile(base, path, { length: MOST_BYTES, signal }),
      await build.readFile(after, path, { length: MOST_BYTES, signal }),
    ];
    return Buffer.compare(old.bytes, now.bytes) === 0;
  }
}
