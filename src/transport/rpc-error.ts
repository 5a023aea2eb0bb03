/** A failed gRPC call as an error, with the details that the engine sent. */
import type { ErrorCode } from "../base/errors.ts";
import { BktuiError } from "../base/errors.ts";
import { clipText, limits } from "../base/limits.ts";
import type { WireField } from "./wire-fields.ts";
import { wireFields } from "./wire-fields.ts";

/** gRPC status codes that mean something to us. */
export const grpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadline: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export interface RpcDetail {
  /** E.g. "github.com/moby/buildkit/errdefs.Vertex+json". */
  readonly typeUrl: string;
  /** Parsed JSON, as BuildKit writes it (checked on 0.32 and dockerd 28.5); the bytes when they are no JSON. */
  readonly value: unknown;
}

/**
 * A call that ended with a status other than OK. `message` is the engine's own text: untrusted.
 * `code` is "engine-unreachable" for gRPC 14, "cancelled" for 1, else "engine".
 */
export class RpcError extends BktuiError {
  override readonly name = "RpcError";
  readonly grpcCode: number;
  readonly details: readonly RpcDetail[];

  constructor(
    message: string,
    facts: { readonly grpcCode: number; readonly details: readonly RpcDetail[]; readonly cause?: unknown },
  ) {
    const code = codeOf(facts.grpcCode);
    const hint =
      code === "engine-unreachable" ? { hint: "Check that the engine still runs, then start again." } : {};
    super(code, message, { cause: facts.cause, ...hint });
    this.grpcCode = facts.grpcCode;
    this.details = facts.details;
  }
}

function codeOf(code: number): ErrorCode {
  if (code === grpcCode.unavailable) return "engine-unreachable";
  return code === grpcCode.cancelled ? "cancelled" : "engine";
}

/** What grpc-js gives for a call that failed. */
export interface CallStatus {
  readonly code: number;
  readonly details: string;
  /** The trailer `grpc-status-details-bin`. */
  readonly richStatus: Uint8Array | undefined;
}

/**
 * Reads a failed call. The text of the rich status comes first: `grpc-message` is a header, and a header loses blanks
 * at its end, whole texts made of them included.
 */
export function rpcErrorOf(path: string, status: CallStatus, cause: unknown): RpcError {
  const rich = status.richStatus === undefined ? undefined : tryReadStatus(status.richStatus);
  const message = rich?.message || status.details || `${path} failed with gRPC status ${status.code}`;
  const clipped = clipText(message, limits.errorCharacters);
  return new RpcError(clipped, { grpcCode: status.code, details: rich?.details ?? [], cause });
}

function tryReadStatus(message: Uint8Array): ReturnType<typeof readStatus> | undefined {
  try {
    return readStatus(message);
  } catch (error) {
    // A garbled trailer must not hide the failure itself.
    if (error instanceof BktuiError) return undefined;
    throw error;
  }
}

function readStatus(message: Uint8Array): { message: string; details: RpcDetail[] } {
  const status = { message: "", details: [] as RpcDetail[] };
  for (const field of wireFields(message)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 2) status.message = textOf(field);
    if (field.number === 3) status.details.push(readAny(field.value));
  }
  return status;
}

function readAny(message: Uint8Array): RpcDetail {
  let typeUrl = "";
  let value: unknown = new Uint8Array();
  for (const field of wireFields(message)) {
    if (field.number === 1) typeUrl = textOf(field);
    if (field.number === 2 && field.kind === "bytes") value = jsonOrBytes(field.value);
  }
  return { typeUrl, value };
}

function jsonOrBytes(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString());
  } catch {
    return value;
  }
}

function textOf(field: WireField): string {
  return field.kind === "bytes" ? Buffer.from(field.value).toString() : "";
}
