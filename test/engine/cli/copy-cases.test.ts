/** Inputs that others have reported, told alike by `--run` and by lines. They need an image, so an engine of the suite. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const cases = fileURLToPath(new URL("../../fixtures/cases", import.meta.url));

interface Told {
  /** Both ways, without what only one of them prints. */
  readonly run: string;
  readonly lines: string;
}

async function tell(engine: TestEngine, name: string, file: string): Promise<Told> {
  await using context = await copyOf(name);
  const args = ["-f", join(context.path, file), context.path];
  const run = await runWithoutTerminal(engine, ["--run", "--no-cache", ...args]);
  const lines = await runWithoutTerminal(engine, ["--ui=plain", "--no-cache", ...args], "continue\nquit\n");
  return { run: run.stderr, lines: lines.stdout + lines.stderr };
}

async function copyOf(name: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "bktui-case-"));
  await cp(join(cases, name), path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

function expectBoth({ run, lines }: Told, ...sentences: readonly RegExp[]): void {
  for (const sentence of sentences) {
    expect(run).toMatch(sentence);
    expect(lines).toMatch(sentence);
  }
}

describe.runIf(inject("privateSuite") !== undefined)("a reported input", () => {
  forEachEngine((engine) => {
    test("05: a pattern without a match is not told as a directory that a rerun will find", async () => {
      const told = await tell(engine, "05-copy-missing", "Dockerfile.glob");
      expectBoth(
        told,
        /step \d\/3 failed: COPY: nothing in the context matches "dist\/\*\.whl"/,
        /dist is there and holds readme\.txt\./,
      );
      expect(told.run + told.lines).not.toMatch(/rerun will find/);
    });

    test("05: a missing file is told with the one that looks like it", async () => {
      const told = await tell(engine, "05-copy-missing", "Dockerfile.ctx");
      expectBoth(told, /"package-lock\.json" is not in the context/, /there is "package\.json"\./);
    });

    test("05: a mistyped stage is told with the stage that is meant", async () => {
      expectBoth(
        await tell(engine, "05-copy-missing", "Dockerfile"),
        /line 5: /,
        /There is a stage "build": did you mean it\?/,
      );
    });

    test("25: a mount from a stage that does not exist has its line", async () => {
      const told = await tell(engine, "25-exit-codes", "Dockerfile.mountfrom");
      expectBoth(
        told,
        /line 2: .*(?:cannot pull|nostage)/,
        /cannot pull docker\.io\/library\/nostage:latest/,
      );
      expect(told.run).toContain("   2 | >>> RUN --mount=type=bind,from=nostage");
    });

    test("07: what a negation does not bring back is told with the line that hides it", async () => {
      const told = await tell(engine, "07-ignore-negation", "app/Dockerfile");
      expectBoth(
        told,
        /COPY: "pkg\/notes\.txt" is not in the context/,
        /app\/Dockerfile\.dockerignore line 1 keeps it from the build: \*/,
      );
    });

    test("07: what negations bring back is in the context", async () => {
      await using context = await copyOf("07-ignore-negation");
      const args = ["--ui=plain", "--no-cache", "-f", join(context.path, "app/Dockerfile"), context.path];
      const { stdout, stderr } = await runWithoutTerminal(engine, args, "to 4\nlog 3\nquit\n");
      const listed = new Set(`${stdout}${stderr}`.match(/(?<= )\.\/\S+$/gm));
      expect([...listed]).toEqual(["./conf/app.ini", "./main.py", "./pkg/a.py", "./pkg/deep/b.py"]);
    });

    test("04: shells open before and after a COPY, an ADD and a WORKDIR, as the user of the stage", async () => {
      await using context = await copyOf("04-shell-at-copy");
      const typed = "to 6\nshell\nid -un; pwd; ls\nexit\nnext\nshell\nls\nexit\nnext\nquit\n";
      const { stdout, stderr } = await runWithoutTerminal(engine, ["--ui=plain", context.path], typed);
      expect(stdout + stderr).toMatch(/app\n\/srv\/app\n/);
      expect(stdout + stderr).toMatch(/^a\.txt$/m);
    });

    // BuildKit 0.8 knows no --checksum.
    test.runIf(engine.keepsFailedState)("27: a download that is answered 404 says so", async () => {
      expectBoth(
        await tell(engine, "27-add-checksum", "Dockerfile"),
        /ADD http:\/\/127\.0\.0\.1:5000\/no\/such\/file\.tgz: the server answered 404/,
        /asked again, it says: invalid response status 404/,
        /wanted is sha256:98c9e774/,
      );
    });

    test.runIf(engine.keepsFailedState)("27: one that is another file is no 404", async () => {
      const told = await tell(engine, "27-add-checksum", "Dockerfile.mismatch");
      expectBoth(told, /ADD: the file is another one than --checksum says/, /It has sha256:44136fa3/);
      expect(told.run + told.lines).not.toMatch(/answered|web page/);
    });

    test("27: without a checksum the status is told, too, and a good one is no failure", async () => {
      expectBoth(await tell(engine, "27-add-checksum", "Dockerfile.plain"), /the server answered 404/);
      expect((await tell(engine, "27-add-checksum", "Dockerfile.good")).run).toMatch(/finished/);
    });
  });
});
