/** A process whose current directory was deleted: what it can do, and what is said of it. Pure. */
import { isAbsolute } from "node:path";
import { BktuiError } from "../base/errors.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { Invocation } from "./arguments.ts";

/** Before it is known whether there is a current directory. */
export interface Started extends Omit<Surroundings, "cwd"> {
  /** Undefined when it was deleted. */
  readonly cwd: string | undefined;
}

/** In its place while a line is read: nothing is looked up there before `checkDirectory`. */
export const NO_DIRECTORY = "/";

/** Paths that were typed start at the current directory. @throws {BktuiError} "io" when a line needs one that is gone. */
export function checkDirectory({ kind }: Invocation, { cwd, env }: Started): void {
  if (cwd !== undefined || kind === "help" || kind === "version") return;
  // Only the shell knows what it was called.
  const { PWD: name = "" } = env;
  const directory = isAbsolute(name) ? `the current directory, ${name},` : "the current directory";
  throw new BktuiError("io", `cannot start: ${directory} has been deleted, and paths are read from there`, {
    hint: 'go to a directory that exists and start bktui again; if this one was made anew, cd "$PWD" leads into it',
  });
}
