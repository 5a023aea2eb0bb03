/** Runs a program to its end. */
import { execFile } from "node:child_process";
import { BktuiError, throwIfCancelled } from "../../../base/errors.ts";

export interface FinishedProgram {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Package indexes are the largest text read this way, some 100 kB. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Runs a program to its end without a shell; any exit status is an answer.
 * @throws {BktuiError} "io" when it cannot be started or dies from a signal, "cancelled".
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<FinishedProgram> {
  throwIfCancelled(options.signal);
  return await new Promise((resolve, reject) => {
    const settings = { ...options, encoding: "utf8" as const, maxBuffer: MAX_OUTPUT_BYTES };
    execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, stdout, stderr });
      else if (options.signal.aborted) reject(new BktuiError("cancelled", "cancelled", { cause: error }));
      else if (typeof error.code === "number") resolve({ exitCode: error.code, stdout, stderr });
      else reject(new BktuiError("io", `cannot run ${program}: ${error.message}`, { cause: error }));
    });
  });
}

/**
 * Like `runProgram`, but a status other than 0 is an error that carries the last lines of stderr.
 * @throws {BktuiError} "io", "cancelled".
 */
export async function runSuccessfully(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const finished = await runProgram(program, args, options);
  if (finished.exitCode === 0) return finished.stdout;
  const reason = lastLines(finished.stderr || finished.stdout, 3);
  throw new BktuiError(
    "io",
    `${program} ${args.at(-1) ?? ""} ended with status ${finished.exitCode}: ${reason}`,
  );
}

/** The last `count` lines that say something, joined into one. */
export function lastLines(text: string, count: number): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-count).join("; ");
}
