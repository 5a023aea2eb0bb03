/** What every program that the tests start has in its environment, and nothing else of this process's. */
import { tmpdir } from "node:os";

/** Code made from a string is an error then: nothing that bktui is made of may need it. */
export const WITHOUT_EVAL = "--disallow-code-generation-from-strings";

export function programEnvironment(): Readonly<Record<string, string>> {
  // What it leaves in the directory for temporary files is to be found where the tests' own things are.
  return { PATH: process.env["PATH"] ?? "", TMPDIR: tmpdir(), NODE_OPTIONS: WITHOUT_EVAL };
}
