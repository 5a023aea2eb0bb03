/** The same build by docker buildx and by bktui: verdicts, what the steps print, and the image's configuration. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerBuildx } from "./docker-client.ts";
import type { Ended } from "./program.ts";
import type { TestEngine } from "./test-engine.ts";
import { type Ran, runWithoutTerminal } from "./without-terminal.ts";

export interface Both {
  readonly docker: Ended & { readonly image: string | undefined };
  readonly ours: Ran & { readonly image: string | undefined };
}

export interface Around {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether bktui is asked for the image too, as docker makes it without being asked. */
  readonly load?: boolean;
}

/** @param args options and path, as for both */
export async function buildBoth(
  engine: TestEngine,
  args: readonly string[],
  { cwd, env = {}, load = true }: Around,
): Promise<Both> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-same-"));
  try {
    const id = join(directory, "id");
    const plain = ["--progress=plain", ...(load ? ["--iidfile", id] : [])];
    const docker = await dockerBuildx(engine, [...plain, ...args], { cwd, env });
    const ours = await runWithoutTerminal(engine, ["--run", ...(load ? ["--load"] : []), ...args], "", {
      cwd,
      env,
    });
    return {
      docker: { ...docker, image: await readFile(id, "utf8").catch(() => undefined) },
      ours: { ...ours, image: /^sha256:[0-9a-f]{64}$/m.exec(ours.stdout)?.[0] },
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Lines that steps have printed, in order, without their numbers and times. */
export function printed({ stderr }: { readonly stderr: string }): readonly string[] {
  return stderr.split("\n").flatMap((line) => /^#\d+ \d+\.\d+ (.*)$/.exec(line)?.[1] ?? []);
}
