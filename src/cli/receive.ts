/** Takes in what is piped into a build. */

import type { InputStream } from "../plain/lines/line-input.ts";
import type { Output } from "../plain/output.ts";
import { Interruption } from "../plain/signals.ts";
import { WANTED_DEFINITION } from "./inputs.ts";
import { ReceivedInput } from "./received.ts";

/** Standard input until its end. A signal meanwhile leaves nothing behind. */
export async function receive(
  wanted: string,
  {
    stdin,
    stdinIsTerminal,
    stderr,
  }: { readonly stdin: InputStream; readonly stdinIsTerminal: boolean; readonly stderr: Output },
): Promise<ReceivedInput> {
  if (stdinIsTerminal) stderr.line(`reading ${wanted} from the terminal; Ctrl-D ends it`);
  using interruption = new Interruption();
  const isDefinition = wanted === WANTED_DEFINITION;
  return await ReceivedInput.read(stdin, { signal: interruption.signal, isDefinition });
}
