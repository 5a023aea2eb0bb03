/**
 * `npm run guards [-- CASE...]`: shows that the tests of docs/reliability.md can fail. For each row of the table (table.ts)
 * it takes a guard out of a copy of the tree and runs the case's test, which must pass with the guard and fail without.
 * Prints a line per case; why each failed is in `.tmp/guards/failures.txt`. Ends with 1 when a test did not fail.
 */
import { appendFile, chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { acquireLock } from "../../src/engine/private/lock.ts";
import { purgePrivateEngine } from "../../src/engine/private/private-engine.ts";
import { startTestEngines } from "../support/global-engines.ts";
import { changed, copyTree } from "./copy.ts";
import { type Guard, titleHasCase, titlePattern } from "./guard.ts";
import { guards } from "./table.ts";
import { firstLine, projectOf, runTests, type Verdict } from "./verdict.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const place = join(root, ".tmp/guards");
const copy = join(place, "copy");
const log = join(place, "log.txt");
const failuresFile = join(place, "failures.txt");
/** No test of one case takes so long, with its guard or without. */
const mostMs = 480_000;

interface Counts {
  failing: number;
  others: number;
}

/** How a guard's test ended when it must pass, per test file and case; the same for rows that share them. */
type Baselines = Map<string, Verdict>;

async function showAll(chosen: readonly Guard[], signal: AbortSignal): Promise<Counts> {
  const counts: Counts = { failing: 0, others: 0 };
  const baselines: Baselines = new Map();
  for (const guard of chosen) {
    const started = performance.now();
    const words = await show(guard, baselines, signal);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    for (const id of guard.cases) {
      const problem = words(id);
      if (problem === undefined) counts.failing += 1;
      else counts.others += 1;
      process.stdout.write(`${id}  ${problem ?? "fails"} without: ${guard.guard}  (${seconds} s)\n`);
    }
  }
  return counts;
}

/** Answers per case what is wrong with its test, as the beginning of "… without: files are made 0600". */
async function show(
  guard: Guard,
  baselines: Baselines,
  signal: AbortSignal,
): Promise<(id: string) => string | undefined> {
  const { test, cases, title } = guard;
  const within = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(mostMs)]);
  const key = `${test} ${titlePattern(cases, title)}`;
  const baseline =
    baselines.get(key) ??
    (await runTests({ test, cases, title, once: false }, { copy, log, signal: within() }));
  baselines.set(key, baseline);
  if (baseline.kind !== "passed") {
    await note(guard, baseline);
    return () => `SHOWS NOTHING (it does not pass with the guard: ${reasonOf(baseline)}), so`;
  }
  await using _taken = await changed(copy, guard.changes);
  const verdict = await runTests({ test, cases, title, once: true }, { copy, log, signal: within() });
  await note(guard, verdict);
  await removeLeftEngines(signal);
  return (id) => problemOf(id, verdict);
}

function problemOf(id: string, verdict: Verdict): string | undefined {
  if (verdict.kind === "passed") return "STILL PASSES";
  if (verdict.kind === "nothing") return `SHOWS NOTHING (${verdict.why})`;
  return verdict.failures.some(({ title }) => titleHasCase(title, id)) ? undefined : "STILL PASSES";
}

function reasonOf(verdict: Verdict): string {
  if (verdict.kind === "nothing") return verdict.why;
  return verdict.kind === "failed"
    ? verdict.failures.map(({ message }) => firstLine(message)).join("; ")
    : "";
}

async function note({ cases, guard }: Guard, verdict: Verdict): Promise<void> {
  const reasons =
    verdict.kind === "failed"
      ? verdict.failures.map(
          ({ title, message }) => `  ${title}\n    ${message.split("\n").slice(0, 12).join("\n    ")}`,
        )
      : [`  ${verdict.kind} ${reasonOf(verdict)}`];
  await appendFile(failuresFile, `${cases.join(" ")} without: ${guard}\n${reasons.join("\n")}\n\n`);
}

/** Engines that a test began and, without the guard, did not stop. */
async function removeLeftEngines(signal: AbortSignal): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith("bktui-own-")) continue;
    await purgePrivateEngine(join(tmpdir(), name, "engine"), { signal });
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function choose(names: readonly string[]): readonly Guard[] {
  const unknown = names.filter((name) => !guards.some(({ cases }) => cases.includes(name)));
  if (unknown.length > 0) throw new Error(`no guard is known for ${unknown.join(", ")}`);
  const chosen =
    names.length === 0 ? guards : guards.filter(({ cases }) => cases.some((id) => names.includes(id)));
  // Quick ones first; what needs engines together.
  return chosen.toSorted(
    (one, other) => Number(projectOf(one.test) !== "unit") - Number(projectOf(other.test) !== "unit"),
  );
}

/** Ends with INT or TERM as with its own end: engines stopped, nothing left running. */
async function main(names: readonly string[]): Promise<void> {
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  const { signal } = ending;
  const chosen = choose(names);
  await mkdir(place, { recursive: true });
  await using _lock = await acquireLock(join(place, "lock"), {
    signal,
    onWait: (pid) => process.stderr.write(`process ${pid} takes guards out here, too; waiting\n`),
  });
  await copyTree(root, copy);
  await Promise.all([writeFile(log, ""), writeFile(failuresFile, "")]);
  // All that the tests leave behind is in one place.
  const scratch = await mkdtemp(join(tmpdir(), "bktui-guards-"));
  // Some tests look at files as another user.
  await chmod(scratch, 0o711);
  process.env["TMPDIR"] = scratch;
  const needsEngines = chosen.some(({ test }) => projectOf(test) !== "unit");
  const running = needsEngines ? await startTestEngines(copy) : undefined;
  try {
    const { failing, others } = await showAll(chosen, signal);
    process.stdout.write(`${failing} seen failing, ${others} not; why: .tmp/guards/failures.txt\n`);
    if (others > 0) process.exitCode = 1;
  } finally {
    await removeLeftEngines(AbortSignal.timeout(60_000));
    await running?.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`guards: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
