/** `--attest`, `--provenance` and `--sbom`: what is to be said about the image, beside it. Pure. */
import { goBoolean } from "../../base/go-boolean.ts";
import type { Attest } from "../../engine/outputs.ts";
import { badValue } from "../bad-values.ts";
import { csvField, csvFields } from "./csv.ts";

/** `--attest`, as typed. @throws {BktuiError} "bad-request". */
export function parseAttests(values: readonly string[]): readonly Attest[] {
  return values.map((text) => parseAttest("--attest", text));
}

/** `--provenance` or `--sbom`: true, false, or attributes. @throws {BktuiError} "bad-request". */
export function parseAttestOf(type: "provenance" | "sbom", text = ""): readonly Attest[] {
  if (text === "") return [];
  const isOn = goBoolean(text);
  const record = isOn === undefined ? `type=${type},${text}` : `type=${type},disabled=${!isOn}`;
  return [parseAttest(`--${type}`, record)];
}

function parseAttest(option: string, text: string): Attest {
  let type = "";
  let isDisabled = false;
  const attributes: Record<string, string> = {};
  for (const field of csvFields(option, text)) {
    const at = field.indexOf("=");
    if (at < 0) throw badValue(`${option} ${text}: "${field}" is not key=value`);
    const [key, value] = [field.slice(0, at), field.slice(at + 1)];
    switch (key.trim().toLowerCase()) {
      case "type":
        type = value;
        break;
      case "disabled": {
        const flag = goBoolean(value);
        if (flag === undefined) throw badValue(`${option} ${text}: disabled is true or false`);
        isDisabled = flag;
        break;
      }
      default:
        attributes[key] = value;
    }
  }
  if (type === "")
    throw badValue(`${option} ${text}: the type is missing`, "for example type=provenance,mode=max");
  const fields = [
    `type=${type}`,
    ...Object.entries(attributes)
      .sort()
      .map(([key, value]) => `${key}=${value}`),
  ];
  return { type, record: isDisabled ? undefined : fields.map(csvField).join(",") };
}
