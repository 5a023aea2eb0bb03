/** Names that look like a mistyped one. */

/** Longer names are not compared: nobody mistypes them, and untrusted text may be of any length. */
const LONGEST = 100;

/**
 * The candidates that a person may have meant, best first: few letters changed, left out, added or swapped, or the
 * same but for capitals. The name itself is not among them.
 * @param limit how many at most
 */
export function nearest(name: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const wanted = name.toLowerCase();
  if (wanted === "" || wanted.length > LONGEST) return [];
  const most = Math.max(1, Math.floor(wanted.length / 3));
  const found: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    if (candidate === name || Math.abs(candidate.length - wanted.length) > most) continue;
    const distance = distanceOf(wanted, candidate.toLowerCase());
    // Of a short name hardly anything may be another letter, or everything looks like it.
    if (distance <= most && distance < wanted.length) found.push({ candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return found.slice(0, limit).map(({ candidate }) => candidate);
}

/** Why two names that look the same are not; undefined when they differ in more than that. */
export function spellingOf(name: string, other: string): "capitals" | "blanks" | "encoding" | undefined {
  if (name === other) return undefined;
  const [one, two] = [name.normalize("NFC"), other.normalize("NFC")];
  if (one === two) return "encoding";
  if (one.toLowerCase() === two.toLowerCase()) return "capitals";
  return one.trim() === two.trim() ? "blanks" : undefined;
}

/** Letters to change, add, leave out or swap with their neighbour (optimal string alignment). */
function distanceOf(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
