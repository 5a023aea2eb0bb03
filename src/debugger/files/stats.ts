/** What `stat` prints of the files of a state, read. Pure. */
import type { FileEntry } from "../../engine/engine.ts";
import { Listing } from "./listing.ts";

const KIND_BITS = 0o170000;
const KINDS: ReadonlyMap<number, FileEntry["kind"]> = new Map([
  [0o040000, "directory"],
  [0o100000, "file"],
  [0o120000, "link"],
]);
const PIECE = 300;

/** Mode in hexadecimal, owner, group, size, time and name; of a link its name and target once more. */
const RECORD =
  /^([0-9a-f]+) (\d+) (\d+) (\d+) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d+))? \+0000 \.\/([\s\S]*)\n$/;

/**
 * One listing per state that is complete, in pieces (`inSlices`). A record begins with `mark` and a blank; `end` ends a
 * state. What is no record, such as the root itself, is left out. Checked with coreutils 9.1 and busybox 1.35.
 */
export function* parseStats(output: Buffer, mark: string): Generator<undefined, readonly Listing[]> {
  const listings: Listing[] = [];
  let listing = new Listing();
  const start = `${mark} `;
  for (let at = output.indexOf(start), count = 0; at !== -1; count += 1) {
    const from = at + start.length;
    let next = output.indexOf(start, from);
    const isLink = next !== -1 && output[next - 1] !== NEWLINE;
    const nameEnd = next;
    if (isLink) next = output.indexOf(start, next + start.length);
    const end = next === -1 ? output.length : next;
    const text = output.toString("latin1", from, isLink ? nameEnd : end);
    const named = isLink ? output.toString("latin1", nameEnd + start.length, end) : undefined;
    if (text === "end\n") {
      listings.push(listing);
      listing = new Listing();
    } else addRecord(listing, text, named);
    if (count % PIECE === 0) yield;
    at = next;
  }
  return listings;
}

const NEWLINE = 0x0a;

function addRecord(listing: Listing, text: string, named: string | undefined): void {
  const match = RECORD.exec(named === undefined ? text : `${text}\n`);
  if (match === null) return;
  const [, bits = "", uid, gid, size, time = "", fraction = "", name = ""] = match;
  const mode = Number.parseInt(bits, 16);
  const path = utf8(name);
  listing.add(`/${path}`, {
    name: path.slice(path.lastIndexOf("/") + 1),
    kind: KINDS.get(mode & KIND_BITS) ?? "other",
    size: Number(size),
    mode: mode & 0o7777,
    target: named === undefined ? undefined : utf8(targetOf(named, `./${name}`)),
    uid: Number(uid),
    gid: Number(gid),
    mtimeMs: Date.parse(`${time.replace(" ", "T")}Z`) + Number(`0.${fraction || "0"}`) * 1000,
  });
}

/** `'./sh' -> 'busybox'`, or without the quotes. */
function targetOf(named: string, name: string): string {
  const text = named.replace(/\n$/, "");
  if (text.startsWith(`${name} -> `)) return text.slice(name.length + 4);
  return text.slice(name.length + 7, -1);
}

/** What is no UTF-8 cannot be asked for by name either. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
