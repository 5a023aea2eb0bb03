/** Names of images as registries take them: the grammar of distribution/reference. Pure. */
import { badValue } from "../bad-values.ts";

const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(
  `^(?<name>(?:${HOST}/)?${PART}(?:/${PART})*)(?::\\w[\\w.-]{0,127})?(?:@(?<digest>${DIGEST}))?$`,
);
const LONGEST_NAME = 255;
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Whether it is `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`. */
export function isImageReference(text: string): boolean {
  const groups = REFERENCE.exec(text)?.groups;
  if (groups === undefined || (groups["name"] ?? "").length > LONGEST_NAME) return false;
  const [algorithm, hex] = groups["digest"]?.split(":") ?? [];
  return algorithm === undefined || hex?.length === DIGEST_LENGTHS[algorithm];
}

/** `-t NAME[:TAG]`. @throws {BktuiError} "bad-request". */
export function parseTag(text: string): string {
  if (isImageReference(text)) return text;
  if (isImageReference(text.toLowerCase()))
    throw badValue(`--tag ${text}: the name must be in lower case`, `write --tag ${text.toLowerCase()}`);
  const several = text.includes(",") ? "; for several names repeat -t" : "";
  throw badValue(
    `--tag ${text}: not an image name`,
    `write NAME[:TAG] with the name in lower case${several}`,
  );
}
