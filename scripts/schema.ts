/**
 * Makes files for others from the code (`npm run schema`): docs/bktui.schema.json, the schema of what `bktui --json` writes, and
 * the keys of launch entries in the extension for VS Code.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { LINE, VERSION } from "../src/answers/schema/lines.ts";
import * as parts from "../src/answers/schema/parts.ts";
import { RESULT, STATE } from "../src/answers/schema/results.ts";
import { writeManifest } from "./launch-keys.ts";

export const SCHEMA_FILE = fileURLToPath(new URL("../docs/bktui.schema.json", import.meta.url));

const DEFINITIONS = {
  result: RESULT,
  state: STATE,
  untrusted: parts.UNTRUSTED,
  error: parts.ERROR,
  place: parts.PLACE,
  step: parts.STEP,
  logLine: parts.LOG_LINE,
  log: parts.LOG,
  failure: parts.FAILURE,
  output: parts.OUTPUT,
  breakpoint: parts.BREAKPOINT,
  warning: parts.WARNING,
};

/** The whole file as text. */
export function schemaText(): string {
  const { $schema, ...schema } = toJsonSchema(LINE, { definitions: DEFINITIONS });
  const about = {
    $schema,
    title: `A line of bktui --json, version ${VERSION}`,
    description:
      "Made by npm run schema from src/answers/schema. Strings with x-untrusted come from builds, images, engines or files. Fields may be added within a version: ignore what you do not know.",
  };
  return `${JSON.stringify({ ...about, ...schema }, undefined, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCHEMA_FILE, schemaText());
  writeManifest();
}
