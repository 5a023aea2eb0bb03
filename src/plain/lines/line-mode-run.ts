/** What a run of the line mode is given. Types only. */
import type { Surroundings } from "../../console/build-options.ts";
import type { RememberedStore } from "../../console/remembered-breakpoints.ts";
import type { EditorDoor } from "../../console/serving.ts";
import type { Settings } from "../../console/settings.ts";
import type { BreakpointOrder } from "../../debugger/breakpoint.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import type { Output } from "../output.ts";
import type { LineInput } from "./line-input.ts";
import type { PlainShells } from "./line-shells.ts";
import type { ScriptRun } from "./script-run.ts";

/** @param say gets one harmless line */
export type AtFailure = (
  debug: Debugger,
  options: { readonly say: (line: string) => void; readonly signal: AbortSignal },
) => Promise<void>;

export interface LineModeRun {
  /** Connected and idle; the caller disposes it. */
  readonly debugger: Debugger;
  readonly request: BuildRequest;
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
  readonly breakpoints: readonly BreakpointOrder[];
  /** Those of other runs; undefined = there are none, and none are kept. */
  readonly remembered: RememberedStore | undefined;
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Things to say first, one harmless line each. */
  readonly notes: readonly string[];
  readonly input: LineInput;
  readonly shells: PlainShells;
  readonly stdout: Output;
  /**
   * Somebody types: commands act at once and questions are asked. Else the lines are a script: each waits until the
   * build has come to rest, and is repeated in the output.
   */
  readonly interactive: boolean;
  /** The lines are a script that is judged. */
  readonly script?: ScriptRun | undefined;
  /** The build stands already, at a failure that the lines are for. */
  readonly hasBegun?: true;
  /** Done at a failure, after it was told. */
  readonly atFailure?: AtFailure | undefined;
  readonly settings: Settings;
  /** For `dap`; undefined = that cannot be done here. */
  readonly editors?: EditorDoor | undefined;
  /** Show causes and stacks of errors. */
  readonly debug: boolean;
}
