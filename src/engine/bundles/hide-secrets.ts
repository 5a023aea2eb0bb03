/** Hides values of secrets in what goes into a bundle: also those that no step has asked for here, as a cached one may have shown them. */
import type { SecretMask } from "../../session/secret-mask.ts";

/** With `***` in place of a value that was handed out, and of a line with another one; of a text where lines do not end it. */
export function hideSecrets(text: string, mask: Pick<SecretMask, "text" | "sought">): string {
  const hidden = mask.text(text);
  const has = (part: string): boolean => mask.sought.in(part).length > 0;
  if (mask.sought.isEmpty || !has(hidden)) return hidden;
  const lines = hidden
    .split("\n")
    .map((line) => (has(line) ? "***" : line))
    .join("\n");
  return has(lines) ? "***" : lines;
}
