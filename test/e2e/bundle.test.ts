/** All that is known about a stop in one file: written where the build is, opened where no engine is, its state on an engine. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { run, runBktui } from "../support/program.ts";

const SECRET = "s3cr3t-of-a-bundle";
const DOCKERFILE = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM base AS app
ARG V=1
ENV A=b
WORKDIR /w
RUN --mount=type=secret,id=token cat /run/secrets/token; echo part > part; rm /bin/vi; exit 3
RUN echo not reached
`;
/** The same, and the state has the value. */
const LEAKING = DOCKERFILE.replace("rm /bin/vi", "cp /run/secrets/token /copy");
const AWAY = { env: { DOCKER_HOST: "unix:///nowhere.sock" } };
const LONG = { timeout: 180_000 };

const [engine] = testEngines();
if (engine === undefined) throw new Error("no engine");

test(
  "S26 · a bundle of a failure is shown without an engine, its state opens with a shell, and no secret is in it",
  LONG,
  async () => {
    const files = { Dockerfile: DOCKERFILE, token: `${SECRET}\n` };
    await using context = await busyboxContext({ unique: true, files });
    const { path } = context;
    const file = join(path, "failed.dockerbuild");
    const build = ["--secret", "id=token,src=token", "--label", `of=${SECRET}`, "."];
    const at = { engine, cwd: path };
    const lines = [
      "bundle",
      "continue",
      "shell",
      "echo mine > made",
      "exit",
      `bundle ${file} --state`,
      `bundle ${file}`,
      "quit",
      "",
    ];
    const made = await runBktui(build, { ...at, input: lines.join("\n") });
    expect(made.stdout).toMatch(/bundle written: \S+failed\.dockerbuild \(.*\), with FAILED of step 4\/5/);
    expect(`${made.stdout}${made.stderr}`).toMatch(/failed\.dockerbuild is there already/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(gunzipSync(await readFile(file)).includes(SECRET)).toBe(false);
    expect((await readdir(path)).sort()).toEqual(["Dockerfile", "busybox", "failed.dockerbuild", "token"]);

    const listed = await run("tar", ["tf", file]);
    for (const name of [
      "index.json",
      "values.json",
      "differences.txt",
      "options.json",
      "engine.json",
      "state.tar",
    ])
      expect(listed.stdout).toMatch(new RegExp(`^(bktui/)?${name}$`, "m"));
    const part = async (name: string) => (await run("tar", ["xOf", file, `bktui/${name}`])).stdout;
    expect(JSON.parse(await part("values.json"))).toMatchObject({
      directory: "/w",
      environment: expect.arrayContaining(["A=b", "V=1"]),
    });
    const differences = await part("differences.txt");
    expect(differences).toMatch(/^\+ \/w\/part {2}5 B$/m);
    expect(differences).toMatch(/^- \/bin\/vi /m);
    expect(JSON.parse(await part("options.json"))).toMatchObject({
      secrets: ["token"],
      labels: { of: "***" },
    });

    const shown = await runBktui(["open", file, "--run"], AWAY);
    expect(shown.stderr).toMatch(
      /^#0 note: a bundle of bktui, made at step 4\/5, line 8 of Dockerfile: RUN/m,
    );
    expect(shown.stderr).toMatch(/^#0 note: values: user root, directory \/w, \d+ variables$/m);
    expect(shown.stderr).toMatch(/^#0 note: bktui open \S+ --state opens the state in it$/m);
    expect(shown.stderr).toMatch(/^step 4\/5 failed: exit code 3 .* line 8: RUN/m);
    expect(shown.stderr).toMatch(/^#\d+ .*\*\*\*$/m);
    expect(shown.exitCode).toBe(1);

    const input = "shell\npwd; cat part made; ls /bin/vi; echo $A\nexit\nquit\n";
    const opened = await runBktui(["open", file, "--state"], { engine, input });
    expect(opened.stdout).toMatch(/^note: It is FAILED of step 4\/5, line 8 of Dockerfile, exit code 3\.$/m);
    expect(opened.stdout).toMatch(/^\/w\npart\nmine\n(ls: \/bin\/vi.*\n)?b$/m);
  },
);

test(
  "S26 · where nobody attends a failure leaves a bundle, without its state when a secret is in that",
  LONG,
  async () => {
    const files = { Dockerfile: LEAKING, token: `${SECRET}\n` };
    await using context = await busyboxContext({ unique: true, files });
    const { path } = context;
    const options = [
      "--run",
      "--secret",
      "id=token,src=token",
      "--bundle",
      "f.dockerbuild",
      "--bundle-state",
    ];
    const at = { engine, cwd: path };
    const made = await runBktui([...options, "."], at);
    const summary = made.stderr.split("\nfailed: ")[1] ?? "";
    expect(summary).toMatch(/state {4}bundle written: \S+f\.dockerbuild/);
    expect(summary).toMatch(/its state is not in it: nothing was exported: the value of a secret is in it/);
    expect(summary).toMatch(/open {5}bktui open \S+f\.dockerbuild/);
    const file = join(path, "f.dockerbuild");
    expect(gunzipSync(await readFile(file)).includes(SECRET)).toBe(false);
    const none = await runBktui(["open", file, "--state"], AWAY);
    expect(none.stderr).toMatch(/has no state in it/);
    expect(none.exitCode).not.toBe(0);
    const again = await runBktui([...options, "."], at);
    expect(again.stderr).toMatch(/no bundle was written: \S+ is there already/);
  },
);
