/** The comma-separated values of docker's options: fields, and fields of `key=value`. Pure. */
import { badValue } from "../bad-values.ts";

/**
 * One record as Go's encoding/csv reads it: a field in double quotes may contain commas, `""` in it is one quote. A
 * line end behind it is left out.
 * @throws {BktuiError} "bad-request" for a quote in a wrong place.
 */
export function csvFields(option: string, text: string): readonly string[] {
  const line = text.replace(/\r?\n$/, "");
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (match === null)
      throw badValue(`${option} ${text}: misplaced quote`, 'quote a whole field: "src=/a,b"');
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return fields;
  }
}

/**
 * One record of `key=value` fields in their order; keys are folded to lower case, as docker does.
 * @throws {BktuiError} "bad-request" naming the field that is none, or the key that is not among `known`.
 */
export function csvPairs(
  option: string,
  text: string,
  known?: readonly string[],
): readonly (readonly [key: string, value: string])[] {
  return csvFields(option, text).map((field) => {
    const at = field.indexOf("=");
    const key = field.slice(0, Math.max(at, 0)).toLowerCase();
    if (at < 0) throw badValue(`${option} ${text}: "${field}" is not key=value`);
    if (known !== undefined && !known.includes(key))
      throw badValue(`${option} ${text}: unknown key "${key}"`, `the keys are ${known.join(", ")}`);
    return [key, field.slice(at + 1)];
  });
}

/** A field with quotes around it where a comma or a quote is in it. */
export function csvField(text: string): string {
  return /[",\r\n]|^\s/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
