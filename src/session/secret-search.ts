/** Looks for the values of secrets in bytes that are to leave this machine. */
import { soughtForms } from "./secret-forms.ts";

interface Form {
  readonly bytes: Uint8Array;
  /** Of the secret, as it is told to people. */
  readonly name: string;
}

/**
 * Tables of the search by pairs of bytes (Wu and Manber's): most of a stream is passed over by as many bytes as the shortest
 * form has.
 */
interface Tables {
  readonly shortest: number;
  readonly longest: number;
  /** By a pair: how far the window can move on when it ends with it. */
  readonly shifts: Uint8Array;
  /** By the pair that ends the window at a form's beginning. */
  readonly forms: ReadonlyMap<number, readonly Form[]>;
}

const NOTHING = new Uint8Array();

/** The values to look for, by the name of their secret. They are kept here, in memory, and can be asked for by nobody. */
export class SoughtSecrets {
  readonly #forms = new Map<string, Form>();
  readonly #unsought = new Set<string>();
  readonly #known = new Set<string>();
  #tables: Tables | undefined;

  get isEmpty(): boolean {
    return this.#forms.size === 0;
  }

  /** Names of secrets whose values are too short to be looked for; an empty one is nobody's secret. */
  get unsought(): readonly string[] {
    return [...this.#unsought];
  }

  /** A value of that name has been added, also one that is not looked for. */
  knows(name: string): boolean {
    return this.#known.has(name);
  }

  /** @param name as people know it: `secret token` */
  add(name: string, value: Uint8Array): void {
    this.#known.add(name);
    const forms = soughtForms(value);
    if (forms.length === 0 && Buffer.from(value).toString("latin1").trim() !== "") this.#unsought.add(name);
    for (const bytes of forms) {
      const key = Buffer.from(bytes).toString("latin1");
      // Two secrets of one value are one.
      if (this.#forms.has(key)) continue;
      this.#forms.set(key, { bytes, name });
      this.#tables = undefined;
    }
  }

  /** Of all secrets whose value is in the text, their names. */
  in(text: Uint8Array | string): readonly string[] {
    const stream = new SecretSearch(this);
    stream.push(Buffer.from(text));
    return stream.found;
  }

  get tables(): Tables {
    this.#tables ??= tablesOf([...this.#forms.values()]);
    return this.#tables;
  }
}

function tablesOf(all: readonly Form[]): Tables {
  const lengths = all.map(({ bytes }) => bytes.length);
  const shortest = Math.min(...lengths);
  const shifts = new Uint8Array(65_536).fill(shortest - 1);
  const forms = new Map<number, Form[]>();
  for (const form of all) {
    for (let end = 1; end < shortest; end += 1) {
      const pair = pairAt(form.bytes, end);
      shifts[pair] = Math.min(shifts[pair] ?? 0, shortest - 1 - end);
    }
    const pair = pairAt(form.bytes, shortest - 1);
    forms.set(pair, [...(forms.get(pair) ?? []), form]);
  }
  return { shortest, longest: Math.max(...lengths), shifts, forms };
}

/** The two bytes that end at a place. */
function pairAt(bytes: Uint8Array, end: number): number {
  return ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
}

/** One stream, cut anywhere. It holds back no more than the longest form. */
export class SecretSearch {
  readonly #sought: SoughtSecrets;
  readonly #found = new Set<string>();
  /** What a form may have begun in. */
  #held: Uint8Array = NOTHING;

  constructor(sought: SoughtSecrets) {
    this.#sought = sought;
  }

  /** Names of the secrets that were found so far. */
  get found(): readonly string[] {
    return [...this.#found];
  }

  push(chunk: Uint8Array): void {
    if (this.#sought.isEmpty || chunk.length === 0) return;
    const { tables } = this.#sought;
    const keep = tables.longest - 1;
    const held = this.#held;
    if (held.length > 0) {
      // What begins in the old bytes ends within so many of the new ones.
      this.#scan(Buffer.concat([held, chunk.subarray(0, keep)]), tables);
    }
    this.#scan(chunk, tables);
    this.#held =
      chunk.length >= keep
        ? Uint8Array.from(chunk.subarray(chunk.length - keep))
        : Uint8Array.from(Buffer.concat([held, chunk]).subarray(-keep));
  }

  #scan(bytes: Uint8Array, { shortest, shifts, forms }: Tables): void {
    const { length } = bytes;
    for (let end = shortest - 1; end < length; ) {
      const pair = ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
      const shift = shifts[pair] ?? 0;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const start = end - shortest + 1;
      for (const { bytes: form, name } of forms.get(pair) ?? [])
        if (isAt(form, bytes, start)) this.#found.add(name);
      end += 1;
    }
  }
}

function isAt(form: Uint8Array, bytes: Uint8Array, start: number): boolean {
  if (start + form.length > bytes.length) return false;
  for (let at = 0; at < form.length; at += 1) if (form[at] !== bytes[start + at]) return false;
  return true;
}
