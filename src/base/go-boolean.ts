/** Switches as Go's programs read them. */

/** As strconv.ParseBool: 1, t, true, 0, f, false in the usual ways; undefined = it is none. */
export function goBoolean(text: string): boolean | undefined {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  return undefined;
}
