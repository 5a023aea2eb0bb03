/** Pieces of files of states, as text and as bytes. Values of secrets are in none of them. */
import { filePieceAt, MASK_MARGIN } from "../../answers/files.ts";
import { filePartAt } from "../../console/state-reads.ts";
import type { FilePlace } from "./branch.ts";
import { lookedAt, type StepView } from "./step-view.ts";

export interface PieceText {
  /** Undefined: its bytes are no text. */
  readonly text: string | undefined;
  /** Bytes behind it. */
  readonly omitted: number;
}

const MOST_TEXT_BYTES = 64 * 1024;

/** The beginning of a file. @throws {BktuiError} "not-found", "not-now". */
export async function pieceText(view: StepView, place: FilePlace, signal: AbortSignal): Promise<PieceText> {
  const { debug, files } = readerOf(view, place);
  const asked = { path: place.path, offset: 0, length: MOST_TEXT_BYTES };
  const { text, omitted } = await filePieceAt(debug, files, asked, signal);
  return { text, omitted };
}

export interface PieceBytes {
  readonly bytes: Buffer;
  /** Behind those that could be read: the file has no more, or the value of a secret follows. */
  readonly unreadable: number;
}

/** @throws {BktuiError} "not-found", "not-now". */
export async function pieceBytes(
  view: StepView,
  place: FilePlace,
  { offset, count }: { readonly offset: number; readonly count: number },
  signal: AbortSignal,
): Promise<PieceBytes> {
  const { debug, files } = readerOf(view, place);
  const start = Math.max(0, offset - MASK_MARGIN);
  const window = { path: place.path, offset: start, length: offset - start + count + MASK_MARGIN };
  const part = await filePartAt(debug, files, window, { signal });
  const whole = Buffer.from(part.bytes.buffer, part.bytes.byteOffset, part.bytes.byteLength);
  const bytes = readable(whole, { from: offset - start, count }, debug);
  return { bytes, unreadable: count - bytes.length };
}

/** Up to the first byte of a secret's value: each byte has to stay in its place, so none can be hidden. */
export function readable(
  whole: Buffer,
  { from, count }: { readonly from: number; readonly count: number },
  hider: { masked(text: string): string },
): Buffer {
  const rest = whole.subarray(from);
  const most = Math.min(count, rest.length);
  const length = Math.min(
    most,
    untilHidden(whole, rest, "latin1", hider),
    untilHidden(whole, rest, "utf8", hider),
  );
  return rest.subarray(0, length);
}

/** How many bytes of the rest stand before the first value that is hidden in it. */
function untilHidden(
  whole: Buffer,
  rest: Buffer,
  code: "latin1" | "utf8",
  { masked }: { masked(text: string): string },
): number {
  const [all, text] = [whole.toString(code), rest.toString(code)];
  const [allMasked, textMasked] = [masked(all), masked(text)];
  if (allMasked === all) return rest.length;
  // A value that begins before the piece and ends in it; or places that cannot be told in bytes.
  const isExact = code === "latin1" || Buffer.from(text, code).equals(rest);
  if (!allMasked.endsWith(textMasked) || (!isExact && textMasked !== text)) return 0;
  let at = 0;
  while (at < text.length && text[at] === textMasked[at]) at++;
  return Buffer.byteLength(text.slice(0, at), code);
}

function readerOf(
  view: StepView,
  place: FilePlace,
): {
  readonly debug: Parameters<typeof filePieceAt>[0];
  readonly files: Parameters<typeof filePieceAt>[1];
} {
  const { session, step, program } = view;
  const { debug, show } = lookedAt(view, place.side);
  return {
    debug: {
      masked: (text) => session.build.masked(text),
      readFile: (...asked) => {
        show();
        return debug.readFile(...asked);
      },
    },
    files: { step, side: place.side, name: `step ${step.id + 1}/${program.steps.length}`, typed: "" },
  };
}
