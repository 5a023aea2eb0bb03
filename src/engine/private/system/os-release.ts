/** What this system says that it is. */
import { readIfThere } from "./processes.ts";

export interface OsRelease {
  /** E.g. "debian". */
  readonly id: string;
  /** Families it says it belongs to, e.g. ["ubuntu", "debian"]. */
  readonly like: readonly string[];
  /** E.g. "bookworm"; "" when the system names none. */
  readonly codename: string;
  /** E.g. "Debian GNU/Linux 12 (bookworm)". */
  readonly prettyName: string;
}

/**
 * Of this machine; "Linux" without more where the system says nothing.
 * @throws {BktuiError} "io" when it cannot be read.
 */
export async function readOsRelease(): Promise<OsRelease> {
  return parseOsRelease((await readIfThere("/etc/os-release")) ?? "");
}

/** Reads os-release(5). */
export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Z_]+)=(["']?)(.*)\2\s*$/.exec(line);
    if (match?.[1] !== undefined && match[3] !== undefined) values.set(match[1], match[3]);
  }
  return {
    id: values.get("ID") ?? "linux",
    like: (values.get("ID_LIKE") ?? "").split(" ").filter((word) => word !== ""),
    codename: values.get("VERSION_CODENAME") ?? "",
    prettyName: values.get("PRETTY_NAME") ?? "Linux",
  };
}
