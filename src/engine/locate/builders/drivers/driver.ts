/** What a driver of buildx needs to know, and what it is asked for. Types only. */
import type { Address } from "../../../../transport/address.ts";
import type { Environment } from "../../docker/files.ts";
import type { Builder, BuilderNode } from "../store.ts";

export interface Reaching {
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** One line for the user while a builder is started. */
  readonly onProgress: (line: string) => void;
  /** Whether a builder that does not run may be started; else that is the error. */
  readonly mayStart: boolean;
  /** The platform asked for, e.g. "linux/arm64". */
  readonly platform: string | undefined;
  /** The build context, absolute: what buildx chooses among pods by. */
  readonly contextPath: string;
}

/**
 * Where a node of a builder listens; makes it run first if need be.
 * @throws {BktuiError} "engine-unreachable", "usage" for options it does not know, "unsupported", "cancelled".
 */
export type Driver = (builder: Builder, node: BuilderNode, reaching: Reaching) => Promise<Address>;
