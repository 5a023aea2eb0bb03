/**
 * `npm run guards [-- CASE|PATH...]`: shows that the tests of docs/reliability.md can fail. For each row of the table (table.ts)
 * it takes a guard out of a copy of the tree and runs the case's test, which must pass with the guard and fail without.
 * Prints a line per case; why each failed is in `.tmp/guards/failures.txt`. Ends with 1 when a test did not fail.
 */
import { appendFile, chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineHome, isEngineDirectory } from "../../src/engine/private/home/home.ts";
import { acquireLock } from "../../src/engine/private/home/lock.ts";
import { purgePrivateEngine } from "../../src/engine/private/private-engine.ts";
import { startTestEngines } from "../support/global-engines.ts";
import { processesWith } from "../support/processes.ts";
import { changed, copyTree } from "./copy.ts";
import { type Guard, titleHasCase, titlePattern } from "./guard.ts";
import { guards } from "./table.ts";
import { type Failure, firstLine, projectOf, runTests, type Verdict } from "./verdict.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const place = join(root, ".tmp/guards");
const copy = join(place, "copy");
const log = join(place, "log.txt");
const failuresFile = join(place, "failures.txt");

const seenFailing = "fails without";

interface Counts {
  failing: number;
  others: number;
}

async function showAll(chosen: readonly Guard[], signal: AbortSignal): Promise<Counts> {
  const counts: Counts = { failing: 0, others: 0 };
  for (const test of new Set(chosen.map((guard) => guard.test))) {
    const rows = chosen.filter((guard) => guard.test === test);
    const pattern = rows.map(patternOf).join("|");
    const baseline = await runTests({ test, pattern, once: false }, { copy, log, signal });
    for (const guard of rows) {
      const started = performance.now();
      const outcomeOf = await show(guard, baseline, signal);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      for (const id of guard.cases) {
        const outcome = outcomeOf(id);
        if (outcome === seenFailing) counts.failing += 1;
        else counts.others += 1;
        process.stdout.write(`${id}  ${outcome}: ${guard.guard}  (${seconds} s)\n`);
      }
    }
  }
  return counts;
}

/** Answers what was seen of each case, as the beginning of "…: files are made 0600". */
async function show(guard: Guard, baseline: Verdict, signal: AbortSignal): Promise<(id: string) => string> {
  const why = notPassing(guard, baseline);
  if (why !== undefined) {
    await note(guard, [why]);
    return () => `SHOWS NOTHING (with the guard: ${firstLine(why)}) about`;
  }
  await using _taken = await changed(copy, guard.changes);
  const verdict = await runTests(
    { test: guard.test, pattern: patternOf(guard), once: true },
    { copy, log, signal },
  );
  await note(guard, verdict.kind === "nothing" ? [verdict.why] : verdict.failed.map(inFull));
  endLeftPrograms();
  await removeLeftEngines(signal);
  if (verdict.kind === "nothing") return () => `SHOWS NOTHING (${firstLine(verdict.why)}) about`;
  return (id) =>
    verdict.failed.some(({ title }) => titleHasCase(title, id)) ? seenFailing : "STILL PASSES without";
}

/** Why a test says nothing when it fails without the guard: it does not pass with it. */
function notPassing(guard: Guard, baseline: Verdict): string | undefined {
  if (baseline.kind === "nothing") return baseline.why;
  const own = new RegExp(patternOf(guard));
  const failure = baseline.failed.find(({ title }) => own.test(title));
  if (failure !== undefined) return failure.message;
  return baseline.passed.some((title) => own.test(title)) ? undefined : "no test ran";
}

function patternOf({ cases, title }: Guard): string {
  return titlePattern(cases, title);
}

function inFull({ title, message }: Failure): string {
  return `${title}\n${message}`;
}

async function note({ cases, guard }: Guard, reasons: readonly string[]): Promise<void> {
  const text = reasons.length === 0 ? "nothing failed" : reasons.join("\n");
  await appendFile(failuresFile, `${cases.join(" ")} without: ${guard}\n${indented(text)}\n\n`);
}

/** A screen is part of some messages. */
function indented(text: string): string {
  return text
    .split("\n")
    .slice(0, 50)
    .map((line) => `  ${line}`)
    .join("\n");
}

/** Programs of the copy that, without the guard, did not end with their test. */
function endLeftPrograms(): void {
  for (const pid of processesWith(`${copy}/`)) {
    if (pid !== process.pid) process.kill(pid, "SIGKILL");
  }
}

/** Engines that a test began and, without the guard, did not stop. */
async function removeLeftEngines(signal: AbortSignal): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const directory = join(tmpdir(), name, "engine");
    if (!(await isEngineDirectory(engineHome(directory)))) continue;
    await purgePrivateEngine(directory, { signal });
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** By case ("S22"), or by the beginning of the test's path ("test/unit"). Quick ones first. */
function choose(names: readonly string[]): readonly Guard[] {
  const isNamed = (name: string, { cases, test }: Guard): boolean =>
    cases.includes(name) || (name.includes("/") && test.startsWith(name));
  const unknown = names.filter((name) => !guards.some((guard) => isNamed(name, guard)));
  if (unknown.length > 0) throw new Error(`no guard is known for ${unknown.join(", ")}`);
  const chosen = guards.filter((guard) => names.length === 0 || names.some((name) => isNamed(name, guard)));
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
  // All that the tests leave behind is in one place. Its name is short: engines put sockets deep below it.
  const scratch = await mkdtemp(join(tmpdir(), "g-"));
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
    await running?.stop({ leaves: true });
    await rm(scratch, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`guards: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
