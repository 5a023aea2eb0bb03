/** The bundle of a run that failed and that nobody attends, as an option asks for it. */
import { toBktuiError } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { AlreadyThere } from "../../engine/failures.ts";
import type { TypedBundle } from "./read-bundle.ts";
import { writeBundle } from "./write-bundle.ts";

export interface FailureBundle {
  /** What was written, and why something was not; untrusted text. */
  readonly lines: readonly string[];
  /** The command line that opens it; undefined = there is none. */
  readonly open: string | undefined;
}

/** Of a state that cannot be had the rest is kept all the same. @throws {BktuiError} "cancelled". */
export async function bundleOfFailure(
  debug: Debugger,
  asked: TypedBundle,
  { signal }: { readonly signal: AbortSignal },
): Promise<FailureBundle> {
  const task = { debug, asked, shown: undefined, states: [], onProgress: () => undefined };
  try {
    const [first = "", ...more] = await writeBundle(task, { signal });
    const open = `bktui open ${quote(asked.path)}`;
    return { lines: [first, ...more.filter((line) => line.startsWith("note: "))], open };
  } catch (error) {
    const failure = toBktuiError(error);
    if (signal.aborted) throw failure;
    const { message, hint } = failure;
    if (asked.state && !(failure instanceof AlreadyThere)) {
      const { lines, open } = await bundleOfFailure(debug, { ...asked, state: false }, { signal });
      return { lines: [...lines, `its state is not in it: ${message}`], open };
    }
    const why = `no bundle was written: ${message}`;
    return { lines: hint === undefined ? [why] : [why, `  ${hint}`], open: undefined };
  }
}
