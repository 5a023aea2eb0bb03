/** What is typed behind `bundle`: which file, and what is put into it. Pure. */
import { resolve } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../build-options.ts";

/** What a person asks for. */
export interface TypedBundle {
  /** Absolute. */
  readonly path: string;
  /** With the state, for shells. */
  readonly state: boolean;
  /** A file that is there may be replaced. */
  readonly force: boolean;
  /** The state also when the value of a secret is found in it. */
  readonly withSecrets: boolean;
}

const FLAGS = ["--state", "--force", "--secrets=allow"];

/** `FILE [--state] [--force] [--secrets=allow]`. @throws {BktuiError} "usage" with what is right. */
export function readBundle(words: readonly string[], { cwd }: Pick<Surroundings, "cwd">): TypedBundle {
  const [file, ...more] = words.filter((word) => !FLAGS.includes(word));
  if (file === undefined || file === "") throw wrong("a file is missing: bundle FILE");
  if (file.startsWith("-")) throw wrong(`"${visibleLine(file)}" is no option of bundle: ${FLAGS.join(", ")}`);
  if (more.length > 0) throw wrong(`"${visibleLine(more.join(" "))}" is too much: bundle FILE`);
  const has = (flag: string): boolean => words.includes(flag);
  return {
    path: resolve(cwd, file),
    state: has("--state"),
    force: has("--force"),
    withSecrets: has("--secrets=allow"),
  };
}

/** As options ask for one. */
export interface TypedBundleOptions {
  readonly bundle?: string;
  readonly bundleState?: true;
  readonly bundleForce?: true;
}

/** Undefined when none is asked for. @throws {BktuiError} "usage" for what belongs to one. */
export function typedBundle(
  { bundle, bundleState, bundleForce }: TypedBundleOptions,
  { cwd }: Pick<Surroundings, "cwd">,
): TypedBundle | undefined {
  const more = { state: bundleState === true, force: bundleForce === true };
  if (bundle !== undefined && bundle !== "")
    return { path: resolve(cwd, bundle), ...more, withSecrets: false };
  if (bundle === undefined && !more.state && !more.force) return undefined;
  throw new BktuiError("usage", "it is not said which file the bundle is to be", { hint: "--bundle FILE" });
}

function wrong(message: string): BktuiError {
  return new BktuiError("usage", message);
}
