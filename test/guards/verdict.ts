import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { titlePattern } from "./guard.ts";
import { runWhole } from "./processes.ts";

/** What a run of some tests has shown. */
export type Verdict =
  | { readonly kind: "passed"; readonly titles: readonly string[] }
  | { readonly kind: "failed"; readonly failures: readonly Failure[] }
  /** Nothing about the case: no such test, a file that cannot be loaded, a program that cannot be built. */
  | { readonly kind: "nothing"; readonly why: string };

export interface Failure {
  /** With the titles of the groups around it. */
  readonly title: string;
  readonly message: string;
}

export interface TestRun {
  readonly test: string;
  readonly cases: readonly string[];
  readonly title?: string | undefined;
  /** Ends at the first failure, without another try; else as the project is configured. */
  readonly once: boolean;
}

/** A broken program fails every test; that says nothing about its guards. */
const broken = /^(?:SyntaxError|ReferenceError|TypeError)\b/;

/** The projects whose tests run the bundle; the others run the sources. */
const bundled = /^test\/(?:e2e|faults|engine)\//;

/** Runs the tests of some cases in a copy of the tree, with the bundle made anew where tests run it. */
export async function runTests(
  run: TestRun,
  { copy, log, signal }: { readonly copy: string; readonly log: string; readonly signal: AbortSignal },
): Promise<Verdict> {
  const options = { cwd: copy, log, signal };
  if (bundled.test(run.test)) {
    const { exitCode } = await runWhole(["node", "scripts/build.js"], options);
    if (exitCode !== 0) return { kind: "nothing", why: "the program could not be built" };
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
  command.push("-t", titlePattern(run.cases, run.title), "--reporter=json", `--outputFile=${report}`);
  if (run.once) command.push("--retry=0", "--bail=1");
  await runWhole(command, options);
  return read(await readFile(report, "utf8").catch(() => "{}"));
}

/** E.g. "unit" of `test/unit/x.test.ts`: the folders are named after the projects. */
export function projectOf(test: string): string {
  return test.split("/")[1] ?? "";
}

function read(text: string): Verdict {
  const files = listOf(JSON.parse(text), "testResults");
  const tests = files.flatMap((file) => listOf(file, "assertionResults"));
  const failures = tests.filter((test) => textOf(test, "status") === "failed").map(failureOf);
  const unloaded = files.map((file) => textOf(file, "message")).find((message) => message !== "");
  if (failures.length === 0 && unloaded !== undefined) return { kind: "nothing", why: firstLine(unloaded) };
  const [first] = failures.filter(({ message }) => broken.test(message));
  if (first !== undefined) return { kind: "nothing", why: firstLine(first.message) };
  if (failures.length > 0) return { kind: "failed", failures };
  const titles = tests.filter((test) => textOf(test, "status") === "passed").map(titleOf);
  return titles.length === 0 ? { kind: "nothing", why: "no test ran" } : { kind: "passed", titles };
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
