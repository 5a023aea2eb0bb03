/** Log lines in an archive: encoded in blocks, found by index, a few blocks decoded at a time. */
import type { Digest } from "../../graph/graph.ts";
import type { LineArchive } from "./line-archive.ts";
import type { LogLine } from "./progress-store.ts";

interface Block {
  /** Index of its first line. */
  readonly first: number;
  readonly lines: number;
  readonly place: number;
  readonly bytes: number;
}

/** Enough for a screen that shows the lines of a few steps side by side. */
const DECODED_BLOCKS = 8;
/** Per line: the vertex' number, whether it has a raw text, and the stream in one number, and the time. */
const NUMBERS_PER_LINE = 2;
const NUMBER_BYTES = 8;
const STDERR = 1;
const HAS_RAW = 2;
const FLAGS = 4;

/** A block: per line two 64-bit floats, then the texts as UTF-8, one line each, a raw text behind its own. */
export function encodedLines(lines: readonly LogLine[], numberOf: (vertex: Digest) => number): Uint8Array {
  const facts = new Float64Array(lines.length * NUMBERS_PER_LINE);
  const texts: string[] = [];
  for (const [at, { vertex, stream, atMs, text, raw }] of lines.entries()) {
    const flags = (stream === "stderr" ? STDERR : 0) | (raw === undefined ? 0 : HAS_RAW);
    facts[at * NUMBERS_PER_LINE] = numberOf(vertex) * FLAGS + flags;
    facts[at * NUMBERS_PER_LINE + 1] = atMs;
    texts.push(text);
    if (raw !== undefined) texts.push(raw);
  }
  return Buffer.concat([Buffer.from(facts.buffer), Buffer.from(texts.join("\n"))]);
}

/** The blocks of one archive. */
export class LineBlocks {
  readonly #archive: LineArchive;
  #blocks: Block[] = [];
  readonly #vertices: Digest[] = [];
  readonly #numbers = new Map<Digest, number>();
  /** By index of the first line; the one used last comes last. */
  readonly #decoded = new Map<number, readonly LogLine[]>();

  constructor(archive: LineArchive) {
    this.#archive = archive;
  }

  /** Index of the oldest line kept; undefined when there is none. */
  get first(): number | undefined {
    return this.#blocks[0]?.first;
  }

  /** The number that stands for a vertex in blocks. */
  numberOf(vertex: Digest): number {
    const known = this.#numbers.get(vertex);
    if (known !== undefined) return known;
    this.#numbers.set(vertex, this.#vertices.length);
    return this.#vertices.push(vertex) - 1;
  }

  /** Blocks come in order, without gaps. @throws {BktuiError} "io". */
  add(first: number, lines: number, data: Uint8Array): void {
    const place = this.#archive.append(data);
    this.#blocks.push({ first, lines, place, bytes: data.length });
    const { oldest } = this.#archive;
    const kept = this.#blocks.findIndex((block) => block.place >= oldest);
    if (kept > 0) this.#blocks.splice(0, kept);
  }

  /** @throws {BktuiError} "io". */
  line(index: number): LogLine | undefined {
    const block = this.#blocks[this.#blockAt(index)];
    if (block === undefined || index < block.first || index >= block.first + block.lines) return undefined;
    return this.#linesOf(block)[index - block.first];
  }

  clear(): void {
    this.#blocks = [];
    this.#decoded.clear();
  }

  #linesOf(block: Block): readonly LogLine[] {
    const lines = this.#decoded.get(block.first) ?? this.#decode(block);
    this.#decoded.delete(block.first);
    this.#decoded.set(block.first, lines);
    for (const oldest of this.#decoded.keys()) {
      if (this.#decoded.size <= DECODED_BLOCKS) break;
      this.#decoded.delete(oldest);
    }
    return lines;
  }

  #decode({ place, bytes, lines }: Block): readonly LogLine[] {
    const data = Buffer.from(this.#archive.read(place, bytes));
    const textAt = lines * NUMBERS_PER_LINE * NUMBER_BYTES;
    const texts = data.toString("utf8", textAt).split("\n").values();
    const next = (): string => texts.next().value ?? "";
    const found: LogLine[] = [];
    for (let at = 0; at < lines; at++) {
      const number = data.readDoubleLE(at * NUMBERS_PER_LINE * NUMBER_BYTES);
      const atMs = data.readDoubleLE((at * NUMBERS_PER_LINE + 1) * NUMBER_BYTES);
      const vertex = this.#vertices[Math.floor(number / FLAGS)];
      const stream = (number & STDERR) === 0 ? "stdout" : "stderr";
      const line = {
        stream,
        atMs,
        text: next(),
        raw: (number & HAS_RAW) === 0 ? undefined : next(),
      } as const;
      if (vertex !== undefined) found.push({ ...line, vertex });
    }
    return found;
  }

  /** The last block that begins at or before a line; -1 before all. */
  #blockAt(index: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#blocks[middle]?.first ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
