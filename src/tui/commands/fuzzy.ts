/** Fuzzy matching for the palette and the help. */

/**
 * How well `query` fits `text`: undefined when its letters do not all occur in order; higher is better.
 * A run of letters, a word's beginning and the very beginning count more. Linear in the text.
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  const wanted = query.toLowerCase().replaceAll(" ", "");
  const candidate = text.toLowerCase();
  let score = 0;
  let at = 0;
  let previous = -2;
  for (const letter of wanted) {
    const found = candidate.indexOf(letter, at);
    if (found < 0) return undefined;
    if (found === previous + 1) score += 3;
    if (found === 0) score += 4;
    else if (/[\s\-_/]/.test(candidate.charAt(found - 1))) score += 2;
    score -= Math.min(3, found - at) * 0.1;
    previous = found;
    at = found + 1;
  }
  return score - candidate.length * 0.001;
}

/** The items that fit, best first; all of them, in their order, for an empty query. */
export function fuzzyFilter<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
): readonly T[] {
  if (query.trim() === "") return items;
  return items
    .flatMap((item) => {
      const score = fuzzyScore(query, textOf(item));
      return score === undefined ? [] : [{ item, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}
