/** Command lines as the program reads them, in surroundings that are always the same. */
import { BktuiError } from "../../src/base/errors.ts";
import { type Invocation, parseArguments } from "../../src/cli/arguments.ts";
import type { DebugOptions } from "../../src/cli/debug-options.ts";

const surroundings = {
  env: { TOKEN: "t0p", VERSION: "1.2", SSH_AUTH_SOCK: "/run/agent" },
  cwd: "/home/me",
};

export function parse(...argv: readonly string[]): Invocation {
  return parseArguments(argv, surroundings);
}

export function debugOptions(...argv: readonly string[]): DebugOptions {
  const invocation = parse(...argv);
  if (invocation.kind !== "debug") throw new Error(`not a debugger run: ${invocation.kind}`);
  return invocation.options;
}

export function refusal(...argv: readonly string[]): BktuiError {
  try {
    parse(...argv);
  } catch (error) {
    if (error instanceof BktuiError) return error;
    throw error;
  }
  throw new Error(`accepted: ${argv.join(" ")}`);
}
