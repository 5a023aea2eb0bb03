/** Standard error while `--progress=rawjson` is printed: reports of builds and sentences of bktui's own, one object a line. */
import { jsonLine, rawNote, type WriteLine } from "../base/json-line.ts";
import type { Waiting } from "../console/connect.ts";
import type { Output } from "./output.ts";

/** Says a sentence among the reports. */
export function noteTo(output: Output): (text: string) => void {
  return (text) => output.line(jsonLine(rawNote(text)));
}

/** What connects and waits writes to the output as well; `writeReport`: as fast as it is read. */
export function rawOutput(
  output: Output,
  waiting: Waiting,
): { readonly waiting: Waiting; readonly writeReport: WriteLine } {
  return {
    waiting: { ...waiting, onProgress: noteTo(output) },
    writeReport: (line) => (output.write(`${line}\n`) ? undefined : drained(output, waiting)),
  };
}

/** Nobody waits for a reader who went away, or once the work is to end. */
async function drained(output: Output, { signal }: Pick<Waiting, "signal">): Promise<void> {
  const ends = AbortSignal.any([signal, output.closed]);
  if (ends.aborted) return;
  const waited = new AbortController();
  await new Promise<void>((resolve) => {
    ends.addEventListener("abort", () => resolve(), { once: true, signal: waited.signal });
    output.onDrain(resolve);
  });
  waited.abort();
}
