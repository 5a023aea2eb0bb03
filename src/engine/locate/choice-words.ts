/** Which engine would be used, as far as it can be told without asking any. */
import type { TlsFiles } from "../../transport/address.ts";
import { listCandidates, namedText, type Wanted } from "./candidates.ts";

/**
 * The choice in words, and who made it. Connects to nothing.
 * @throws {BktuiError} as `listCandidates`.
 */
export async function chosenEngine(
  wanted: Wanted,
): Promise<{ readonly text: string; readonly from: string; readonly tls?: TlsFiles }> {
  const [first] = await listCandidates(wanted);
  if (first?.explicit === true) {
    const tls = first.tls === undefined ? {} : { tls: first.tls };
    return { text: namedText(first), from: first.origin, ...tls };
  }
  return { text: "the first usual socket that answers, else bktui's own engine", from: "default" };
}
