/** What a build lacks is given while it stands, and what else both front ends do: the same commands typed in each. */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const failures = fileURLToPath(new URL("../fixtures/builds/failures", import.meta.url));
const WITH_SHELL = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

interface Lacking {
  readonly what: string;
  /** A fixture, or a Dockerfile. */
  readonly build: { readonly fixture: string } | { readonly files: Readonly<Record<string, string>> };
  /** As the explanation types it. */
  typed(context: TestContext): string;
  /** The command starts the build over by itself. */
  readonly startsOver?: true;
  readonly isUnknown?: (engine: TestEngine) => boolean;
}

const LACKING: readonly Lacking[] = [
  {
    what: "a secret",
    build: { fixture: join(failures, "secret-missing") },
    typed: ({ path }) => `:secret id=token,src=${path}/token`,
  },
  {
    what: "an ssh agent",
    build: { fixture: join(failures, "ssh-missing") },
    typed: ({ path }) => `:ssh default=${path}/agent`,
  },
  {
    what: "an entitlement",
    build: { fixture: join(failures, "entitlement-network") },
    typed: () => ":allow network.host",
    // Its frontend has no RUN --network.
    isUnknown: ({ version }) => version?.startsWith("20.") === true,
  },
  {
    what: "a build argument",
    build: { files: { Dockerfile: `${WITH_SHELL}ARG VERSION\nRUN test "$VERSION" = "2 b"\n` } },
    typed: () => ":arg VERSION=2 b",
    startsOver: true,
  },
];

function script(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

forEachEngine((engine) => {
  test.each(LACKING.filter(({ isUnknown }) => isUnknown?.(engine) !== true))(
    "$what is given late, by lines and on the screen, and the rerun passes",
    async ({ build, typed, startsOver }) => {
      // What passes here would come from the cache where others want it to fail.
      await using context = await busyboxContext({ ...build, unique: true });
      await writeFile(join(context.path, "token"), "s3cret-value\n");
      await using _agent = await listening(join(context.path, "agent"));
      const line = typed(context);

      const again = startsOver === true ? [] : ["rerun"];
      const lines = script("continue", line, ...again, "continue", "quit");
      const ran = await runWithoutTerminal(engine, ["--ui=plain", context.path], lines);
      expect(ran.stdout).toMatch(/^\(bktui 3\/3 failed\) :/m);
      expect(ran.stdout).toContain("attempt 2");
      expect(ran.exitCode, ran.stdout).toBe(0);

      await using terminal = await Terminal.start({ engine, args: ["--no-cache", context.path] });
      await terminal.untilRow(1, /LOADED/);
      terminal.type("c");
      await terminal.untilRow(1, /FAILED/);
      terminal.type(`${line}\r`);
      if (startsOver === true) await terminal.untilRow(1, /LOADED/);
      else {
        await terminal.until(/given to the next build: r reruns/);
        terminal.type("r");
        await terminal.untilRow(1, /PAUSED before/);
      }
      terminal.type("c");
      await terminal.untilRow(1, /FINISHED/);
    },
  );

  test("no-cache runs a step again, by lines and on the screen", async () => {
    const Dockerfile = `${WITH_SHELL}RUN echo made-$(cat /proc/sys/kernel/random/uuid)\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const lines = script(
      "continue",
      "log 3",
      "restart",
      "continue",
      "steps",
      "no-cache",
      "continue",
      "log 3",
      "quit",
    );
    const { stdout, exitCode } = await runWithoutTerminal(engine, ["--ui=plain", context.path], lines);
    expect(exitCode).toBe(0);
    expect(new Set(stdout.match(/made-[0-9a-f-]{36}/g)).size).toBe(2);

    await using terminal = await Terminal.start({ engine, args: [context.path], rows: 40 });
    await terminal.untilRow(1, /LOADED/);
    terminal.type(":no-cache\r");
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
    terminal.type("3\r");
    await terminal.until((rows) => {
      const [made] = rows.join("\n").match(/made-[0-9a-f-]{36}/) ?? [];
      return made !== undefined && !stdout.includes(made);
    });
  });

  test("exec runs a program of an image without a shell, by lines and on the screen", async () => {
    const Dockerfile = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","true"]\n';
    await using context = await busyboxContext({ files: { Dockerfile } });
    const lines = script(
      "next",
      "exec /bin/busybox echo 'from  exec'",
      "exec /bin/busybox false",
      "exec",
      "quit",
    );
    const { stdout } = await runWithoutTerminal(engine, ["--ui=plain", context.path], lines);
    expect(stdout).toContain("\nfrom  exec\nthe program on BASE of step 2/2 exited with 0\n");
    expect(stdout).toContain("\nthe program on BASE of step 2/2 exited with 1\n");
    expect(stdout).toContain("exec: a program is missing");

    await using terminal = await Terminal.start({ engine, args: [context.path] });
    await terminal.untilRow(1, /LOADED/);
    terminal.type("n");
    await terminal.untilRow(1, /PAUSED/);
    terminal.type(":exec /bin/busybox echo 'from  exec'\r");
    await terminal.until(/^from {2}exec$/m);
  });

  test("attempts tells how each run went, by lines and on the screen", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: `${WITH_SHELL}RUN exit 3\n` } });
    const failed = /^ +1 +\S+ +FAILED step 3\/3 · exit code 3 · line 4$/m;
    const lines = script("continue", "restart", "attempts", "quit");
    const { stdout } = await runWithoutTerminal(engine, ["--ui=plain", context.path], lines);
    expect(stdout).toMatch(/^ +2 +\S+ +LOADED$/m);
    expect(stdout).toMatch(failed);

    await using terminal = await Terminal.start({ engine, args: [context.path] });
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED/);
    terminal.type(":restart\r");
    await terminal.untilRow(1, /LOADED/);
    terminal.type(":attempts\r");
    await terminal.until(/ 1 +\S+ +FAILED step 3\/3 · exit code 3 · line 4/);
  });
});

/** An agent that nobody asks: that there is one lets the step run. */
async function listening(path: string): Promise<AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  };
}
