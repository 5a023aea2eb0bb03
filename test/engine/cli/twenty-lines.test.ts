/**
 * Command lines as people have them, each for docker and for bktui on the same engine: the same verdict, the same image, the
 * same files. What docker is asked first, bktui finds in the cache. Single options are compared in docker-options.test.ts.
 */
import { execFileSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { dockerfile } from "../../support/compared-builds.ts";
import { buildxDirectory, dockerBuildx } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../../support/engines.ts";
import { GitServer, HAS_GIT_DAEMON } from "../../support/git-server.ts";
import { hasProgram } from "../../support/has-program.ts";
import { writeLayout } from "../../support/oci-layout.ts";
import { treeListing } from "../../support/tree-listing.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

/** What docker makes of it. */
type Makes = "image" | "files" | "nothing" | "refusal";

interface Line {
  readonly name: string;
  readonly makes: Makes;
  /** Refused by BuildKit 0.8, for all that docker knows. */
  readonly isNew?: true;
  /** OUT is a path in a directory DIR that is not there yet, GIT the address of the repository. */
  readonly args: readonly string[];
  readonly bake?: true;
  readonly input?: (directory: string) => string | Uint8Array;
  readonly needs?: keyof typeof HAS;
}

const HAS = { "ssh-keygen": hasProgram("ssh-keygen"), "git-daemon": HAS_GIT_DAEMON };

const BAKE = `
target "base" { dockerfile-inline = "FROM busybox:1.36\\nRUN echo base > /base\\n" }
target "web" {
  context = "app"
  dockerfile = "Base"
  contexts = { base = "target:base" }
}
target "tool" { dockerfile-inline = "FROM scratch\\nCOPY shared /\\n" }
`;
const STAGES = `FROM busybox:1.36 AS build
ARG WHO=nobody
ARG TAKEN
RUN mkdir /r && echo "$WHO $TAKEN" > /r/who && ln -s who /r/link && chmod 750 /r
FROM scratch AS files
COPY --from=build /r /r
FROM busybox:1.36 AS unused
RUN false
FROM build
COPY . /app
`;
const FILES: Readonly<Record<string, string>> = {
  "app/Dockerfile": STAGES,
  "app/.dockerignore": "*.log\n!keep.log\nsub\n",
  ...Object.fromEntries(["a.txt", "a.log", "keep.log", "sub/b.txt"].map((name) => [`app/${name}`, name])),
  "app/Named": dockerfile("COPY --from=shared settings.ini /s.ini"),
  "app/Base": dockerfile().replace("busybox:1.36", "base"),
  "app/Heredoc": dockerfile("RUN <<EOF", "set -e", "echo one > /one", "EOF", "COPY <<two /two", "2", "two"),
  "app/Mounts": dockerfile(
    "RUN --mount=type=bind,target=/m --mount=type=cache,target=/c cp /m/a.txt /c && cp /c/a.txt /",
  ),
  "app/Secret": dockerfile(
    "RUN --mount=type=secret,id=tok cat /run/secrets/tok > /tok",
    "RUN --mount=type=secret,id=env,target=/e cat /e > /env",
  ),
  "app/Ssh": dockerfile("RUN --mount=type=ssh,required=true test -S $SSH_AUTH_SOCK"),
  "app/Arch": "FROM scratch\nCOPY a.txt /\n",
  "app/Fails": dockerfile("RUN exit 3"),
  "app/Refused": "FROM busybox:1.36\nRUNN x\n",
  "shared/settings.ini": "[x]\n",
  Out: dockerfile("COPY . /app"),
  "Out.dockerignore": "sub\n",
  tok: "s3cret",
  "docker-bake.hcl": BAKE,
};

const LINES: readonly Line[] = [
  { name: "stages and ignore file", makes: "image", args: ["app"] },
  { name: "target", makes: "image", args: ["--target=build", "app"] },
  { name: "args", makes: "image", args: ["--build-arg", "WHO=me", "--build-arg=TAKEN", "app"] },
  {
    name: "secrets",
    makes: "image",
    args: ["--secret", "id=tok,src=tok", "--secret=id=env,env=TAKEN", "-fapp/Secret", "app"],
  },
  {
    name: "ssh",
    makes: "image",
    args: ["--ssh", "default=key", "-f", "app/Ssh", "app"],
    needs: "ssh-keygen",
  },
  {
    name: "named context",
    makes: "image",
    isNew: true,
    args: ["--build-context", "shared=shared", "-f", "app/Named", "app"],
  },
  {
    name: "image for a name",
    makes: "image",
    isNew: true,
    args: ["--build-context=base=docker-image://busybox:1.36", "-f=app/Base", "app"],
  },
  { name: "Dockerfile and ignore file outside", makes: "image", args: ["-f", "Out", "app"] },
  { name: "git, branch", makes: "image", args: ["GIT#other"], needs: "git-daemon" },
  { name: "git, directory", makes: "image", isNew: true, args: ["GIT#master:sub"], needs: "git-daemon" },
  {
    name: "tar on standard input",
    makes: "image",
    args: ["-"],
    input: (from) => execFileSync("tar", ["-c", "-C", join(from, "app"), "."]),
  },
  {
    name: "Dockerfile on standard input",
    makes: "image",
    args: ["-f", "-", "app"],
    input: () => `${STAGES}RUN echo piped\n`,
  },
  {
    name: "OCI layout, without containerd's store",
    makes: "refusal",
    args: ["--build-context=base=oci-layout://lay:1.0", "-f=app/Base", "app"],
  },
  {
    name: "labels and names",
    makes: "image",
    args: ["-t", "twenty:1", "--tag", "twenty:2", "--label", "a=b", "--label=c", "app"],
  },
  { name: "heredocs", makes: "image", isNew: true, args: ["-f", "app/Heredoc", "app"] },
  { name: "mounts", makes: "image", args: ["-f", "app/Mounts", "app"] },
  { name: "one platform", makes: "image", args: ["--platform=arm64", "-f", "app/Arch", "app"] },
  {
    name: "several platforms, without containerd's store",
    makes: "refusal",
    args: ["--platform", "linux/amd64,arm64", "-f", "app/Arch", "app"],
  },
  { name: "output: directory", makes: "files", args: ["--target", "files", "-o", "OUT", "app"] },
  { name: "output: tar", makes: "files", args: ["--target", "files", "--output=type=tar,dest=OUT", "app"] },
  {
    name: "output: several",
    makes: "files",
    isNew: true,
    args: ["--target=files", "-o", "type=local,dest=DIR/one", "-o", "type=tar,dest=DIR/two.tar", "app"],
  },
  { name: "output: cache only", makes: "nothing", args: ["-o", "type=cacheonly", "app"] },
  {
    name: "output: an image layout, without containerd's store",
    makes: "refusal",
    args: ["-o", "type=oci,dest=OUT", "app"],
  },
  {
    name: "bake, linked",
    makes: "image",
    isNew: true,
    bake: true,
    args: ["web", "--set=web.output=type=docker"],
  },
  {
    name: "bake, inline",
    makes: "files",
    bake: true,
    args: ["tool", "--set=tool.output=type=local,dest=OUT"],
  },
  { name: "a failing step", makes: "refusal", args: ["-f", "app/Fails", "app"] },
  { name: "a refused Dockerfile", makes: "refusal", args: ["-f", "app/Refused", "app"] },
];

forEachEngine((engine) => {
  /** Named contexts, heredocs and directories of repositories came with BuildKit 0.10. */
  const knowsContexts = engine.version?.startsWith("20.") !== true;
  let context: TestContext;
  let git: GitServer | undefined;
  beforeAll(async () => {
    context = await busyboxContext({ files: FILES });
    await writeLayout(join(context.path, "lay"), inject("busybox"), "1.0");
    // Pulled by several builds at once, the image gets several times in BuildKit 0.8.
    const pulled = await dockerBuildx(engine, ["-"], { input: "FROM busybox:1.36\nRUN true\n" });
    expect(pulled).toMatchObject({ exitCode: 0 });
    if (HAS["ssh-keygen"])
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(context.path, "key")]);
    if (HAS_GIT_DAEMON)
      git = await GitServer.start(engine, {
        Dockerfile: dockerfile("COPY sub /sub"),
        "sub/Dockerfile": dockerfile("COPY b.txt /"),
        "sub/b.txt": "b",
      });
  });
  afterAll(async () => {
    await git?.[Symbol.asyncDispose]();
    await context[Symbol.asyncDispose]();
  });

  const rows = LINES.map((line, index) => [line.name, line, `${index}`] as const);
  test.concurrent.each(rows)("%s", async (_name, { makes, isNew, args, bake, input, needs }, index) => {
    if (needs !== undefined && !HAS[needs]) return;
    const builds = makes !== "refusal" && (isNew === undefined || knowsContexts);
    const directoryOf = (who: string): string => join(context.path, "made", index, who);
    const wordsOf = (who: string): readonly string[] => {
      const words = { OUT: join(directoryOf(who), "out"), DIR: directoryOf(who), GIT: git?.url ?? "" };
      return args.map((word) => word.replace(/OUT|DIR|GIT/, (name) => words[name as keyof typeof words]));
    };
    for (const who of ["docker", "bktui"]) await mkdir(directoryOf(who), { recursive: true });
    const env = {
      SOURCE_DATE_EPOCH: "1700000000",
      TAKEN: "taken",
      PATH: `${buildxDirectory(engine)}:${process.env["PATH"]}`,
    };
    const around = { cwd: context.path, env, input: input?.(context.path) ?? "" };
    const command = bake === true ? "bake" : "build";
    const facts = join(context.path, `${index}.json`);
    const all = ["--provenance=false", `--metadata-file=${facts}`, ...wordsOf("docker")];
    const docker = await dockerBuildx(engine, all, { ...around, command });
    const kept = makes === "image" && bake === undefined ? ["--load"] : [];
    const argv = [command, "--run", "--provenance=false", ...kept, ...wordsOf("bktui")];
    const bktui = await runWithoutTerminal(engine, argv, around.input, around);
    expect([docker.exitCode === 0, docker.stderr]).toEqual([builds, docker.stderr]);
    expect([bktui.exitCode, bktui.stderr]).toEqual([docker.exitCode, bktui.stderr]);
    const files = listed(directoryOf("bktui"));
    // Where docker fails it leaves files behind that it has begun.
    expect(files).toEqual(builds ? listed(directoryOf("docker")) : []);
    expect(files.length > 0).toBe(builds && makes === "files");
    if (!builds || makes !== "image") return;
    const told = JSON.parse(await readFile(facts, "utf8"));
    const made = bake === true ? told.web : told;
    // BuildKit 0.8 knows one digest only.
    expect(bktui.stdout.trim()).toBe(made["containerimage.config.digest"] ?? made["containerimage.digest"]);
    expect(bktui.stdout).toMatch(/^sha256:[0-9a-f]{64}$/m);
  });
});

/** Without owners and times of what docker made a moment before. */
function listed(path: string): readonly string[] {
  return treeListing(path).map((line) => line.replace(/^(\S \S+) \S+ \S+/, "$1"));
}
