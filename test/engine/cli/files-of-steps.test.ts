/** The files of any step that has a state, by lines. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/cases/${name}`, import.meta.url));
}

/** What was answered to each line, without progress. */
function answers(stdout: string): ReadonlyMap<string, string> {
  const parts = stdout.split(/^\(bktui [^)]*\) /m).slice(1);
  return new Map(
    parts.map((part) => {
      const [typed = "", ...lines] = part.trimEnd().split("\n");
      return [typed, lines.join("\n")];
    }),
  );
}

forEachEngine((engine) => {
  test("of a step that was passed, by its number, its line or its stage", async () => {
    const directory = fixture("29-copy-flags");
    const text = await readFile(`${directory}/Dockerfile`, "utf8");
    // The frontend in Docker 20.10 knows none of these flags.
    const isOld = engine.version?.startsWith("20.") === true;
    const Dockerfile = isOld ? text.replaceAll(/--(?:link|exclude=\S+|chmod=\S+) /g, "") : text;
    await using context = await busyboxContext({ fixture: directory, files: { Dockerfile } });
    const lines = [
      "changes 4",
      "to 7",
      "changes 2",
      "changes line 4",
      "files 3/7 /e/a/b",
      "diff step 3 /e/a/b/x.go",
      "changes 5",
      "files 5 /dst",
      "changes stage-1:end",
      "changes 99",
      "changes line 1",
      "changes nope:end",
      "finish",
      "changes stage-1:end",
      "changes 6",
      "quit",
    ];
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", context.path],
      lines.map((line) => `${line}\n`).join(""),
    );
    const said = answers(stdout);
    const unknown = "\n  steps lists all of them, with their lines.";
    const made = "files changed by step 2/7 (BASE → AFTER): +2  ~0  -0\n+ /dst/  2 files 0 B";
    expect(stdout).toContain(
      "step 4/7 has not been reached: it has no state yet\n  to 6 runs the build up to it; steps says which have run.",
    );
    expect(said.get("changes 2")).toBe(made);
    expect(said.get("changes line 4")).toBe(made);
    expect(said.get("files 3/7 /e/a/b")).toMatch(
      /^\/e\/a\/b in AFTER of step 3\/7:\nr\S+ x\.go {2}2 B\nr\S+ x_test\.go {2}2 B$/,
    );
    expect(said.get("diff step 3 /e/a/b/x.go")).toMatch(/^\/e\/a\/b\/x\.go \(BASE → AFTER\):\n\+ 1 {2}\S+$/);
    expect(said.get("changes 5")).toBe(
      "step 5/7 has not run: it has changed nothing yet\n  files 5 lists BASE.",
    );
    expect(said.get("files 5 /dst")).toMatch(/^\/dst in BASE of step 5\/7:\nrwxr-xr-x keep\//);
    expect(said.get("changes 99")).toBe(`there is no step 99; there are 7${unknown}`);
    expect(said.get("changes line 1")).toBe(`no step stands on line 1${unknown}`);
    expect(said.get("changes nope:end")).toBe(`there is no stage nope in this build${unknown}`);
    expect(said.get("changes stage-1:end")).toBe("files changed by step 7/7 (BASE → AFTER): +0  ~0  -0");
    expect(said.get("changes 6")).toMatch(
      /^files changed by step 6\/7 \(BASE → AFTER\): \+1 {2}~0 {2}-0\n\+ \/bin\/tool/,
    );
  });

  test("many directories are compared rightly however often", async () => {
    await using context = await busyboxContext({ fixture: fixture("45-many-directories") });
    const lines = ["next", "next", "next", ...Array.from({ length: 8 }, () => "changes"), "quit"];
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", context.path],
      lines.map((line) => `${line}\n`).join(""),
    );
    const told = stdout.split(/^\(bktui [^)]*\) changes\n/m).slice(1);
    const numbers = Array.from({ length: 40 }, (_, i) => `+ /d${i + 1}/a/b/c/y  2 B`).sort();
    expect(told).toHaveLength(8);
    for (const answer of told)
      expect(
        answer
          .replace(/\n\(bktui [\s\S]*$/, "")
          .trimEnd()
          .split("\n"),
      ).toEqual(["files changed by step 3/3 (BASE → AFTER): +40  ~0  -0", ...numbers]);
  });
});
