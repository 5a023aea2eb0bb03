/** What must fail below steps that take long fails before they have run, and none of them is said to be cached. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const fixtures = fileURLToPath(new URL("../../fixtures/cases/", import.meta.url));
const named = (name: string): Promise<TestContext> => busyboxContext({ fixture: `${fixtures}${name}` });
const written = (Dockerfile: string): Promise<TestContext> => busyboxContext({ files: { Dockerfile } });

const START = "FROM busybox:1.36\n";
const EARLY: readonly (readonly [what: string, context: () => Promise<TestContext>, failed: RegExp])[] = [
  ["a file of the context", () => named("44-slow-then-copy"), /^step 4\/4 failed: COPY: "gone.txt" is not/m],
  [
    "a file of the context that a RUN mounts",
    () => written(`${START}RUN sleep 600\nRUN --mount=type=bind,source=gone,target=/gone true\n`),
    /^step 3\/3 failed: .*gone/m,
  ],
  [
    "a file of another stage, when that has run",
    () =>
      written(`${START.trim()} AS lib\nRUN echo x > /x\n${START}RUN sleep 600\nCOPY --from=lib /gone /\n`),
    /^step 4\/4 failed: COPY: "\/gone" is not in stage lib/m,
  ],
  [
    "one of several, in a stage beside one that runs",
    () =>
      written(
        `${START.trim()} AS one\nRUN sleep 600\nCOPY gone-1 /\n${START.trim()} AS two\nRUN sleep 601\nCOPY gone-2 /\n${START}COPY --from=one / /one\nCOPY --from=two / /two\n`,
      ),
    /^step \d\/7 failed: COPY: "gone-([12])" is not in the context · line \d: COPY gone-\1 /m,
  ],
];

function script(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** What the log says of the end of a step's vertex, each end in the order of the log. */
function endsOf(log: string, instruction: string): readonly string[] {
  const number = new RegExp(`^#(\\d+) \\[[^\\]]*\\] ${instruction}$`, "m").exec(log)?.[1];
  return [...log.matchAll(new RegExp(`^#${number} (CACHED|CANCELED|DONE|ERROR)`, "gm"))].map(
    ([, end]) => end ?? "",
  );
}

forEachEngine((engine) => {
  test.each(EARLY)("%s that is missing fails the run at once", async (_, context, failed) => {
    await using project = await context();
    const { exitCode, stderr } = await runWithoutTerminal(engine, ["--run", "--no-cache", project.path]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(failed);
    expect(stderr).not.toContain("context canceled");
    const ended = ["RUN sleep 600", "RUN sleep 600; echo first", "RUN sleep 601", "RUN echo second"];
    for (const step of ended) expect(endsOf(stderr, step)).not.toContain("CACHED");
  });

  test("the line mode tells it at once, and runs the steps above when BASE is asked for", async () => {
    await using project = await named("06-skipped-not-cached");
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", "--no-cache", project.path],
      script("continue", "steps", "info", "swap", "shell", "echo in-$((40 + 2))", "exit", "steps", "quit"),
    );
    const [before = "", after = ""] = stdout.split("BASE of step 4 is made first");
    expect(before).toMatch(/^ +2\/4 (cancelled|waiting) /m);
    expect(before).toMatch(/^ +3\/4 waiting /m);
    expect(before).toMatch(/^> +4\/4 failed /m);
    expect(before).toContain("directory /\n");
    expect(before).toContain("swap: BASE will be the only state of step 4; shell runs the steps above it");
    expect(before).toContain("shell runs them first and opens BASE");
    expect(before).not.toMatch(/^#\d+ \d+\.\d+ (first|second)$/m);
    expect(after.match(/^#\d+ \d+\.\d+ (first|second)$/gm)).toHaveLength(2);
    // The failure is told once.
    expect(after).not.toContain("step 4/4 failed");
    expect(after).toMatch(/^shell on BASE of step 4\/4; exit ends it\nin-42$/m);
    expect(after).toMatch(/^ +2\/4 done \d.*\n +3\/4 done \d/m);
    const all = stdout.slice(stdout.indexOf("continue\n"));
    expect(endsOf(all, "RUN sleep 1; echo first")).not.toContain("CACHED");
    expect(endsOf(all, "RUN sleep 1; echo first").at(-1)).toBe("DONE");
    expect(endsOf(all, "RUN echo second")).toEqual(["DONE"]);
    expect(all).not.toContain("context canceled");
  });

  test("without the cache BASE is made anew, not taken from an earlier build", async () => {
    const steps = `${START}RUN sleep 1; cat /proc/sys/kernel/random/uuid > /id\nRUN true\n`;
    const look = script("continue", "shell", "echo id=$(cat /id)", "exit", "quit");
    const idOf = (out: string): string | undefined => /^id=(\S{36})$/m.exec(out)?.[1];
    await using early = await written(`${steps}COPY gone /\n`);
    const cached = await runWithoutTerminal(engine, ["--ui=plain", early.path], look);
    const again = await runWithoutTerminal(engine, ["--ui=plain", early.path], look);
    const anew = await runWithoutTerminal(engine, ["--ui=plain", "--no-cache", early.path], look);
    expect(idOf(cached.stdout)).toBeDefined();
    expect(idOf(again.stdout)).toBe(idOf(cached.stdout));
    expect(idOf(anew.stdout)).toBeDefined();
    expect(idOf(anew.stdout)).not.toBe(idOf(cached.stdout));
  });

  test("steps are stopped before one by one, with BASE made, as everywhere", async () => {
    await using project = await written(`${START}RUN echo first\nRUN echo second\nCOPY gone /\n`);
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", "--no-cache", project.path],
      script(
        "break 3",
        "continue",
        "next",
        "shell",
        "echo in-$((40 + 2))",
        "exit",
        "next",
        "shell",
        "exit",
        "quit",
      ),
    );
    expect(stdout).toMatch(/^paused before step 3\/4 · line 3: RUN echo second \(breakpoint at line 3\)$/m);
    expect(stdout).toMatch(/^paused before step 4\/4 · line 4: COPY gone \/ \(step\)$/m);
    expect(stdout).toMatch(/^in-42$/m);
    expect(stdout).toMatch(/^step 4\/4 failed: COPY/m);
    expect(stdout).not.toContain("is made first");
  });
});
