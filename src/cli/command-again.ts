/** The command line that opens on a terminal what was run without one. */

import { quote } from "../base/quote.ts";
import { withoutPassword } from "../engine/build-sources.ts";
import { optionsOfLine, wordsOfLine } from "./arguments.ts";

/** Hold where nobody attends; `--export…` too. */
const UNATTENDED: ReadonlySet<string> = new Set([
  "--run",
  "--keep-going",
  "--quiet",
  "--progress",
  "--failed-output",
  "--on-error",
]);

/** With the same build options, to be typed in a shell. Passwords of a URL are left out. */
export function commandAgain(argv: readonly string[]): string {
  const words = wordsOfLine(argv);
  const options = optionsOfLine(argv);
  const kept: string[] = ["bktui"];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word.startsWith("--serve=")) continue;
    if (!UNATTENDED.has(word) && !word.startsWith("--export-")) kept.push(withoutPassword(word));
    else if (options.some(({ long, required }) => long === word && required)) at += 1;
  }
  return kept.map(quote).join(" ");
}
