/** JSON as Go's decoder takes it from a file: the first value counts, whatever stands behind it; no text at all is none. */

/**
 * Undefined for an empty text.
 * @throws {SyntaxError} when the text does not begin with a value.
 */
export function parseFirstJson(text: string): unknown {
  if (/^[ \t\r\n]*$/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const end = endOfFirst(text);
    if (end === undefined) throw error;
    return JSON.parse(text.slice(0, end));
  }
}

/** Behind the bracket that closes the first one. */
function endOfFirst(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    if (depth === 0) return token.startsWith('"') ? undefined : index + 1;
  }
  return undefined;
}
