/** A mount that cannot be made: which one is said, and a shell opens with all the others. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

interface Kind {
  /** Options of the RUN in the last line. */
  readonly mounts: string;
  readonly headline: string;
  readonly without: string;
  readonly note: string;
}

const KINDS: readonly Kind[] = [
  {
    mounts: "--mount=type=bind,source=missing,target=/src,rw",
    headline: 'mount at /src: "missing" is not in the context',
    without: "/src",
    note: 'the bind mount at /src is left out: "missing" is not in the context',
  },
  {
    mounts: "--mount=type=bind,from=other,source=/nope,target=/src",
    headline: 'mount at /src: "/nope" is not in stage other',
    without: "/src",
    note: 'the bind mount at /src is left out: "/nope" is not in stage other',
  },
  {
    mounts: "--mount=type=bind,from=other,source=/dangling,target=/src",
    headline: 'mount at /src: "/dangling" is a link that leads to nothing',
    without: "/src",
    note: 'the bind mount at /src is left out: "/dangling" is not in stage other',
  },
  {
    mounts: "--mount=type=cache,id=bktui-of-other,from=other,source=/nope,target=/cache",
    headline: 'mount at /cache: "/nope" is not in stage other',
    without: "/cache",
    note: 'the cache mount at /cache is left out: "/nope" is not in stage other',
  },
  {
    mounts: "--mount=type=secret,id=tok,env=TOK,required",
    headline: 'secret "tok" was not given',
    without: "TOK",
    note: 'the variable TOK is not set: secret "tok" was not given (--secret id=tok,src=PATH)',
  },
  {
    mounts: "--mount=type=ssh,required",
    headline: 'ssh agent "default" was not given',
    without: "/run/buildkit/ssh_agent.0",
    note: 'the ssh mount at /run/buildkit/ssh_agent.0 is left out: ssh agent "default" was not given (--ssh default)',
  },
  {
    mounts: "--mount=type=secret,id=tok,required --mount=type=bind,source=missing,target=/src",
    headline: '"missing" is not in the context',
    without: "/src and 1 more",
    note: 'the bind mount at /src is left out: "missing" is not in the context',
  },
];

const others =
  "--mount=type=bind,source=there,target=/there --mount=type=bind,from=other,source=/link,target=/linked --mount=type=cache,id=bktui-others,target=/others";

function dockerfile(mounts: string): string {
  return `FROM busybox:1.36 AS other
RUN echo of another stage > /o; ln -s o /link; ln -s nowhere /dangling
FROM busybox:1.36
RUN echo made > /here
RUN ${mounts} ${others} cat /here; false
`;
}

const LOOK = "echo sees $(cat /here) $(cat /there) $(cat /linked); grep -c ' /others ' /proc/mounts";

async function visit(engine: TestEngine, path: string, args: readonly string[] = []): Promise<string> {
  const input = `continue\nshell\n${LOOK}\nexit\nquit\n`;
  const { stdout } = await runWithoutTerminal(engine, ["--ui=plain", ...args, path], input);
  return stdout.slice(stdout.search(/^step .* failed: /m));
}

function caseAt(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/cases/${name}`, import.meta.url));
}

forEachEngine((engine) => {
  // The frontend in Docker 20.10 knows no secrets as variables.
  const known = KINDS.filter(({ mounts }) => engine.keepsFailedState || !mounts.includes("env="));
  test.each(known)("$mounts", async ({ mounts, headline, without, note }) => {
    const files = { Dockerfile: dockerfile(mounts), there: "kept\n" };
    await using context = await busyboxContext({ files });
    const said = await visit(engine, context.path);
    expect(said).toContain(headline);
    expect(said).toMatch(new RegExp(`^shell on \\w+ of step 4/4, without ${without}; exit ends it$`, "m"));
    expect(said).toContain(`\nnote: ${note}\n`);
    expect(said).toContain("\nsees made kept of another stage\n1\nshell exited with 0\n");
  });

  test.each([
    ["47-bind-of-nothing", "/src", /mount at \/src: "missing" is not in the context/],
    ["48-cache-source-of-nothing", "/victim", /mount at \/victim: "\/sel" is not in its cache/],
    ["49-required-secret", "/run/secrets/tok", /secret "tok" was not given/],
  ])("%s: shell and debug-shell open without the mount", async (name, dest, headline) => {
    const input = "continue\nshell\necho in the state\nexit\ninfo\ndebug-shell\necho beside it\nexit\nquit\n";
    const { stdout } = await runWithoutTerminal(engine, ["--ui=plain", caseAt(name)], input);
    expect(stdout).toMatch(headline);
    for (const [place, line] of [
      ["", "in the state"],
      [" · debug root · state at /target", "beside it"],
    ]) {
      const opened = new RegExp(`^shell on \\w+ of step ./.${place}, without ${dest}; exit ends it$`, "m");
      expect(stdout).toMatch(opened);
      expect(stdout).toContain(`\n${line}\nshell exited with 0\n`);
    }
    expect(stdout).toMatch(new RegExp(`^differs: the \\w+ mount at ${dest} is left out: `, "m"));
    expect(stdout).not.toContain("no /bin/sh");
  });

  test("a secret that is given is in the shell again", async () => {
    const run = "RUN --mount=type=secret,id=tok,required cat /run/secrets/tok > /dev/null; false";
    await using context = await busyboxContext({ files: { Dockerfile: `FROM busybox:1.36\n${run}\n` } });
    const value = join(context.path, "value");
    await writeFile(value, "12345");
    const input = "continue\nshell\nwc -c < /run/secrets/tok\nexit\nquit\n";
    const args = ["--ui=plain", context.path];
    const without = await runWithoutTerminal(engine, args, input);
    expect(without.stdout).toContain(", without /run/secrets/tok;");
    const given = await runWithoutTerminal(engine, ["--secret", `id=tok,src=${value}`, ...args], input);
    expect(given.stdout).toMatch(/^5$/m);
    expect(given.stdout).not.toContain("without /run");
  });

  test("a program that is there and does not start is not called missing", async () => {
    const files = { Dockerfile: "FROM busybox:1.36\nUSER nobody-here\nRUN true\n" };
    await using context = await busyboxContext({ files });
    const { stdout } = await runWithoutTerminal(
      engine,
      ["--ui=plain", context.path],
      "continue\nshell\nexit\nquit\n",
    );
    expect(stdout).toContain("/bin/sh does not start here: unable to find user nobody-here");
    expect(stdout).not.toContain("no /bin/sh");
  });
});
