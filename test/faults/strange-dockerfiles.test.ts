/** Dockerfiles of every kind: the verdict is that of docker's own build, and the place is marked. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dockerBuild } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { forbiddenIn } from "../support/hostile-text.ts";
import { runBktui } from "../support/program.ts";
import { type StrangeDockerfile, strangeDockerfiles } from "../support/strange-dockerfiles.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";

interface Verdict {
  readonly succeeds: boolean;
  /** First line that is marked as wrong. */
  readonly line: number | undefined;
}

/** Marked in the excerpt, or, by Docker 20.10, named in the message. */
function verdictOf(exitCode: number | null, output: string): Verdict {
  const marked = /^ *(\d+) \| >>>|parse error line (\d+):/m.exec(output);
  const line = marked?.[1] ?? marked?.[2];
  return { succeeds: exitCode === 0, line: line === undefined ? undefined : Number(line) };
}

/** bktui knows without an engine that there is no Dockerfile in it, and names the file. */
const NO_DOCKERFILE = /^bktui: the Dockerfile \S+ is (?:empty|binary|UTF-16)/m;

async function compare(engine: TestEngine, { name, bytes, line }: StrangeDockerfile): Promise<void> {
  await using context = await busyboxContext({});
  await writeFile(join(context.path, "Dockerfile"), bytes);
  const [docker, own] = await Promise.all([
    dockerBuild(engine, ["--progress=plain", context.path]),
    runBktui(["--run", context.path], { engine }),
  ]);
  const expected = verdictOf(docker.exitCode, docker.stderr);
  const verdict = verdictOf(own.exitCode, own.stderr);
  const what = `${name}\n${own.stderr.slice(-2000)}`;
  expect(verdict.succeeds, `${what}\n--- docker:\n${docker.stderr.slice(-2000)}`).toBe(expected.succeeds);
  expect(forbiddenIn(own.stdout + own.stderr), what).toBeUndefined();
  expect(own.stderr, what).not.toMatch(/defect|\n +at /);
  if (expected.line !== undefined && !NO_DOCKERFILE.test(own.stderr))
    expect(verdict.line, what).toBe(line ?? expected.line);
}

/** What the screen shows of some: the first row, and the place. */
const OPENED: readonly (readonly [string, RegExp, RegExp])[] = [
  ["an unknown flag", /ERROR line 3$/, /^ *3 ✗ COPY --frm=scratch a b\n +\^ COPY: unknown flag/m],
  ["escapes for an instruction", /ERROR line 4$/, /^ *4 ✗ ␛]52.*\n +\^ unknown instruction/m],
  ["carriage returns for line ends", /ERROR line 1$/, /^ *1 ✗ FROM scratch␍COPY.*\n +\^ FROM requires/m],
  ["10,000 stages", /LOADED/, /line 10002\/10002/],
];

forEachEngine((engine) => {
  // Each by itself: one that needs a second try takes none of the others along.
  test.concurrent.each(strangeDockerfiles)(
    "R21 · $name: the verdict of docker's own build, and the line that it names",
    // 20.10 computes on 1,000 ENV for 20 s where nothing else runs.
    { timeout: 360_000 },
    (file) => compare(engine, file),
  );

  test.each(OPENED)(
    "R21 · a Dockerfile with %s opens on the screen, at its place",
    async (name, status, place) => {
      await using context = await busyboxContext({});
      const bytes = strangeDockerfiles.find((file) => file.name === name)?.bytes ?? "";
      await writeFile(join(context.path, "Dockerfile"), bytes);
      await using terminal = await Terminal.start({ engine, args: [context.path] });
      await terminal.untilRow(1, status);
      await terminal.until(place);
      expect(forbiddenIn(terminal.output)).toBeUndefined();
      terminal.type("q");
      await terminal.left();
    },
  );
});
