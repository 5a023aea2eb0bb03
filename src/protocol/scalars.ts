/** Numbers, times and digests of the wire, checked. */
import type { google } from "#proto";
import { BktuiError } from "../base/errors.ts";
import type { Digest } from "../graph/graph.ts";

/** A 64-bit integer as protobufjs gives it: a number, a `Long`, or nothing for 0. */
export type WireInt64 = number | { toNumber(): number; toString(): string } | null | undefined;

/**
 * @throws {BktuiError} "engine" when the value does not fit a double exactly; use `bigintOf` for nanoseconds.
 */
export function numberOf(value: WireInt64): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === "number" ? value : value.toNumber();
  if (!Number.isSafeInteger(number))
    throw new BktuiError("engine", `the engine sent the number ${value}, out of range`);
  return number;
}

export function bigintOf(value: WireInt64): bigint {
  return value === null || value === undefined ? 0n : BigInt(value.toString());
}

/** Epoch milliseconds with fraction; undefined for an absent timestamp. */
export function epochMsOf(
  timestamp: google.protobuf.Timestamp.$Shape | null | undefined,
): number | undefined {
  if (timestamp === null || timestamp === undefined) return undefined;
  return numberOf(timestamp.seconds) * 1000 + (timestamp.nanos ?? 0) / 1e6;
}

/** @throws {BktuiError} "engine" when the text is no sha256 digest. */
export function digestOf(text: string | null | undefined): Digest {
  if (!isDigest(text))
    throw new BktuiError("engine", `the engine sent ${JSON.stringify(text)} instead of a digest`);
  return text;
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && /^sha256:[0-9a-f]{64}$/.test(text);
}

/** An index into `count` things; undefined when it is -1 (none) or leads nowhere. */
export function inputIndex(value: WireInt64, count: number): number | undefined {
  const index = numberOf(value);
  return index < 0 || index >= count ? undefined : index;
}

/** A number of an output; undefined when it is -1 (none). */
export function outputIndex(value: WireInt64): number | undefined {
  const index = numberOf(value);
  return index < 0 ? undefined : index;
}
