/** What of the engine's messages is not passed on. */
import type { SecretMask } from "../../session/secret-mask.ts";
import type { RawReports } from "./raw-reports.ts";
import type { statusReader } from "./status-reader.ts";

/** How messages are taken in: without the values of secrets, and where all of them are wanted, without some vertices. */
export function hiding(
  { mask, reports }: { readonly mask: SecretMask; readonly reports: RawReports | undefined },
  isHidden: (vertex: string) => boolean | undefined,
): Pick<Parameters<typeof statusReader>[1], "mask" | "onMessage"> {
  return { mask, onMessage: reports?.reader(mask, (vertex) => isHidden(vertex) === true) };
}
