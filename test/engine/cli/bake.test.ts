/** `bktui bake` makes what `docker buildx bake` makes, and steps through targets that others are built from. */
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { buildxDirectory, dockerBuildx } from "../../support/docker-client.ts";
import { forEachEngine } from "../../support/engines.ts";
import { GitServer, HAS_GIT_DAEMON } from "../../support/git-server.ts";
import { type Ran, runWithoutTerminal } from "../../support/without-terminal.ts";

const BAKE = `
variable "V" { default = "1" }
group "default" { targets = ["web", "tool"] }
target "base" {
  context = "base"
  args = { A = "a\${V}" }
  secret = ["id=tok,src=tok.txt"]
}
target "web" {
  context = "web"
  contexts = { base = "target:base", notes = "./notes" }
  labels = { l = "1" }
}
target "tool" {
  context = "base"
  dockerfile-inline = <<EOT
FROM scratch
COPY busybox /bin/busybox
COPY base.txt /tool.txt
RUN ["/bin/busybox", "sh", "-c", "echo inline > /made"]
EOT
}
`;
const FILES: Readonly<Record<string, string>> = {
  "docker-bake.hcl": BAKE,
  "tok.txt": "s3cret",
  "notes/note.txt": "note",
  "base/base.txt": "base",
  "base/.dockerignore": "hidden",
  "base/Dockerfile": `# the base
FROM scratch AS build
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ARG A=0
ENV A=$A
RUN echo $A > /a
FROM build
COPY base.txt /
RUN --mount=type=secret,id=tok wc -c < /run/secrets/tok > /length
`,
  "web/web.txt": "web",
  "web/Dockerfile": `FROM base
COPY web.txt /
COPY --from=notes note.txt /
RUN cat /a /base.txt /web.txt /note.txt /length > /all
CMD ["cat", "/all"]
`,
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-bake-"));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(join(directory, name, ".."), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  await copyFile(inject("busybox"), join(directory, "base", "busybox"));
  await chmod(join(directory, "base", "busybox"), 0o755);
});
afterEach(() => rm(directory, { recursive: true }));

forEachEngine((engine) => {
  /** Named contexts came with BuildKit 0.10. */
  const knowsContexts = engine.version?.startsWith("20.") !== true;
  const env = {
    SOURCE_DATE_EPOCH: "1700000000",
    // buildx fetches bake files of a repository itself, and keeps notes of that.
    get BUILDX_CONFIG() {
      return join(directory, ".buildx");
    },
    PATH: `${buildxDirectory(engine)}:${process.env["PATH"] ?? ""}`,
  };
  const bake = async (args: readonly string[], input = ""): Promise<Ran> =>
    await runWithoutTerminal(engine, ["bake", ...args], input, { cwd: directory, env });

  test.runIf(knowsContexts)(
    "makes docker's image of linked targets, and its files of an inline Dockerfile",
    async () => {
      const argsFor = (name: string): readonly string[] => [
        "--provenance=false",
        "--set=web.output=type=docker",
        `--set=tool.output=type=local,dest=${name}`,
      ];
      const metadata = join(directory, "metadata.json");
      const theirs = await dockerBuildx(engine, ["--metadata-file", metadata, ...argsFor("theirs")], {
        cwd: directory,
        env,
        command: "bake",
      });
      expect(theirs).toMatchObject({ exitCode: 0 });
      const own = join(directory, "own.json");
      const ours = await bake(["--run", "--metadata-file", own, ...argsFor("ours")]);
      expect(ours).toMatchObject({ exitCode: 0 });
      const [told, toldHere] = (await Promise.all([metadata, own].map((path) => readFile(path, "utf8")))).map(
        (text) => JSON.parse(text),
      );
      expect(Object.keys(toldHere)).toEqual(["tool", "web"]);
      for (const name of ["tool", "web"])
        expect(Object.keys(toldHere[name])).toEqual(Object.keys(told[name]));
      const { web } = told;
      expect(toldHere.web["containerimage.config.digest"]).toBe(web["containerimage.config.digest"]);
      expect(ours.stdout.trim().split("\n")).toContain(web["containerimage.config.digest"]);
      const [files, expected] = await Promise.all(
        ["ours", "theirs"].map((name) => treeOf(join(directory, name))),
      );
      expect(files).toEqual(expected);
      expect(files).toContain("made: inline\n");
    },
  );

  test.runIf(knowsContexts)(
    "steps through linked targets, each with its own context, arguments and secrets",
    async () => {
      const script =
        "list\nbreak 17\ncontinue\nfiles\nnext\nexec cat /a /length /base.txt\nexec env\ncontinue\nquit\n";
      const { stdout, stderr, exitCode } = await bake(["--provenance=false", "--no-cache", "web"], script);
      const said = stdout + stderr;
      expect(said).toMatch(/^loaded Dockerfile: 8 steps in 3 stages$/m);
      expect(said).toMatch(/^paused before step 1\/8 · line 10: COPY busybox/m);
      expect(said).toMatch(/^ +7 \| # Target base: Dockerfile$/m);
      expect(said).toMatch(/^paused before step 5\/8 · line 17: RUN --mount=type=secret,id=tok wc/m);
      expect(said).toMatch(/^a1\n6\nbase$/m);
      expect(said).toMatch(/^A=a1$/m);
      expect(said).not.toContain("s3cret");
      expect(said).toMatch(/^finished: the target is built$/m);
      expect(exitCode).toBe(0);
    },
  );

  test.runIf(knowsContexts)("asks the frontend about a target that is built from another one", async () => {
    await writeFile(join(directory, "web", "Dockerfile"), "FROM base\nMAINTAINER me\nCOPY web.txt /\n");
    const checked = await bake(["--check", "web"]);
    expect(checked.stdout).toMatch(/MaintainerDeprecated[\s\S]*Dockerfile:2/);
    expect(checked.exitCode).toBe(1);
    await writeFile(join(directory, "base", "Dockerfile"), "FROM scratch\nKOPY x /\n");
    const refused = await bake(["--check", "web"]);
    expect(refused.stderr).toContain("target base, line 2 of its Dockerfile: ");
  });

  test.runIf(knowsContexts && HAS_GIT_DAEMON)(
    "takes bake files from a repository, whose directories are contexts, with files from here beside them",
    async () => {
      await using git = await GitServer.start(engine, {
        "docker-bake.hcl": `
target "app" {
  context = "app"
  contexts = { all = "." }
}
target "root" { dockerfile = "app/Root" }
target "here" {
  context = BAKE_CMD_CONTEXT
  dockerfile-inline = "FROM scratch\\nCOPY tok.txt /\\n"
}
`,
        "app/Dockerfile": `FROM scratch
ARG A=none
COPY a.txt /a-$A.txt
COPY --from=all app/a.txt /all.txt
`,
        "app/Root": "FROM scratch\nCOPY shared /\n",
        "app/a.txt": "a",
        "shared/s.txt": "s",
      });
      await writeFile(join(directory, "local.hcl"), 'target "app" { args = { A = "local" } }');
      const argsFor = (name: string): readonly string[] => [
        `${git.url}#other`,
        ...["app", "root", "here"],
        ...["-f", "docker-bake.hcl", "-f", "cwd://local.hcl"],
        ...["app", "root", "here"].map((each) => `--set=${each}.output=type=local,dest=${name}/${each}`),
      ];
      // buildx's own builder fetches them.
      const withDocker = { cwd: directory, env: { ...env, DOCKER_HOST: engine.dockerHost } };
      const remotely = async (args: readonly string[], input = ""): Promise<Ran> =>
        await runWithoutTerminal(engine, ["bake", ...args], input, withDocker);
      const around = { cwd: directory, env, command: "bake" } as const;
      const theirs = await dockerBuildx(engine, argsFor("theirs"), around);
      expect([theirs.exitCode, theirs.stderr]).toEqual([0, theirs.stderr]);
      const ours = await remotely(["--run", ...argsFor("ours")]);
      expect([ours.exitCode, ours.stderr]).toEqual([0, ours.stderr]);
      const files = await treeOf(join(directory, "ours"));
      expect(files).toEqual(await treeOf(join(directory, "theirs")));
      expect(files).toEqual([
        ...["app/a-local.txt: a", "app/all.txt: a", "here/tok.txt: s3cret", "root/s.txt: s"],
      ]);
      const nowhere = await remotely([`${git.url}#nowhere`, "root"]);
      expect(nowhere.stderr).toMatch(
        /^bktui: docker buildx bake: [\s\S]*fetches bake files with its own builder/,
      );
      const stepped = await remotely([git.url, "root"], "continue\nquit\n");
      expect(stepped.stderr + stepped.stdout).toMatch(/^finished: the target is built$/m);
      const asked = await remotely([git.url, "app", "root"]);
      expect(asked.stderr).toMatch(/^ +bktui bake git:\/\/\S+ app$/m);
    },
  );

  test.runIf(knowsContexts)(
    "tells a failure of a linked target with its file, its line and its context",
    async () => {
      await writeFile(join(directory, "base", "Dockerfile"), "FROM scratch\n\nCOPY bose.txt /\n");
      const { stderr, exitCode } = await bake(["--run", "web"]);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^target base, Dockerfile:3$/m);
      expect(stderr).toMatch(/In the context there is "base\.txt"\.\n +Sought in the context .*\/base\.$/m);
      await writeFile(join(directory, "base", "Dockerfile"), "FROM scratch\nKOPY x /\n");
      const refused = await bake(["--run", "web"]);
      expect(refused.stderr).toContain("bktui: target base, line 2 of its Dockerfile: ");
      expect(refused.exitCode).toBe(1);
    },
  );

  test.runIf(knowsContexts)(
    "joins targets of one Dockerfile, also over several links, as docker does",
    async () => {
      await writeFile(
        join(directory, "base", "Dockerfile"),
        `FROM scratch AS tools
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM tools AS dev
RUN echo dev > /dev.txt
FROM tools AS app
ARG NAME
COPY --from=devctx /dev.txt /
RUN echo app of $NAME > /app.txt
FROM common AS last
COPY --from=app1 /app.txt /
`,
      );
      await writeFile(
        join(directory, "docker-bake.hcl"),
        `
target "dev" {
  context = "base"
  target = "dev"
}
target "mid" {
  context = "base"
  target = "app"
  contexts = { devctx = "target:dev" }
  args = { NAME = "mid" }
}
target "top" {
  context = "base"
  target = "last"
  contexts = { app1 = "target:mid", common = "target:dev" }
}
target "only" {
  contexts = { common = "target:dev" }
  dockerfile-inline = "FROM common\\nENV A=1\\n"
}
`,
      );
      const metadata = join(directory, "metadata.json");
      const args = ["--provenance=false", "--load", "top", "only"];
      const theirs = await dockerBuildx(engine, ["--metadata-file", metadata, ...args], {
        cwd: directory,
        env,
        command: "bake",
      });
      expect(theirs).toMatchObject({ exitCode: 0 });
      const ours = await bake(["--run", ...args]);
      const made = JSON.parse(await readFile(metadata, "utf8"));
      expect(ours.stdout.trim().split("\n").toSorted()).toEqual(
        ["top", "only"].map((name) => made[name]["containerimage.config.digest"]).toSorted(),
      );
      // One text for those of one file; an argument is that of the target.
      const { stdout } = await bake(["top"], "list 1 40\nto 8\nexec env\nquit\n");
      expect(stdout).toMatch(/^NAME=mid$/m);
      expect(stdout).not.toContain("# Target");
      const alone = await bake(["only"], "list\nquit\n");
      expect(alone.stdout + alone.stderr).toMatch(/^ +\d+ \| # Target dev: Dockerfile$/m);
    },
  );

  test.runIf(!knowsContexts)("says that the engine's frontend knows no linked targets", async () => {
    const { stderr, exitCode } = await bake(["--run", "web"]);
    expect(stderr).toMatch(/moby\.buildkit\.frontend\.contexts/);
    expect(exitCode).toBe(1);
  });

  test("builds an inline Dockerfile, and debugs it by lines", async () => {
    const { stdout, stderr, exitCode } = await bake(
      ["tool"],
      "to 4\nexec cat /tool.txt\ncontinue\nquit\n".replace("exec cat", "exec /bin/busybox cat"),
    );
    const said = stdout + stderr;
    expect(said).toContain("debugging the Dockerfile of target tool with ");
    expect(said).toMatch(/^base$/m);
    expect(said).toMatch(/^finished: the target is built$/m);
    expect(exitCode).toBe(0);
  });

  test("asks for one of several targets where somebody takes commands, with what to type", async () => {
    const { stderr, exitCode } = await bake([]);
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(/2 targets, and one is debugged at a time/);
    expect(stderr).toMatch(/^ +bktui bake tool\n +bktui bake web$/m);
  });

  test("takes a bake file from standard input, and one in the place of a Dockerfile", async () => {
    const file =
      'target "one" {\n  context = "base"\n  dockerfile-inline = "FROM scratch\\nCOPY base.txt /\\n"\n}\n';
    expect(await bake(["-f", "-", "--run", "one"], file)).toMatchObject({ exitCode: 0 });
    await writeFile(join(directory, "one.hcl"), file);
    const given = await runWithoutTerminal(engine, ["--run", "one.hcl"], "", { cwd: directory, env });
    expect(given).toMatchObject({ exitCode: 0 });
    const compose =
      "services:\n  web:\n    image: x\n    build:\n      context: base\n      dockerfile_inline: |\n        FROM scratch\n        COPY base.txt /\n";
    await writeFile(join(directory, "compose.yaml"), compose);
    const service = ["--run", join(directory, "compose.yaml")];
    expect(await runWithoutTerminal(engine, service, "", { cwd: "/", env })).toMatchObject({ exitCode: 0 });
  });
});

/** "PATH: CONTENT" of each file. */
async function treeOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "busybox");
  const all = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${path.slice(root.length + 1)}: ${await readFile(path, "utf8")}`;
  });
  return (await Promise.all(all)).toSorted();
}
