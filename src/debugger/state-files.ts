/** The files of a step's state, looked at without a process. */
import { BktuiError } from "../base/errors.ts";
import type { Build, FileEntry, StateSide } from "../engine/engine.ts";
import type { Step } from "../graph/program.ts";

/** @throws {BktuiError} "not-now" for the FAILED state, "not-found" when there is no such directory. */
export async function filesOf(
  build: Pick<Build, "readDir">,
  { step, side, path }: { readonly step: Step; readonly side: StateSide; readonly path: string },
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly FileEntry[]> {
  if (side === "failed") {
    throw new BktuiError(
      "not-now",
      "the engine shows the files of a FAILED state to processes only; x shows BASE",
    );
  }
  const edge = side === "after" ? step.result : step.base;
  // Before the first step of a stage FROM scratch there is nothing.
  if (edge === undefined) return [];
  return await build.readDir(edge, path, { signal });
}
