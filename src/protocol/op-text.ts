/** An op as text to read. Never a way back: what is sent are the bytes as received. */
import { pb } from "#proto";
import { BktuiError } from "../base/errors.ts";
import { clipText, limits } from "../base/limits.ts";

/** Values that are numbers on the wire, by the name of their field. */
const NAMES: ReadonlyMap<string, object> = new Map<string, object>([
  ["mountType", pb.MountType],
  ["sharing", pb.CacheSharingOpt],
  ["network", pb.NetMode],
  ["security", pb.SecurityMode],
]);
const INDENT = 2;
const TEXT = new TextDecoder("utf-8", { fatal: true });

/**
 * The op of a vertex as indented JSON, fields named as in BuildKit's ops.proto; what has its default value is left out,
 * as on the wire. Untrusted text. Contents of files made by the op are cut. Checked on BuildKit 0.8 to 0.32.
 * @throws {BktuiError} "engine" when the bytes are no op.
 */
export function opText(bytes: Uint8Array): string {
  try {
    return JSON.stringify(readable(pb.Op.decode(bytes), ""), undefined, INDENT);
  } catch (error) {
    throw new BktuiError("engine", "the engine sent a malformed op", { cause: error });
  }
}

/** Undefined for what says nothing: JSON leaves it out. */
function readable(value: unknown, field: string): unknown {
  if (value instanceof Uint8Array) return contentOf(value);
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((item) => readable(item, field));
  if (typeof value === "number") return nameOf(value, field) ?? value;
  if (typeof value !== "object" || value === null) return value;
  // 64-bit numbers.
  if ("low" in value && "high" in value) return Number(String(value));
  const entries = Object.entries(value).filter(([name]) => !name.startsWith("$"));
  return Object.fromEntries(entries.map(([name, item]) => [name, readable(item, name)]));
}

function nameOf(value: number, field: string): string | undefined {
  const names = Object.entries(NAMES.get(field) ?? {});
  return names.find(([name, known]) => known === value && !/^\d/.test(name))?.[0];
}

function contentOf(bytes: Uint8Array): string {
  try {
    return clipText(TEXT.decode(bytes), limits.nameCharacters);
  } catch {
    return `${bytes.length} bytes`;
  }
}
