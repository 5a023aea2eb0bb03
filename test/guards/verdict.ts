import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere } from "../../src/engine/private/system/processes.ts";
import { runWhole } from "./processes.ts";

/** What a run of some tests has shown. */
export type Verdict =
  | { readonly kind: "ran"; readonly passed: readonly string[]; readonly failed: readonly Failure[] }
  /** Nothing about the cases: no such test, a file that cannot be loaded, a program that cannot be built. */
  | { readonly kind: "nothing"; readonly why: string };

export interface Failure {
  /** With the titles of the groups around it. */
  readonly title: string;
  readonly message: string;
}

export interface TestRun {
  /** Path from the root. */
  readonly test: string;
  /** What is in the titles of the tests to run. */
  readonly pattern: string;
  /** Ends at the first failure, without another try; else as the project is configured. */
  readonly once: boolean;
}

/** A broken program fails every test; that says nothing about its guards. */
const broken = /^(?:SyntaxError|ReferenceError|TypeError)\b/;

/** The projects whose tests run the bundle; the others run the sources. */
const bundled = /^test\/(?:e2e|faults|engine)\//;

/** No tests of one file take so long, with their guards or without. */
const mostMs = 900_000;

/**
 * Runs tests in a copy of the tree, with the bundle made anew where they run it.
 * @throws the signal's reason, when everything has ended.
 */
export async function runTests(
  run: TestRun,
  { copy, log, signal }: { readonly copy: string; readonly log: string; readonly signal: AbortSignal },
): Promise<Verdict> {
  const patience = AbortSignal.timeout(mostMs);
  const options = { cwd: copy, log, signal: AbortSignal.any([signal, patience]) };
  if (bundled.test(run.test) && (await runWhole(["node", "scripts/build.js"], options)) !== 0) {
    signal.throwIfAborted();
    return { kind: "nothing", why: "the program could not be built" };
  }
  const report = join(copy, ".tmp/guards.json");
  await rm(report, { force: true });
  const command = [
    "node",
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project",
    projectOf(run.test),
    run.test,
  ];
  command.push("-t", run.pattern, "--reporter=json", `--outputFile=${report}`);
  if (run.once) command.push("--retry=0", "--bail=1");
  await runWhole(command, options);
  signal.throwIfAborted();
  if (patience.aborted) return { kind: "nothing", why: "the tests did not end" };
  return read((await readIfThere(report)) ?? "{}");
}

/** E.g. "unit" of `test/unit/x.test.ts`: the folders are named after the projects. */
export function projectOf(test: string): string {
  return test.split("/")[1] ?? "";
}

function read(text: string): Verdict {
  const files = listOf(JSON.parse(text), "testResults");
  const tests = files.flatMap((file) => listOf(file, "assertionResults"));
  const failed = tests.filter((test) => textOf(test, "status") === "failed").map(failureOf);
  const passed = tests.filter((test) => textOf(test, "status") === "passed").map(titleOf);
  const unloaded = files.map((file) => textOf(file, "message")).find((message) => message !== "");
  if (failed.length === 0 && unloaded !== undefined) return { kind: "nothing", why: firstLine(unloaded) };
  const defect = failed.find(({ message }) => broken.test(message));
  if (defect !== undefined) return { kind: "nothing", why: firstLine(defect.message) };
  return failed.length + passed.length === 0
    ? { kind: "nothing", why: "no test ran" }
    : { kind: "ran", passed, failed };
}

function failureOf(test: unknown): Failure {
  const message = listOf(test, "failureMessages").map(String).join("\n");
  return { title: titleOf(test), message };
}

function titleOf(test: unknown): string {
  return textOf(test, "fullName").trim();
}

export function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = field(value, key);
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown, key: string): string {
  const text = field(value, key);
  return typeof text === "string" ? text : "";
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && key in value
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;
}
