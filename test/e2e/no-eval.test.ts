import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runBktui } from "../support/program.ts";
import { programEnvironment } from "../support/program-environment.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));

test("S44 · code from strings is an error in what the tests load and in what they start, so all of them show that nothing makes it", async () => {
  expect(() => Reflect.construct(Function, ["return 1"])).toThrow(/Code generation from strings disallowed/);
  const directory = await mkdtemp(join(tmpdir(), "bktui-eval-"));
  try {
    // Loaded into bktui's own process before it begins.
    const probe = join(directory, "probe.cjs");
    await writeFile(
      probe,
      'try { Function("return 1"); } catch (error) { process.stderr.write(error.message); }',
    );
    const flags = `${programEnvironment()["NODE_OPTIONS"]} --require=${probe}`;
    const { exitCode, stdout, stderr } = await runBktui(["--version"], { env: { NODE_OPTIONS: flags } });
    expect(stderr).toMatch(/Code generation from strings disallowed/);
    expect(stdout).toMatch(/^bktui \d|^\d/);
    expect(exitCode).toBe(0);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("S44 · the built program has no place that makes code from a string", async () => {
  const files = (await readdir(dist)).filter((name) => /\.[cm]?js$/.test(name));
  // The entry, the program, the menus.
  expect(files.length).toBeGreaterThan(2);
  const maker =
    /(?<![.\w$])(eval\s*\(|new\s+Function\b|Function\s*\(|set(Timeout|Interval|Immediate)\s*\(\s*["'`])/g;
  for (const name of files) {
    const text = await readFile(join(dist, name), "utf8");
    expect(
      [...text.matchAll(maker)].map(([place]) => place),
      name,
    ).toEqual([]);
  }
});
