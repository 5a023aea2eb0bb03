/** The demo's frontend as an image in the stores of the test engines, and the plan that it reads. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FRONTEND_IMAGE, writeFrontendContext } from "../../demo/frontend/image.ts";
import { runBktui } from "./program.ts";
import type { TestEngine } from "./test-engine.ts";

const demo = fileURLToPath(new URL("../../demo/plan", import.meta.url));

/** Once for all tests of a file: it is as large as Node. */
export async function loadPlanFrontend(engines: readonly TestEngine[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-frontend-"));
  try {
    await writeFrontendContext(directory);
    for (const engine of engines) {
      const ended = await runBktui(["--run", "-q", "--load", "-t", FRONTEND_IMAGE, directory], { engine });
      if (ended.exitCode !== 0) throw new Error(`no image of the frontend: ${ended.stderr}`);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A copy of the demo's plan with its files; dispose to delete it. */
export async function planProject(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "bktui-plan-"));
  await cp(demo, path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** buildctl's spelling of the plan's build, in the plan's directory. */
export const PLAN_WORDS = [
  "build",
  "--frontend=gateway.v0",
  `--opt=source=${FRONTEND_IMAGE}`,
  "--opt=filename=plan.json",
  "--local=context=context",
  "--local=dockerfile=.",
  "--secret=id=seal,src=seal.txt",
] as const;

/** The line of the plan that has this text. */
export function lineOf(plan: string, text: string): number {
  const at = plan.split("\n").findIndex((line) => line.includes(text));
  if (at < 0) throw new Error(`no line with ${text}`);
  return at + 1;
}
