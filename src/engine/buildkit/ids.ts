/** Ids for what bktui creates on an engine. */
import { randomBytes } from "node:crypto";

/** A fresh id for builds, containers and processes: 25 characters of base36, as BuildKit's Go clients make them. */
export function newId(): string {
  let value = 0n;
  for (const byte of randomBytes(17)) value = (value << 8n) | BigInt(byte);
  return value.toString(36).padStart(25, "0").slice(-25);
}
