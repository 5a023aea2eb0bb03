import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { run, runBktui } from "../support/program.ts";

/** Directories in each other, the innermost made first: no call can name it where it ends. */
async function nest(directory: string, names: readonly string[]): Promise<void> {
  let inner: string | undefined;
  for (const name of names.toReversed()) {
    await mkdir(join(directory, name));
    if (inner !== undefined) await rename(join(directory, inner), join(directory, name, inner));
    inner = name;
  }
}

forEachEngine((engine) => {
  test("R20 · paths beyond the system's limit: one short line says which, by its beginning", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: "FROM scratch\nCOPY . /x\n" } });
    const names = Array.from({ length: 30 }, (_, index) => String(index).padStart(2, "0") + "n".repeat(198));
    await nest(context.path, names);
    const { exitCode, stderr } = await runBktui(["--run", context.path], { engine });
    // Node's own cannot.
    await run("rm", ["-r", join(context.path, names[0] ?? "")]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^step 1\/1 failed: COPY: context file "00n+….*the path is too long · line 2/m);
    expect(Math.max(...stderr.split("\n").map((line) => line.length))).toBeLessThan(1000);
    expect(stderr).not.toMatch(/\n +at /);
  });

  test.each([
    [
      "a source",
      (name: string) => `COPY ${name} /`,
      /COPY: (?:"n+" is not in the context|lstat \/+n+: file name too long)/,
    ],
    ["a destination", (name: string) => `COPY Dockerfile /${name}`, /COPY: lstat \/n+: file name too long/],
  ])("R20 · a name of 256 bytes as %s of COPY is refused by name", async (_, instruction, words) => {
    const files = { Dockerfile: `FROM scratch\n${instruction("n".repeat(256))}\n` };
    await using context = await busyboxContext({ files });
    const { exitCode, stderr } = await runBktui(["--run", context.path], { engine });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/ENAMETOOLONG/);
  });
});
