/** Names as Go's `filepath.Match` compares them: what COPY and ADD take for a pattern. */

/** True when BuildKit reads the text as a pattern and not as a name. */
export function isGlob(text: string): boolean {
  return /[*?[\\]/.test(text);
}

/** A pattern that matches just this name. */
export function globOf(name: string): string {
  return name.replace(/[*?[]/g, "[$&]").replace(/\\/g, "\\\\");
}

type Token = "many" | ((char: string) => boolean);

/**
 * Compiles a pattern for one name (no "/" in either). Undefined for a malformed one, which matches nothing. Its time is
 * bounded by the product of the two lengths.
 */
export function compileGlob(pattern: string): ((name: string) => boolean) | undefined {
  const tokens = tokensOf([...pattern]);
  return tokens === undefined ? undefined : (name) => matches(tokens, [...name]);
}

function tokensOf(chars: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; ) {
    const char = chars[at] ?? "";
    at += 1;
    if (char === "*") {
      if (tokens.at(-1) !== "many") tokens.push("many");
    } else if (char === "?") {
      tokens.push(() => true);
    } else if (char === "[") {
      const set = setOf(chars, at);
      if (set === undefined) return undefined;
      tokens.push(set.has);
      at = set.end;
    } else {
      if (char === "\\" && at >= chars.length) return undefined;
      const literal = char === "\\" ? chars[at++] : char;
      tokens.push((other) => other === literal);
    }
  }
  return tokens;
}

/** What stands between brackets; `end` is behind the closing one. */
function setOf(
  chars: readonly string[],
  start: number,
): { readonly has: (char: string) => boolean; readonly end: number } | undefined {
  const ranges: (readonly [string, string])[] = [];
  const negated = chars[start] === "^";
  let at = negated ? start + 1 : start;
  const take = (): string | undefined => {
    const char = chars[at];
    at += 1;
    if (char === "-" || char === "]") return undefined;
    return char === "\\" ? chars[at++] : char;
  };
  while (ranges.length === 0 || chars[at] !== "]") {
    const low = take();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (chars[at] === "-") {
      at += 1;
      high = take();
    }
    if (high === undefined) return undefined;
    ranges.push([low, high]);
  }
  return {
    has: (char) => ranges.some(([low, high]) => low <= char && char <= high) !== negated,
    end: at + 1,
  };
}

/** Goes back to the last "*" only: an earlier one could take nothing that the last one cannot. */
function matches(tokens: readonly Token[], chars: readonly string[]): boolean {
  let [token, char] = [0, 0];
  let back: { readonly token: number; char: number } | undefined;
  while (char < chars.length) {
    const wanted = tokens[token];
    if (wanted === "many") {
      back = { token, char };
      token += 1;
    } else if (wanted?.(chars[char] ?? "") === true) {
      token += 1;
      char += 1;
    } else if (back === undefined) {
      return false;
    } else {
      back.char += 1;
      token = back.token + 1;
      char = back.char;
    }
  }
  return tokens.slice(token).every((rest) => rest === "many");
}
