import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { docker, dockerBuildx } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { forbiddenIn, hostileText } from "../support/hostile-text.ts";
import { runBktui } from "../support/program.ts";
import { recordFile } from "../support/record-files.ts";

const DOCKERFILE = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM base AS app
ARG V=1
RUN echo one $V > /one
COPY --from=other /f /f
RUN echo part > /part; exit $V
RUN echo not reached
FROM base AS beside
RUN echo never
`;

/** A home of docker's client, in which buildx notes where builds were. */
async function clientHome() {
  const path = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  const refs = join(path, "buildx", "refs", "default", "default");
  return {
    env: { DOCKER_CONFIG: path },
    /** Of builds since those that are known. */
    refsBut: async (known: readonly string[]) =>
      (await readdir(refs).catch(() => [])).filter((ref) => !known.includes(ref)),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

test("S04 · what a record says cannot take over a terminal", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bktui-record-"));
  try {
    const file = join(directory, "evil.dockerbuild");
    const attributes = {
      [`build-arg:${hostileText}`]: hostileText,
      filename: hostileText,
      [hostileText]: "1",
    };
    const parts = {
      attributes,
      name: hostileText,
      log: `${hostileText}\n`,
      error: hostileText,
      warning: hostileText,
    };
    await writeFile(file, recordFile(parts));
    for (const words of [[], ["--run"]]) {
      const { stdout, stderr } = await runBktui(["open", file, ...words], { input: "error\ninfo\nquit\n" });
      expect(forbiddenIn(`${stdout}${stderr}`)).toBeUndefined();
      expect(`${stdout}${stderr}`).toMatch(/failed after 3\.5s/);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

forEachEngine((engine) => {
  const keepsRecords = engine.version?.startsWith("20.") !== true;

  test.runIf(!keepsRecords)("an engine that keeps no records says so, and what to do", async () => {
    for (const args of [["history"], ["last"]]) {
      const { exitCode, stderr } = await runBktui(args, { engine });
      expect(stderr).toMatch(/keeps no records of builds\n.*BuildKit 0\.11.*bktui \[OPTIONS\] PATH/s);
      expect(exitCode).toBe(1);
    }
  });

  test.runIf(keepsRecords)(
    "a build that failed under docker buildx stops at the same step, with nothing run anew but that",
    async () => {
      await using home = await clientHome();
      await using other = await busyboxContext({ files: { f: "f\n" } });
      await using context = await busyboxContext({ unique: true, files: { "sub/Df": DOCKERFILE } });
      const { path } = context;
      const words = ["-f", "sub/Df", "--target", "app", "--build-arg", "V=7", "--label", "a=b"];
      const contexts = ["--build-context", `other=${other.path}`];
      const built = await dockerBuildx(engine, [...words, ...contexts, "."], { cwd: path, env: home.env });
      expect(built.stderr).toMatch(/Df:8/);
      const [ref = ""] = await home.refsBut([]);

      const { stdout: listed } = await runBktui(["history"], { engine, env: home.env });
      expect(listed).toMatch(
        new RegExp(
          `^\\^\\d+ +\\S+ \\S+ {2}${path.split("/").at(-1)}/sub/Df \\(app\\)\\n +failed after \\S+, \\d+ of \\d+ steps.* {2}${ref}\\n +Df:8: exit code 7: RUN echo part > /part; exit \\$V$`,
          "m",
        ),
      );

      const lacking = await runBktui(["open", ref], { engine, env: home.env });
      expect(lacking.stderr).toMatch(/the context other was a directory/);
      expect(lacking.stderr).toMatch(new RegExp(`bktui open ${ref} --build-context other=DIRECTORY`));

      const input = "shell\ncat /one /part\nexit\nquit\n";
      const options = { engine, env: home.env, input };
      const opened = await runBktui(["open", ref.slice(0, 12), ...contexts], options);
      const { stdout } = opened;
      expect(stdout).toMatch(/^step 5\/6 failed: exit code 7 .* line 8: RUN echo part/m);
      expect(stdout).toMatch(/^one 7\npart$/m);
      const ran = [...stdout.matchAll(/^#(\d+) \[(?:base|app) .*$/gm)].map(([line, id]) => ({
        line,
        isCached: stdout.includes(`\n#${id} CACHED\n`),
      }));
      expect(ran).toHaveLength(5);
      expect(ran.filter(({ isCached }) => !isCached).map(({ line }) => line)).toEqual([
        expect.stringMatching(/RUN echo part/),
      ]);

      await writeFile(join(path, "sub", "Df"), `# moved\n${DOCKERFILE.replace("exit $V", "exit 0")}`);
      const changed = await runBktui(["open", ref, ...contexts], { engine, env: home.env, input: "quit\n" });
      expect(changed.stdout).toMatch(/Df is not what was built then/);

      const gone = await runBktui(["open", "^999999"], { engine, env: home.env });
      expect(gone.stderr).toMatch(/no \^999999\n.*bktui history/s);
    },
  );

  test.runIf(keepsRecords)(
    "a file that docker exported is shown where no engine can be reached, and built again where one can",
    async () => {
      await using home = await clientHome();
      await using other = await busyboxContext({ files: { f: "f\n" } });
      await using context = await busyboxContext({ unique: true, files: { "sub/Df": DOCKERFILE } });
      const { path } = context;
      const words = ["-f", "sub/Df", "--target", "app", "--build-arg", "V=7", "--label", "a=b"];
      const contexts = ["--build-context", `other=${other.path}`];
      await dockerBuildx(engine, [...words, ...contexts, "."], { cwd: path, env: home.env });
      const [ref = ""] = await home.refsBut([]);
      const file = join(path, "build.dockerbuild");
      const exported = ["history", "export", "-o", file, ref];
      expect((await dockerBuildx(engine, exported, { env: home.env, command: "raw" })).exitCode).toBe(0);
      // No engine can be reached from there.
      const away = { env: { DOCKER_HOST: "unix:///nowhere.sock" } };
      const shown = await runBktui(["open", file, "--run"], away);
      expect(shown.stderr).toMatch(/^#0 note: its options: .*--build-arg=V=7 --label=a=b.* --target=app/m);
      expect(shown.stderr).toMatch(/^step 5\/6 failed: exit code 7 .* line 8: RUN echo part/m);
      expect(shown.exitCode).toBe(1);
      const input2 = "back\nlog\ncontinue\nshell\nquit\n";
      const asked = await runBktui(["open", file, "--context", path, ...contexts], {
        ...away,
        input: input2,
      });
      expect(asked.stdout).toMatch(/^paused at step 4\/6 .*\(back from step 5, which failed\)$/m);
      expect(asked.stdout).toMatch(/this is the record of a build that is over/);
      const again = await runBktui(
        ["open", file, "--context", path, "-f", join(path, "sub/Df"), ...contexts],
        {
          engine,
          input: "rerun\nnext\nquit\n",
        },
      );
      expect(again.stdout).toMatch(/^paused before step 5\/6 .*\(rerun\)$/m);
      expect(again.stdout).toMatch(/RUN echo one 7 > \/one\n#\d+ CACHED/);
    },
  );

  test("a state that was exported opens as its step, from a file and from docker's store", async () => {
    const file = [
      "FROM scratch AS base",
      "COPY busybox /bin/busybox",
      'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
      "ENV A='x \"y\" $z'",
      "WORKDIR /w",
      "RUN chown 7 /w; mkdir -p /etc; echo app:x:7:7::/w:/bin/sh > /etc/passwd; echo app:x:7: > /etc/group",
      "USER app",
      "RUN echo said; echo part > part; exit 3",
      "",
    ].join("\n");
    await using context = await busyboxContext({ unique: true, files: { Dockerfile: file } });
    const { path } = context;
    const tar = join(path, "state.tar");
    const name = `bktui-opened:${path.split("-").at(-1)?.toLowerCase()}`;
    const input = `continue\nexport failed oci ${tar}\nexport failed docker ${name}\nexport base docker ${name}-base\nquit\n`;
    const made = await runBktui([path], { engine, input });
    expect(made.stdout).toMatch(/in docker's store/);
    try {
      for (const what of [tar, name]) {
        const toBase = what === name ? "target base\ncontinue\nshell\nid -u; cat part || pwd\nexit\n" : "";
        const look = `shell\nid -u; pwd; cat part; echo $A\nexit\n${toBase}quit\n`;
        const { stdout } = await runBktui(["open", what], { engine, input: look });
        expect(stdout).toMatch(/^note: It is FAILED of step \d\/\d, line 8 of Dockerfile, exit code 3\.$/m);
        expect(stdout).toMatch(/^note: Its command: RUN echo said; echo part > part; exit 3$/m);
        expect(stdout).toMatch(/^note: Its log ended with:\nnote: \| said$/m);
        // Of a state that was reproduced the engine compares nothing.
        const changed = /^note: What the step had changed in it:\nnote: \| \+ \/w\/part {2}5 B$/m;
        expect(changed.test(stdout)).toBe(!/, reproduced\.$/m.test(stdout));
        expect(stdout).toMatch(/^7\n\/w\npart\nx "y" \$z$/m);
        if (what !== name) continue;
        expect(stdout).toContain(`note: BASE of it is ${name}-base: target base opens it`);
        // It has no file of the command.
        expect(stdout).toMatch(/^7\n(cat: .*\n)?\/w$/m);
      }
    } finally {
      await docker(engine, ["image", "rm", "-f", name, `${name}-base`]);
    }
  });

  test.runIf(keepsRecords)(
    "a build that succeeded goes to its end, one of standard input with its own text, one with a flaw that is gone behind it",
    async () => {
      await using home = await clientHome();
      await using context = await busyboxContext({ unique: true });
      const { path } = context;
      const run = (text: string) =>
        `FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", ${text}]\n`;
      const known: string[] = [];
      const build = async (args: readonly string[], input?: string): Promise<string> => {
        const options = { cwd: path, env: home.env, ...(input === undefined ? {} : { input }) };
        await dockerBuildx(engine, args, options);
        const [ref = ""] = await home.refsBut(known);
        known.push(ref);
        return ref;
      };
      await writeFile(join(path, "Dockerfile"), run('"true"'));
      const good = await build(["."]);
      const opened = await runBktui(["open", good], { engine, env: home.env, input: "quit\n" });
      expect(opened.stdout).toMatch(/completed after/);
      expect(opened.stdout).toMatch(/\[2\/2\] RUN .*\n#\d+ CACHED/);

      const piped = await build(["-f", "-", "."], run('"false"'));
      const copy = await runBktui(["open", piped], { engine, env: home.env, input: "quit\n" });
      expect(copy.stdout).toMatch(/^step 2\/2 failed: exit code 1 /m);

      await writeFile(join(path, "Dockerfile"), run('"test", "-e", "/bin/x"'));
      const flaw = await build(["."]);
      // What is in a context is no part of a record.
      await writeFile(
        join(path, "Dockerfile"),
        run('"test", "-e", "/bin/x"').replace("COPY", "COPY busybox /bin/x\nCOPY"),
      );
      const healed = await runBktui(["open", flaw], { engine, env: home.env, input: "quit\n" });
      expect(healed.stdout).toMatch(/^paused at the end of stage .*breakpoint after line 4/m);
    },
  );
});
