/** Looks for the values of secrets in an archive as it goes by: in what files hold, and in all names. */
import { BktuiError } from "../base/errors.ts";
import { SecretSearch, type SoughtSecrets } from "./secret-search.ts";
import { isTarHeader, TAR_BLOCK, tarName, tarNumber, tarText } from "./tar-header.ts";

/** Where a value was found. */
export interface SecretPlace {
  /** As people know it: `secret token`; untrusted text. */
  readonly secret: string;
  readonly part: "content" | "name" | "link" | "attribute";
  /** Path from the root; untrusted text. Of a name that has the value itself only the directory above it. */
  readonly path: string;
}

/** Longer names and records of names are refused by engines too. */
const MOST_RECORDS = 1024 * 1024;
/** So many places say enough. */
const MOST_PLACES = 100;

/** What the header of an entry says, and records before it said. */
interface Entry {
  readonly kind: string;
  readonly size: number;
}

/** Takes the bytes of one tar (ustar, pax, GNU's long names), cut anywhere. Memory does not grow with it. */
export class TarSearch {
  readonly #sought: SoughtSecrets;
  readonly #places: SecretPlace[] = [];
  #header = Buffer.alloc(0);
  #entry: Entry | undefined;
  /** Of the entry's bytes, without and with what fills up its last block. */
  #left = 0;
  #padding = 0;
  #content: SecretSearch | undefined;
  #records: Buffer[] = [];
  /** Path of the next entry where records or GNU's entries name it. */
  #longPath: Buffer | undefined;
  #longLink: Buffer | undefined;
  #largeSize: number | undefined;
  readonly #attributes: Buffer[] = [];
  #path: Buffer = Buffer.alloc(0);

  constructor(sought: SoughtSecrets) {
    this.#sought = sought;
  }

  /** In the order of the archive; not more than a hundred. */
  get places(): readonly SecretPlace[] {
    return this.#places;
  }

  /** @throws {BktuiError} "engine" when it is no archive: what cannot be read was not searched. */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        this.#take(part);
        if (this.#left === 0) this.#endEntry();
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, rest.length);
        this.#padding -= skipped;
        rest = rest.subarray(skipped);
      } else {
        const missing = TAR_BLOCK - this.#header.length;
        this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (this.#header.length === TAR_BLOCK) this.#begin();
      }
    }
  }

  #begin(): void {
    const header = this.#header;
    this.#header = Buffer.alloc(0);
    if (header.every((byte) => byte === 0)) return;
    const kind = String.fromCharCode(header[156] ?? 0);
    const size = (isRecord(kind) ? undefined : this.#largeSize) ?? tarNumber(header.subarray(124, 136));
    if (!isRecord(kind)) this.#largeSize = undefined;
    if (!Number.isSafeInteger(size) || size < 0 || !isTarHeader(header)) throw unreadable();
    this.#entry = { kind, size };
    this.#left = size;
    this.#padding = (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
    if (!isRecord(kind)) this.#name(header);
    else if (size > MOST_RECORDS) throw unreadable();
    if (size === 0) this.#endEntry();
  }

  #name(header: Buffer): void {
    const own = Buffer.from(tarName(header), "latin1");
    this.#path = this.#longPath ?? own;
    const link = this.#longLink ?? Buffer.from(tarText(header.subarray(157, 257)), "latin1");
    this.#longPath = undefined;
    this.#longLink = undefined;
    this.#note(this.#sought.in(this.#path), "name");
    this.#note(this.#sought.in(link), "link");
    for (const value of this.#attributes.splice(0)) this.#note(this.#sought.in(value), "attribute");
    this.#content = new SecretSearch(this.#sought);
  }

  #take(part: Uint8Array): void {
    if (isRecord(this.#entry?.kind)) this.#records.push(Buffer.from(part));
    else this.#content?.push(part);
  }

  #endEntry(): void {
    const { kind } = this.#entry ?? {};
    this.#entry = undefined;
    if (!isRecord(kind)) {
      this.#note(this.#content?.found ?? [], "content");
      this.#content = undefined;
      return;
    }
    const bytes = Buffer.concat(this.#records);
    this.#records = [];
    if (kind === "L") this.#longPath = withoutEnd(bytes);
    else if (kind === "K") this.#longLink = withoutEnd(bytes);
    else this.#paxRecords(bytes);
  }

  /** `30 path=…\n`: a length that counts itself, a name, a value of any bytes. */
  #paxRecords(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const blank = bytes.indexOf(0x20, at);
      const length = Number(bytes.subarray(at, blank).toString("latin1"));
      if (blank < 0 || !Number.isInteger(length) || length < 1 || at + length > bytes.length)
        throw unreadable();
      const record = bytes.subarray(blank + 1, at + length - 1);
      const equals = record.indexOf(0x3d);
      const name = record.subarray(0, equals).toString("latin1");
      const value = record.subarray(equals + 1);
      if (name === "path" || name === "GNU.sparse.name") this.#longPath = value;
      else if (name === "linkpath") this.#longLink = value;
      else if (name === "size") this.#largeSize = Number(value.toString("latin1"));
      else this.#attributes.push(record);
      at += length;
    }
  }

  #note(secrets: readonly string[], part: SecretPlace["part"]): void {
    for (const secret of secrets) {
      if (this.#places.length < MOST_PLACES) this.#places.push({ secret, part, path: this.#shownPath() });
    }
  }

  /** Up to the first name that has a value in it. */
  #shownPath(): string {
    const names = this.#path
      .toString("utf8")
      .replace(/^(?:\.?\/)+/, "")
      .split("/");
    const shown: string[] = [];
    for (const name of names) {
      shown.push(name);
      if (this.#sought.in(shown.join("/")).length > 0) return `/${[...shown.slice(0, -1), "***"].join("/")}`;
    }
    return `/${shown.join("/")}`.replace(/(?<=.)\/$/, "");
  }
}

/** Entries that say something of the next one. */
function isRecord(kind: string | undefined): boolean {
  return kind === "x" || kind === "g" || kind === "L" || kind === "K";
}

function withoutEnd(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function unreadable(): BktuiError {
  return new BktuiError(
    "engine",
    "what is to be exported cannot be searched for secrets: it is no tar that can be read",
    {
      hint: "Export another state, or with --export-secrets=allow.",
    },
  );
}
