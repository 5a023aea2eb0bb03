/** The forms in which a program prints a secret's value: as it is, line by line, and in the usual encodings. */

/** Shorter values would hide half of a log, and are no secrets. */
const LEAST_VALUE = 4;
/** Of a value's parts: shorter ones are words like "true". */
const LEAST_PART = 8;
/** Long forms are hidden in pieces, so that a stream need hold back no more than this. */
const PIECE_BYTES = 256;
/** Half of a line of `base64`, which breaks after 76 characters. */
const BASE64_PIECE = 38;
/** Larger values (archives, key rings) are hidden as they are only. */
const MOST_ENCODED = 16 * 1024;
/** Values with short lines are hidden as a whole up to this size. */
const MOST_WHOLE = 1024;

/** Bytes to look for, each of at least 4 bytes and at most 264. Deliberately changed values are not among them. */
export function secretForms(value: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(value).toString("latin1").trim();
  if (text.length < LEAST_VALUE) return [];
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const forms = lines.length === 1 ? [text] : lines.filter((line) => line.length >= LEAST_PART);
  forms.push(...lines.flatMap(assigned));
  // A terminal prints CR LF for LF.
  if (lines.length > 1 && text.length <= MOST_WHOLE) forms.push(lines.join("\n"), lines.join("\r\n"));
  const encoded = text.length <= MOST_ENCODED ? encodedForms(Buffer.from(text, "latin1")) : [];
  const pieces = [
    ...forms.flatMap((form) => inPieces(form, PIECE_BYTES)),
    ...encoded.flatMap((form) => inPieces(form, BASE64_PIECE)),
  ];
  return [...new Set(pieces)].map((form) => Buffer.from(form, "latin1"));
}

/** The value of `NAME=value` and `name: value`, as in files of variables; addresses and plain words hide too much. */
function assigned(line: string): string[] {
  const found = /[=:]\s*["']?([^\s"']{8,})["']?$/.exec(line)?.[1];
  if (found === undefined || found.includes("//") || /^[a-z]+$/i.test(found)) return [];
  return [found];
}

function encodedForms(value: Buffer): string[] {
  const base64 = [0, 1, 2].map((before) => base64Within(value, before));
  const urlSafe = base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  const percent = encodeURIComponent(value.toString("utf8"));
  return [...base64, ...urlSafe, value.toString("hex"), percent].filter((form) => form.length >= LEAST_PART);
}

/** The characters that depend on the value alone when `before` bytes (modulo 3) stand in front of it. */
function base64Within(value: Buffer, before: number): string {
  const all = Buffer.concat([Buffer.alloc(before), value]);
  const first = Math.ceil((before * 8) / 6);
  return all.toString("base64").slice(first, Math.floor((all.length * 8) / 6));
}

/** The last piece is up to 8 bytes longer: short ones would hide what is no secret. */
function inPieces(form: string, size: number): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (form.length - from > size + LEAST_PART) {
    pieces.push(form.slice(from, from + size));
    from += size;
  }
  pieces.push(form.slice(from));
  return pieces;
}
