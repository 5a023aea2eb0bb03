/** `tsx demo/plan/main.ts [--json | --image-config] [PLAN]`: writes a plan's definition to standard output. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { toBktuiError } from "../../src/base/errors.ts";
import { compilePlan } from "./compile.ts";

const words = process.argv.slice(2);
const path =
  words.find((word) => !word.startsWith("--")) ?? fileURLToPath(new URL("plan.json", import.meta.url));
try {
  const { definition, imageConfig } = compilePlan(readFileSync(path, "utf8"), { fileName: basename(path) });
  if (words.includes("--image-config")) process.stdout.write(JSON.stringify(imageConfig));
  else if (words.includes("--json"))
    process.stdout.write(
      JSON.stringify({ imageConfig, definition: Buffer.from(definition).toString("base64") }),
    );
  else process.stdout.write(definition);
} catch (error) {
  const { message, hint } = toBktuiError(error);
  process.stderr.write(`plan: ${message}\n${hint === undefined ? "" : `${hint}\n`}`);
  process.exitCode = 1;
}
