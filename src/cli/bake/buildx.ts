/** Runs `docker buildx bake`, which alone knows how its files are read. */
import { execFile } from "node:child_process";
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";

/** A program with its first words, and variables that it gets besides bktui's own. */
export interface Buildx {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface BakeCall {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file for `-f -`. */
  readonly input: Uint8Array | undefined;
  /** What else a refusal may come from. */
  readonly hint?: string | undefined;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** buildx shows the file around a mistake in up to some ten lines. */
const MOST_WORDS = 20;

/**
 * What `bake WORDS` prints on standard output.
 * @throws {BktuiError} "bad-request" with buildx's own words, "io" when it cannot be run, "cancelled".
 */
export async function runBake(
  { program, args, env: own }: Buildx,
  { words, cwd, env, input, hint }: BakeCall,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  throwIfCancelled(signal);
  return await new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: { ...env, ...own },
      signal,
      encoding: "utf8" as const,
      maxBuffer: MAX_OUTPUT_BYTES,
    };
    const all = [...args, "bake", ...words];
    const child = execFile(program, all, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(new BktuiError("cancelled", "cancelled", { cause: error }));
      else if (typeof error.code === "number") reject(refused(stderr, error, hint));
      else reject(new BktuiError("io", `cannot run ${program}: ${error.message}`, { cause: error }));
    });
    // It may end without reading all of it; its own words say why.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** Its own progress is left out: `#1 reading docker-bake.hcl`. */
function refused(stderr: string, cause: Error, hint: string | undefined): BktuiError {
  const lines = stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^#\d+ /.test(line))
    .map((line) => visibleLine(line.replace(/^ERROR: /, "")));
  const words = lines.length === 0 ? cause.message : lines.slice(0, MOST_WORDS).join("\n  ");
  return new BktuiError("bad-request", `docker buildx bake: ${words}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Without it nothing can be known of a bake file. */
export function noBuildx(what: string): BktuiError {
  return new BktuiError("unsupported", `${what}: docker buildx reads the file, and there is none here`, {
    hint:
      "install it (Debian and Ubuntu: apt-get install docker-buildx, Docker's own packages: docker-buildx-plugin; or the " +
      "program docker-buildx in ~/.docker/cli-plugins or on PATH), or debug one of the Dockerfiles: bktui -f FILE CONTEXT",
  });
}
