/** Hides the values of secrets in what a build prints. */
import { secretForms } from "./secret-forms.ts";
import { SoughtSecrets } from "./secret-search.ts";

const HIDDEN = Buffer.from("***");
const NOTHING = new Uint8Array();
/** The length of the beginning by which forms are found; none is shorter. */
const HEAD = 4;
/** Fewer bytes than any value has. */
const MOST_RELEASED = HEAD - 1;

/** What is at a place of some bytes: a form of a value, or the beginning of one that the end cuts off. */
interface Found {
  /** Bytes; 0 = none. */
  readonly length: number;
  readonly isCutOff: boolean;
}

const NONE: Found = { length: 0, isCutOff: false };

/** The values that were handed out so far. They are kept here, in memory, and can be asked for by nobody. */
export class SecretMask {
  readonly #forms = new Map<number, Uint8Array[]>();
  /** Which one, two and three bytes begin a form: most places are ruled out by two table look-ups. */
  readonly #firsts = new Uint8Array(256);
  readonly #pairs = new Uint8Array(65_536);
  readonly #triples = new Set<number>();
  /** The same values, and those that are not hidden, for what leaves this machine as a file. */
  readonly sought = new SoughtSecrets();

  get isEmpty(): boolean {
    return this.#forms.size === 0;
  }

  /** @param name of the secret, as people know it: `secret token` */
  add(value: Uint8Array, name: string): void {
    this.sought.add(name, value);
    for (const form of secretForms(value)) {
      const [first = 0, second = 0, third = 0] = form;
      const head = headAt(form, 0);
      const others = this.#forms.get(head) ?? [];
      if (others.some((other) => Buffer.compare(other, form) === 0)) continue;
      // The longest first: a value may begin with another one.
      this.#forms.set(
        head,
        [...others, form].sort((a, b) => b.length - a.length),
      );
      this.#firsts[first] = 1;
      this.#pairs[(first << 8) | second] = 1;
      this.#triples.add((first << 16) | (second << 8) | third);
    }
  }

  /** The text with `***` for each value. */
  text(text: string): string {
    if (this.isEmpty || text === "") return text;
    const stream = new MaskStream(this);
    const parts = [stream.push(Buffer.from(text)), stream.end()];
    return Buffer.concat(parts).toString();
  }

  /** The first place from `index` on where a form may begin; the end when there is none. */
  next(bytes: Uint8Array, index: number): number {
    const last = bytes.length - 1;
    for (let at = index; at < last; at += 1) {
      if (this.#pairs[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 1) return at;
    }
    return Math.max(index, last);
  }

  at(bytes: Uint8Array, index: number): Found {
    const rest = bytes.length - index;
    const first = bytes[index] ?? 0;
    if (rest === 1) return this.#firsts[first] === 1 ? { length: 0, isCutOff: true } : NONE;
    const pair = (first << 8) | (bytes[index + 1] ?? 0);
    if (this.#pairs[pair] !== 1) return NONE;
    if (rest === 2) return { length: 0, isCutOff: true };
    if (rest === 3) {
      return { length: 0, isCutOff: this.#triples.has((pair << 8) | (bytes[index + 2] ?? 0)) };
    }
    return longest(this.#forms.get(headAt(bytes, index)) ?? [], bytes, index);
  }
}

function headAt(bytes: Uint8Array, index: number): number {
  let head = 0;
  for (let at = index; at < index + HEAD; at += 1) head = (head << 8) | (bytes[at] ?? 0);
  return head;
}

function longest(forms: readonly Uint8Array[], bytes: Uint8Array, index: number): Found {
  const rest = bytes.length - index;
  let isCutOff = false;
  for (const form of forms) {
    const length = Math.min(form.length, rest);
    if (!beginsWith(form, bytes, index, length)) continue;
    if (length === form.length) return { length, isCutOff };
    isCutOff = true;
  }
  return { length: 0, isCutOff };
}

function beginsWith(form: Uint8Array, bytes: Uint8Array, index: number, length: number): boolean {
  for (let at = 0; at < length; at += 1) if (form[at] !== bytes[index + at]) return false;
  return true;
}

/** One stream of output, cut anywhere: what may be the beginning of a value is held back. */
export class MaskStream {
  readonly #mask: SecretMask;
  #held: Uint8Array = NOTHING;
  /** How much of `#held` was given out all the same. */
  #released = 0;

  constructor(mask: SecretMask) {
    this.#mask = mask;
  }

  /** Whether something waits for what follows. */
  get isHolding(): boolean {
    return this.#held.length > this.#released;
  }

  /** Whether some of it need not. */
  get isReleasable(): boolean {
    return Math.min(this.#held.length, MOST_RELEASED) > this.#released;
  }

  /** What can be shown now. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#mask.isEmpty && this.#held.length === 0) return chunk;
    return this.#scan(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  /** Nothing follows. */
  end(): Uint8Array {
    return this.#scan(this.#held, true);
  }

  /** The beginning of what is held back, for somebody who types and waits to see it; a value never comes out whole. */
  release(): Uint8Array {
    const end = Math.min(this.#held.length, MOST_RELEASED);
    const released = this.#held.subarray(this.#released, Math.max(this.#released, end));
    this.#released = Math.max(this.#released, end);
    return released;
  }

  #scan(bytes: Uint8Array, isEnd: boolean): Uint8Array {
    const shown: Uint8Array[] = [];
    const show = (from: number, to: number): void => {
      const start = Math.max(from, this.#released);
      if (to > start) shown.push(bytes.subarray(start, to));
    };
    let from = 0;
    let index = this.#mask.next(bytes, 0);
    while (index < bytes.length) {
      const { length, isCutOff } = this.#mask.at(bytes, index);
      if (isCutOff && !isEnd) break;
      if (length > 0) {
        show(from, index);
        shown.push(HIDDEN);
        from = index + length;
      }
      index = this.#mask.next(bytes, index + Math.max(length, 1));
    }
    show(from, index);
    this.#held = Uint8Array.from(bytes.subarray(index));
    this.#released = Math.max(0, this.#released - index);
    const [only = NOTHING] = shown;
    return shown.length > 1 ? Buffer.concat(shown) : only;
  }
}
