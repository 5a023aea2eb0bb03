import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const DOCKERFILE = `FROM scratch AS base
COPY busybox /bin/sh
FROM base AS lib
RUN echo one > /one
RUN echo two > /two
FROM base AS app
RUN echo three > /three
COPY --from=lib /one /
`;

forEachEngine((engine) => {
  /** Continues from stop to stop; answers the lines that say where it stood and why. */
  async function stops(path: string, places: readonly string[]): Promise<readonly string[]> {
    const input = "continue\n".repeat(8);
    const args = ["--ui=plain", ...places.flatMap((place) => ["-b", place]), path];
    const { stdout } = await runWithoutTerminal(engine, args, input);
    return stdout.split("\n").flatMap((line) => {
      const [, place, why] = /^paused (.+?) · line \d+.* \((.*)\)$/.exec(line) ?? [];
      return place === undefined || why === "entry" ? [] : [`${place}: ${why}`];
    });
  }

  test("each kind of breakpoint stops where it says, in one build", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
    expect(await stops(context.path, ["stage:lib", "/^run echo two/:after", "/three/", "7:after"])).toEqual([
      "before step 2/5: breakpoint at any step in stage lib",
      "before step 3/5: breakpoint at any step in stage lib",
      "at the end of stage lib: breakpoint after any step like /^run echo two/",
      "before step 4/5: breakpoint at any step like /three/",
      "before step 5/5: breakpoint after line 7",
    ]);
  });

  test("a miss stops behind what was not in the cache, a hit behind what was", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
    expect((await stops(context.path, ["miss"])).length).toBe(5);
    expect(await stops(context.path, ["miss"])).toEqual([]);
    await writeFile(join(context.path, "Dockerfile"), DOCKERFILE.replace("echo two", "echo 2"));
    expect(await stops(context.path, ["miss"])).toEqual([
      "at the end of stage lib: breakpoint after any step, which was not in the cache",
    ]);
    expect(await stops(context.path, ["stage:lib:hit", "none", "4:hit"])).toEqual([
      "before step 3/5: breakpoint after line 4, which was in the cache",
    ]);
  });

  test("what cannot stop is told when the file is loaded", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
    const places = ["4", "stage:lob", "99"];
    const args = ["--ui=plain", ...places.flatMap((place) => ["-b", place]), context.path];
    const { stdout } = await runWithoutTerminal(engine, args, "quit\n");
    expect(stdout.split("\n").filter((line) => /^loaded |cannot stop/.test(line))).toEqual([
      "loaded Dockerfile: 5 steps in 3 stages",
      "breakpoint at any step in stage lob cannot stop: there is no stage lob",
      expect.stringMatching(/^breakpoint at line 99 cannot stop: /),
    ]);
  });
});
