/** What `npm run demo plan` starts the debugger with: the plan compiled into files that end with the demo. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilePlan } from "./compile.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

export function planArguments(): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), "bktui-demo-plan-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const { definition, imageConfig } = compilePlan(readFileSync(join(here, "plan.json"), "utf8"));
  const [llb, config] = [join(directory, "plan.llb"), join(directory, "image.json")];
  writeFileSync(llb, definition);
  writeFileSync(config, JSON.stringify(imageConfig));
  const secret = `id=seal,src=${join(here, "seal.txt")}`;
  return [
    "--llb",
    llb,
    "--image-config",
    config,
    "--local",
    `context=${join(here, "context")}`,
    "--secret",
    secret,
  ];
}
