/** The scripts of the scenarios once more, answered with data. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { parsedLines } from "../support/json-session.ts";
import { runBktui } from "../support/program.ts";
import { SCENARIO_FILES } from "../support/scenario-files.ts";

const SCRIPTS = fileURLToPath(new URL("../scripts/", import.meta.url));
const [engine] = testEngines();
if (engine === undefined) throw new Error("no engine");

test.each(Object.entries(SCENARIO_FILES))(
  "%s: each line is valid, and what is expected holds",
  async (name, contextOf) => {
    await using context = await contextOf();
    const script = join(SCRIPTS, `${name}.bktui`);
    const all = ["--json", "--keep-going", "--script", script, context.path];
    const { stdout } = await runBktui(all, { engine, cwd: context.path });
    const lines = parsedLines(stdout);
    const texts = (await readFile(script, "utf8")).split("\n");
    const answers = lines.filter(({ type, line }) => type === "answer" && line !== undefined);
    expect(answers).toHaveLength(texts.filter((text) => /^[^#\s]/.test(text)).length);
    // What people are told in words, programs are told in data.
    const wrong = answers.filter(
      ({ ok, line }) => ok === false && !/^expect (no )?output/.test(texts[Number(line) - 1] ?? ""),
    );
    expect(wrong).toEqual([]);
    expect(answers.some(({ result }) => result?.kind === "expected")).toBe(true);
  },
);

test("a script ends at the first line that cannot be done, which is answered and told with its place", async () => {
  await using context = await busyboxContext({ fixture: fixtureAt("fx") });
  const script = join(context.path, "wrong.bktui");
  await writeFile(script, "# a script\nhere\nto 99999\nhere\n");
  const { exitCode, stdout, stderr } = await runBktui(["--json", "--script", script, context.path], {
    engine,
  });
  const answers = parsedLines(stdout).filter(({ type, line }) => type === "answer" && line !== undefined);
  expect(answers.map(({ line, ok }) => [line, ok])).toEqual([
    [2, true],
    [3, false],
  ]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`${script}:3: `);
});
