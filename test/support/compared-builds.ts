/** The same command line for bktui and for docker's buildx on the same engine, and what came of each. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { docker } from "./docker-client.ts";
import { engineVariables } from "./engine-variables.ts";
import { testEngines } from "./engines.ts";
import { type Ended, run, runBktui } from "./program.ts";
import type { TestEngine } from "./test-engine.ts";

const EPOCH = { SOURCE_DATE_EPOCH: "1700000000" };

/** Builds with docker's buildx, also on engines that came without one. */
async function buildx(engine: TestEngine, args: readonly string[], options: Piped): Promise<Ended> {
  const programs = testEngines().map(({ binDir }) =>
    binDir === undefined ? "" : join(binDir, "docker-buildx"),
  );
  const home = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  try {
    const env = { ...engineVariables(engine), ...EPOCH, HOME: home };
    const program = programs.find((path) => existsSync(path)) ?? "docker-buildx";
    return await run(program, ["build", ...args], { ...options, env });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

export interface Piped {
  readonly cwd: string;
  readonly input?: string | Uint8Array;
}

export interface Verdict {
  readonly built: boolean;
  readonly image: string;
  readonly said: string;
}

/** The same command line for both: bktui first, so that docker finds its layers. */
export async function both(
  engine: TestEngine,
  args: readonly string[],
  options: Piped,
): Promise<{ readonly ours: Verdict; readonly dockers: Verdict }> {
  const tag = `bktui-test:${randomUUID()}`;
  const all = ["--load", "--provenance=false", ...args];
  const ours = await runBktui(["--run", "-t", tag, ...all], { engine, env: EPOCH, ...options });
  const theirs = await buildx(engine, ["-t", `${tag}-docker`, ...all], options);
  const imageOf = async (built: boolean, name: string): Promise<string> =>
    built ? (await docker(engine, ["image", "inspect", "--format", "{{.Id}}", name])).stdout : "";
  const verdict = async ({ exitCode, stderr }: Ended, name: string): Promise<Verdict> => {
    const built = exitCode === 0;
    return { built, image: await imageOf(built, name), said: stderr };
  };
  return { ours: await verdict(ours, tag), dockers: await verdict(theirs, `${tag}-docker`) };
}

/** Both build, and the same image. Answers what bktui said. */
export async function sameImage(
  engine: TestEngine,
  args: readonly string[],
  options: Piped,
): Promise<string> {
  const { ours, dockers } = await both(engine, args, options);
  expect(dockers.built, dockers.said).toBe(true);
  expect(ours.built, ours.said).toBe(true);
  expect(ours.image).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(ours.image).toBe(dockers.image);
  return ours.said;
}

/** Neither builds. Answers what bktui said. */
export async function sameRefusal(
  engine: TestEngine,
  args: readonly string[],
  options: Piped,
): Promise<string> {
  const { ours, dockers } = await both(engine, args, options);
  expect(dockers.built, dockers.said).toBe(false);
  expect(ours.built, ours.said).toBe(false);
  return ours.said;
}

/** No two tests make the same image, so none finds the other's. */
export function dockerfile(...lines: readonly string[]): string {
  return ["FROM busybox:1.36", ...lines, `ENV TEST=${randomUUID()}`, ""].join("\n");
}
