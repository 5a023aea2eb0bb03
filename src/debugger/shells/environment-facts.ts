/** What a command of a step finds around it: user, directory and variables, as they may be shown. Pure. */
import type { StepEnvironment } from "../../engine/engine.ts";
import type { Debugger } from "../debugger.ts";
import { promptUser } from "./shell-launch.ts";

export interface Variable {
  /** Untrusted text, as all here. */
  readonly name: string;
  /** Values of secrets are masked in it. */
  readonly value: string;
}

export interface EnvironmentFacts {
  readonly user: string;
  readonly directory: string;
  /** The last of a name counts, as for a process. */
  readonly variables: readonly Variable[];
}

export function environmentFacts(
  { meta }: Pick<StepEnvironment, "meta">,
  debug: Pick<Debugger, "masked">,
): EnvironmentFacts {
  const values = new Map<string, string>();
  for (const entry of meta.env) {
    const [name = "", value = ""] = entry.split(/=(.*)/s);
    values.set(name, debug.masked(value));
  }
  return {
    user: promptUser(meta.user),
    directory: meta.cwd === "" ? "/" : meta.cwd,
    variables: [...values].map(([name, value]) => ({ name, value })),
  };
}

/** What runs one command in a step as RUN would: the step's shell form, e.g. `/bin/sh -c`. */
export function oneCommandProgram(
  { shell }: Pick<StepEnvironment, "shell">,
  text: string,
): readonly string[] {
  return [...(shell.length === 0 ? ["/bin/sh", "-c"] : shell), text];
}
