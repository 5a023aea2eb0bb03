/** The demo of a frontend: its image is put into the engine's store, then a plan is stepped with it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BktuiError } from "../../src/base/errors.ts";
import { FRONTEND_IMAGE, writeFrontendContext } from "./image.ts";

const plan = fileURLToPath(new URL("../plan", import.meta.url));

/** What the debugger is started with, in place of a directory; as buildctl spells it. */
export const PLAN_ARGUMENTS: readonly string[] = [
  "build",
  "--frontend=gateway.v0",
  `--opt=source=${FRONTEND_IMAGE}`,
  "--opt=filename=plan.json",
  `--local=context=${join(plan, "context")}`,
  `--local=dockerfile=${plan}`,
  `--secret=id=seal,src=${join(plan, "seal.txt")}`,
];

/**
 * @param build runs bktui with these arguments, without a screen; resolves with its exit code
 * @throws {BktuiError} "engine" when the image cannot be made, or not be put where frontends are looked for.
 */
export async function loadFrontend(build: (args: readonly string[]) => Promise<number>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-demo-"));
  try {
    await writeFrontendContext(directory);
    const exitCode = await build(["--run", "--load", "--tag", FRONTEND_IMAGE, directory]);
    if (exitCode === 0) return;
    throw new BktuiError("engine", "the frontend's image is not in the engine's store", {
      hint: "this demo needs a dockerd: a buildkitd takes frontends from registries alone (docs/how-to/frontends.md)",
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}
