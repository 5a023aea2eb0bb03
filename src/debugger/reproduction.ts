/**
 * FAILED on engines that keep no failed state (BuildKit 0.8 inside Docker 20.10): the step's command runs again over
 * BASE, and a shell takes its place in the same container. One first process does both, because a process that ends
 * badly takes its container with it (BuildKit 0.8 to 0.32). Pure.
 */
import type { StepEnvironment } from "../engine/engine.ts";

export interface ReproductionPlan {
  readonly environment: StepEnvironment;
  /** The POSIX shell that runs the command and starts the other; default: the image's. */
  readonly sh?: readonly string[];
  /** Command lines of shells; the first that is there takes over. */
  readonly shells: readonly (readonly string[])[];
  /** For the shell alone, `NAME=value`; the command sees the step's environment. */
  readonly env: readonly string[];
  /** Stands before the exit code in the output; cannot be in a command's own. */
  readonly marker: string;
}

/** A POSIX shell exports these to what it starts. */
const SHELL_VARIABLES = ["PWD", "OLDPWD", "SHLVL"];

/** The command line of the first process. Ctrl-C ends the command and not the shell after it. */
export function reproducing({
  environment,
  sh = ["/bin/sh"],
  shells,
  env,
  marker,
}: ReproductionPlan): readonly string[] {
  const { meta } = environment;
  const known = new Set(meta.env.map((entry) => entry.slice(0, entry.indexOf("="))));
  const strays = SHELL_VARIABLES.filter((name) => !known.has(name));
  const script = [
    ...(strays.length === 0 ? [] : [`unset ${strays.join(" ")}`]),
    "trap : INT QUIT",
    '(trap - INT QUIT; exec "$@") </dev/null',
    `printf '%s=%s\\n' ${quoted(marker)} "$?"`,
    "trap - INT QUIT",
    ...env.map(exported),
    ...shells.map(
      (args) =>
        `command -v ${quoted(args[0] ?? "")} >/dev/null 2>/dev/null && exec ${args.map(quoted).join(" ")}`,
    ),
  ].join("\n");
  return [...sh, "-c", script, "sh", ...meta.args];
}

/** Said before the command's output. */
export const REPRODUCTION_BEGINS = "attempt 2: the command runs again, over BASE";

/** Said in place of the marker. */
export function reproductionWords(code: number): string {
  return code === 0
    ? "attempt 2 passed this time: a flaky step"
    : `attempt 2 failed with exit code ${code}; the shell opens where it left off`;
}

/** Takes the marker's line, wherever chunks cut it, out of an output and puts words in its place. */
export class MarkerFilter {
  readonly #pattern: RegExp;
  readonly #marker: Buffer;
  readonly #lineEnd: string;
  #held: Buffer = Buffer.alloc(0);
  #last = "\n";
  #done = false;

  constructor(marker: string, lineEnd: string) {
    this.#pattern = new RegExp(`${marker}=(\\d{1,3})\\r?\\n`);
    this.#marker = Buffer.from(marker, "latin1");
    this.#lineEnd = lineEnd;
  }

  /** What can be shown now; the rest is held until the next chunk. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#done) return chunk;
    const all = Buffer.concat([this.#held, chunk]);
    const text = all.toString("latin1");
    const found = this.#pattern.exec(text);
    if (found !== null) {
      this.#done = true;
      const before = text.slice(0, found.index);
      const fresh = (before.at(-1) ?? this.#last) === "\n" ? "" : this.#lineEnd;
      const words = `${fresh}${reproductionWords(Number(found[1]))}${this.#lineEnd}`;
      const after = text.slice(found.index + found[0].length);
      return Buffer.from(`${before}${words}${after}`, "latin1");
    }
    const shown = all.length - this.#heldLength(all);
    this.#held = all.subarray(shown);
    const out = all.subarray(0, shown);
    if (out.length > 0) this.#last = String.fromCharCode(out[out.length - 1] ?? 0);
    return out;
  }

  /** Bytes at the end that may be the beginning of the marker's line. */
  #heldLength(all: Buffer): number {
    const whole = all.indexOf(this.#marker);
    if (whole >= 0) return Math.min(all.length - whole, this.#marker.length + MOST_AFTER_MARKER);
    for (let length = Math.min(this.#marker.length - 1, all.length); length > 0; length -= 1) {
      if (all.subarray(all.length - length).equals(this.#marker.subarray(0, length))) return length;
    }
    return 0;
  }
}

/** "=255\r\n". */
const MOST_AFTER_MARKER = 6;

function exported(entry: string): string {
  const at = entry.indexOf("=");
  return `export ${entry.slice(0, at)}=${quoted(entry.slice(at + 1))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
