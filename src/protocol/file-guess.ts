/** What a file that is no definition may be instead, by its beginning. */

export interface FileGuess {
  /** E.g. "it is a tar". */
  readonly what: string;
  readonly hint: string;
}

const UNPACK = "unpack it first, e.g. gunzip -c FILE | bktui --llb -";
const MAGIC: readonly (readonly [hex: string, what: string, hint: string])[] = [
  ["1f8b", "it is compressed with gzip", UNPACK],
  ["28b52ffd", "it is compressed with zstd", UNPACK],
  ["fd377a585a00", "it is compressed with xz", UNPACK],
  ["425a68", "it is compressed with bzip2", UNPACK],
  ["504b0304", "it is a zip archive", UNPACK],
  ["7f454c46", "it is a program", "run it and give what it writes: PROGRAM | bktui --llb -"],
];
const TAR = { at: 257, magic: "ustar" } as const;
const SAMPLE_BYTES = 4096;
const DEFINITION = "a definition is what buildctl debug dump-llb reads: a marshalled pb.Definition";

/** Undefined for what looks like nothing that is known here. */
export function guessOf(bytes: Uint8Array): FileGuess | undefined {
  const start = Buffer.from(bytes.subarray(0, SAMPLE_BYTES));
  const known = MAGIC.find(([hex]) => start.toString("hex", 0, hex.length / 2) === hex);
  if (known !== undefined) return { what: known[1], hint: known[2] };
  if (start.toString("latin1", TAR.at, TAR.at + TAR.magic.length) === TAR.magic)
    return { what: "it is a tar", hint: DEFINITION };
  const text = start.toString("utf8");
  // A sample may end within a character.
  if (isBinary(start) || /\ufffd(?!$)/.test(text)) return undefined;
  return /^\s*FROM\s/im.test(text)
    ? { what: "it looks like a Dockerfile", hint: "give that with -f FILE, without --llb" }
    : { what: "it is text", hint: DEFINITION };
}

function isBinary(start: Uint8Array): boolean {
  return start.some((byte) => byte < SPACE && !LINE_BYTES.has(byte));
}

const SPACE = 0x20;
/** Tabs and line ends of text. */
const LINE_BYTES: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d]);
