/** Whether a text is a Dockerfile: any other one must not be read as one. */

/** `name: value`, a list, a map in braces, a heading in brackets: how data begins, and no instruction. */
const DATA = /^(?:[{[]|---|- |["']?[\w.-]+["']?\s*[:=](?:\s|$))/;
/** Frontends name the language from BuildKit 0.12 on. */
export function isDockerfile(text: string, language = ""): boolean {
  if (language !== "") return language.toLowerCase() === "dockerfile";
  const first = firstLine(text);
  return first === undefined || !DATA.test(first);
}

/** The first line that is neither empty nor a comment. */
function firstLine(text: string): string | undefined {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const line = text
      .slice(at, end < 0 ? text.length : end)
      .replace(/^\ufeff/, "")
      .trim();
    if (line !== "" && !line.startsWith("#")) return line;
    if (end < 0) return undefined;
    at = end + 1;
  }
  return undefined;
}
