/** The closed list of what can go wrong; front ends decide on these, never on a message. */
export type ErrorCode =
  | "usage" // wrong command line: exit 125
  | "bad-request" // the Dockerfile, target or an option was refused
  | "not-now" // the current phase forbids the command
  | "not-found" // a path, step or container that does not exist
  | "unsupported" // this engine lacks a capability; the message names it
  | "cancelled" // an AbortSignal fired
  | "no-engine" // no BuildKit could be found or started
  | "engine-unreachable" // the connection was refused or got lost
  | "engine" // the engine answered with an error of its own
  | "io" // a local file or directory could not be read or written
  | "internal"; // a defect of bktui

export interface ErrorOptions {
  readonly cause?: unknown;
  /** What to do next, one sentence for the user. */
  readonly hint?: string;
}

/** The only error class thrown by bktui's own code. `message` says what failed, on what, and why. */
export class BktuiError extends Error {
  override readonly name: string = "BktuiError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** Wraps anything thrown; a BktuiError passes unchanged. */
export function toBktuiError(error: unknown, code: ErrorCode = "internal"): BktuiError {
  if (error instanceof BktuiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new BktuiError(code, message, { cause: error });
}

/** Marks a switch as exhaustive: a new union member makes this line a type error. */
export function unreachable(value: never): never {
  throw new BktuiError("internal", `unexpected value ${JSON.stringify(value)}`);
}

/** @throws {BktuiError} "cancelled" when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new BktuiError("cancelled", "cancelled", { cause: signal.reason });
}
