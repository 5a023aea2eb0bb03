/** What explanations can be looked up in. */
import { BktuiError } from "../../base/errors.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import type { Build, Engine } from "../../engine/engine.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { KernelCount } from "./causes/kernel.ts";

export interface Library {
  readonly engine: Engine;
  /** Undefined when none is open. */
  readonly build: Build | undefined;
  readonly request: BuildRequest | undefined;
  /** Where the build stands. */
  readonly failure: SolveFailed | undefined;
  /** What was counted when the build was loaded. */
  readonly before: KernelCount | undefined;
}

/** @throws {BktuiError} "not-now". */
export function buildOf({ build }: Library): Build {
  if (build === undefined) throw new BktuiError("not-now", "nothing is loaded");
  return build;
}

/** @throws {BktuiError} "not-now". */
export function requestOf({ request }: Library): BuildRequest {
  if (request === undefined) throw new BktuiError("not-now", "nothing has been started");
  return request;
}
