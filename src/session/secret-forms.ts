/** The forms in which a program prints a secret's value: as it is, line by line, and in the usual encodings. Those too in which it is looked for in files. */

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

/** Shorter values of letters alone are words that many files have. */
const LEAST_SOUGHT_WORD = 8;
/** Nothing shorter is looked for in files: chance would find it. */
const LEAST_SOUGHT = 6;
/** Of a value with many lines: others are looked for as they are. */
const MOST_ENCODED_LINES = 32;
const ARMOR = /^-----(?:BEGIN|END) [^-]*-----$/;
/** How every key of that kind begins. */
const SAME_IN_ALL_KEYS = /^b3BlbnNzaC1rZXktdjEA/;

/** Bytes to look for, each of at least 4 bytes and at most 264. Deliberately changed values are not among them. */
export function secretForms(value: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(value).toString("latin1").trim();
  if (text.length < LEAST_VALUE) return [];
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const forms = lines.length === 1 ? [text] : lines.filter((line) => line.length >= LEAST_PART);
  forms.push(...lines.flatMap(assigned));
  // A terminal prints CR LF for LF.
  if (lines.length > 1 && text.length <= MOST_WHOLE) forms.push(lines.join("\n"), lines.join("\r\n"));
  forms.push(...forms.map(quoted));
  const encoded = text.length <= MOST_ENCODED ? encodedForms(Buffer.from(text, "latin1")) : [];
  const pieces = [
    ...forms.flatMap((form) => inPieces(form, PIECE_BYTES)),
    ...encoded.flatMap((form) => inPieces(form, BASE64_PIECE)),
  ];
  return [...new Set(pieces)].map((form) => Buffer.from(form, "latin1"));
}

/**
 * Bytes that give a value away wherever they stand, also in files that have nothing to do with it: without what many files
 * have, such as the first line of a key, and settings beside a password. Empty for a value that is too short to tell.
 */
export function soughtForms(value: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(value).toString("latin1").trim();
  const isWord = /^[a-z]*$|^[A-Z]*$|^[0-9]*$/.test(text);
  if (text.length < (isWord ? LEAST_SOUGHT_WORD : LEAST_SOUGHT)) return [];
  // Of a key store and its like every piece is its own.
  const lines = hasControls(text) ? [text] : text.split(/\r?\n/).map((line) => line.trim());
  const own = lines.filter((line) => !ARMOR.test(line) && !SAME_IN_ALL_KEYS.test(line));
  const whole = own.join("\n");
  const forms = lines.length === 1 ? [text] : own.filter(isDistinctive);
  forms.push(...own.flatMap(assigned));
  // Each of them: of a whole file some pieces would be the same in others.
  const encoded = forms
    .filter((form) => form.length <= MOST_ENCODED)
    .slice(0, MOST_ENCODED_LINES)
    .flatMap((form) => encodedForms(Buffer.from(form, "latin1")));
  if (own.length > 1 && whole.length <= MOST_WHOLE) forms.push(whole, own.join("\r\n"));
  forms.push(...forms.map(quoted));
  const pieces = [
    ...forms.flatMap((form) => inPieces(form, PIECE_BYTES)),
    ...encoded.flatMap((form) => inPieces(form, BASE64_PIECE)),
  ];
  return [...new Set(pieces)]
    .filter((form) => form.length >= LEAST_SOUGHT)
    .map((form) => Buffer.from(form, "latin1"));
}

function hasControls(text: string): boolean {
  return [...text].some((character) => character < " " && !"\t\r\n".includes(character));
}

/** It has a word that looks like a token, and not only in an address. */
function isDistinctive(line: string): boolean {
  const words = line.replace(/https?:\/\/[^\s@"']*(?=[\s"']|$)/g, "").match(/[A-Za-z0-9+/_=.~-]{12,}/g) ?? [];
  return words.some(
    (word) => /\d/.test(word) || (word.length >= 20 && /[a-z]/.test(word) && /[A-Z]/.test(word)),
  );
}

/** The value of `NAME=value` and `name: value`, as in files of variables; addresses and plain words hide too much. */
function assigned(line: string): string[] {
  const found = /[=:]\s*["']?([^\s"']{8,})["']?$/.exec(line)?.[1];
  if (found === undefined || found.includes("//")) return [];
  // `//registry.example/:_authToken=VALUE` has a name behind its colon.
  const inner = /^[\w.-]+=(.{8,})$/.exec(found)?.[1];
  return [found, inner].filter((each) => each !== undefined).filter((each) => !/^[a-z]+$/i.test(each));
}

/** As it stands within the quotes of JSON: most of it as it is, so it is no more cut than the value itself. */
function quoted(form: string): string {
  const text = Buffer.from(form, "latin1").toString("utf8");
  return Buffer.from(JSON.stringify(text).slice(1, -1)).toString("latin1");
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
