/**
 * How much of what others send is taken, kept or shown. Engines, images and build output are not trusted with this
 * program's memory or with the time of a key. What exceeds a limit is cut where a person can see it.
 */
export const limits = {
  /** One gRPC message; BuildKit itself sends at most this much (16 MiB from 0.9 on, 4 MiB before). */
  messageBytes: 16 * 1024 * 1024,
  /** An engine's answer to a plain HTTP question or the head of one. */
  httpAnswerBytes: 64 * 1024,
  /** Vertices of a definition, and vertices of other builds that progress is kept of. Real files stay below 10,000. */
  vertices: 20_000,
  /** A definition in a file. BuildKit takes 16 MiB of operations, beside which a file may have a source map and be base64. */
  definitionBytes: 64 * 1024 * 1024,
  /** The configuration of an image, in a file. */
  imageConfigBytes: 4 * 1024 * 1024,
  /** A name that is shown: of a vertex, a transfer, a registry. */
  nameCharacters: 4096,
  /** The text of an error as it is kept; a command's whole output may be in it. */
  errorCharacters: 64 * 1024,
  /** The text of an error of one vertex among many: its output is in the log. */
  vertexErrorCharacters: 4096,
  /** A registry, in messages. */
  hostCharacters: 200,
  warnings: 1000,
  /** Records of builds that an engine or a file may tell of. */
  records: 10_000,
  /** A file with a record or an image: bytes when it is unpacked, entries, and one of the JSON texts in it. */
  recordFile: { bytes: 32 * 1024 * 1024 * 1024, entries: 10_000, jsonBytes: 16 * 1024 * 1024 },
  /** A context that is sent: beyond it the user is told what makes it large. Nothing is left out. */
  contextBytes: 500_000_000,
  /** Files, directories and links of one output that the engine sends; an image of a whole system has some 100,000. */
  receivedEntries: 5_000_000,
  /** Extended attributes of one output: their number, and the bytes of names and values together. */
  receivedAttributes: { count: 100_000, bytes: 16 * 1024 * 1024 },
  /** How often the engine may send something for one output: once for each platform. */
  receivedTransfers: 100,
  /** Sentences of one warning. */
  warningDetails: 20,
  /** Places that one warning is about. */
  warningRanges: 100,
  /** Files that could not be sent, by name. */
  fileProblems: 100,
  /** A longer line of output is cut into pieces; of any text no more is shown in one row. */
  lineCharacters: 16 * 1024,
  /** What a line of output wrote over itself, beside the line as it ended: its beginning and its end. */
  rawCharacters: 16 * 1024,
  /** Output without line ends, all steps together; beyond it lines are cut where they are. */
  unfinishedCharacters: 16 * 1024 * 1024,
  /** Log lines in memory, all steps together; older ones are on disk. */
  logMemory: { lines: 50_000, characters: 20_000_000 },
  /** Log lines on disk; the oldest go first. */
  logDiskBytes: 2 * 1024 * 1024 * 1024,
  /** OSC, DCS and other strings in the output of a shell; nothing understood here is longer. */
  terminalStringCharacters: 4096,
  /** A CSI sequence in the output of a shell; what is longer is none. */
  terminalSequenceCharacters: 256,
  /** A numeric parameter of such a sequence, where the size of the screen gives no smaller limit. */
  terminalParameter: 9999,
  /** Output of a shell that waits for the emulator; beyond it the engine is asked to wait. */
  shellBacklogBytes: 256 * 1024,
  /** A secret's value; BuildKit's own clients refuse larger ones. */
  secretBytes: 500 * 1024,
  /** What a credential helper may answer. */
  credentialHelperBytes: 64 * 1024,
  /** What a command that was to reach an engine says of itself; its end tells why it failed. */
  commandWordsBytes: 8 * 1024,
  /** The reason of a refusal, as the engine is told. */
  statusMessageBytes: 4096,
} as const;

/** A longer word, above all a path, is cut in the middle. */
const LONGEST_WORD = 400;
const WORD_BEGINNING = 140;
const WORD_END = 50;

/**
 * The text within a number of characters: its beginning and its end, where errors have their reason, around a note of
 * how many are missing. A copy: a piece of a string would keep the whole string alive.
 */
export function clipText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const note = ` … (${text.length - maxCharacters} characters left out) … `;
  const tail = Math.floor(maxCharacters / 4);
  const head = text.slice(0, maxCharacters - tail);
  return Buffer.from(`${head}${note}${text.slice(-tail)}`, "utf8").toString("utf8");
}

/**
 * Text in which words of more than 400 characters, above all paths, keep their beginning and end only; cut itself when it
 * is longer than any error that is kept.
 */
export function shortWords(text: string): string {
  if (text.length <= LONGEST_WORD) return text;
  // Split, not matched: V8's matcher runs out of its stack over words of megabytes.
  return clipText(text, limits.errorCharacters)
    .split(/([\s"])/)
    .map((word) =>
      word.length > LONGEST_WORD ? `${word.slice(0, WORD_BEGINNING)}…${word.slice(-WORD_END)}` : word,
    )
    .join("");
}
