/** Builds for several platforms: what docker makes of the same line, and threads that are walked one by one. */
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { dockerBuildx } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { imagesOf } from "../../support/layout-images.ts";
import { OwnEngine } from "../../support/own-engine.ts";
import { treeListing } from "../../support/tree-listing.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

/** An amd64 runs what is for 386. */
const BOTH = "--platform=linux/amd64,linux/386";
const SAME = ["--provenance=false", "--build-arg=SOURCE_DATE_EPOCH=1700000000"];
/** The first stage is the same for both. */
const Dockerfile = `FROM scratch AS files
COPY a.txt /a.txt
FROM scratch
ARG TARGETARCH
COPY busybox /bin/sh
COPY --from=files /a.txt /a.txt
RUN echo for $TARGETARCH >/arch
RUN echo second on $TARGETARCH
`;
const FILES = { Dockerfile, "a.txt": "a\n", ".dockerignore": "theirs*\nours*\n" };

describe.skipIf(inject("privateSuite") === undefined)(
  "an engine whose store has images of several platforms (needs a private engine)",
  () => {
    let own: OwnEngine;
    beforeAll(async () => {
      own = await OwnEngine.start(undefined, {
        daemonJson: { features: { "containerd-snapshotter": true } },
      });
    });
    afterAll(async () => {
      await own[Symbol.asyncDispose]();
    });

    /** Exit codes and what was said, docker's first. */
    async function byBoth(args: readonly string[], cwd: string, output: (name: string) => readonly string[]) {
      const theirs = await dockerBuildx(own.engine, [...args, ...output("theirs"), "."], { cwd });
      const ours = await runWithoutTerminal(own.engine, ["--run", ...args, ...output("ours"), "."], "", {
        cwd,
      });
      return { theirs, ours };
    }

    test("the images of an index and the directories are docker's, and each image can have its provenance", async () => {
      await using context = await busyboxContext({ files: FILES, unique: true });
      const places = (name: string) => [
        ...["-o", `type=oci,tar=false,dest=${join(context.path, `${name}-layout`)}`],
        ...["-o", join(context.path, name)],
        ...["--metadata-file", join(context.path, `${name}.json`)],
      ];
      const made = await byBoth([BOTH, ...SAME], context.path, places);
      expect([made.theirs.exitCode, made.ours.exitCode], made.ours.stderr).toEqual([0, 0]);
      const [theirs, ours] = ["theirs", "ours"].map((name) => imagesOf(join(context.path, `${name}-layout`)));
      expect(ours).toHaveLength(2);
      expect(ours).toEqual(theirs);
      const told = (name: string) =>
        Object.keys(JSON.parse(readFileSync(join(context.path, `${name}.json`), "utf8"))).sort();
      expect(told("ours")).toEqual(told("theirs"));
      const listed = (name: string) =>
        treeListing(join(context.path, name)).map((line) => line.replace(/ \d{10} /, " "));
      expect(listed("ours").join("\n")).toMatch(/linux_386\/arch[\s\S]*linux_amd64\/arch/);
      expect(listed("ours")).toEqual(listed("theirs"));
      const layout = join(context.path, "ours-attested");
      await runWithoutTerminal(own.engine, [
        "--run",
        BOTH,
        "-o",
        `type=oci,tar=false,dest=${layout}`,
        context.path,
      ]);
      expect(imagesOf(layout)).toHaveLength(4);
    });

    test("what docker's archive cannot hold is refused in docker's words, and a failure names the platform", async () => {
      const failing = `${Dockerfile}RUN test $TARGETARCH = amd64\nRUN exit 3\n`;
      await using context = await busyboxContext({ files: { ...FILES, Dockerfile: failing }, unique: true });
      const refused = await byBoth([BOTH], context.path, (name) => ["-o", `type=docker,dest=${name}`]);
      const words = "docker exporter does not support exporting manifest lists, use the oci exporter instead";
      expect([refused.theirs.exitCode, refused.theirs.stderr]).toEqual([1, expect.stringContaining(words)]);
      expect([refused.ours.exitCode, refused.ours.stderr]).toEqual([1, expect.stringContaining(words)]);
      const failed = await byBoth([BOTH], context.path, (name) => ["-o", name]);
      expect([failed.theirs.exitCode, failed.ours.exitCode]).toEqual([1, 1]);
      expect(failed.ours.stderr).toMatch(/^linux\/(386: step 6|amd64: step 7)\/7 failed: exit code [13]/m);
      const exporting = ["--export-type=tar", "--export-path", join(context.path, "ours.tar")];
      const all = await runWithoutTerminal(own.engine, [
        ...["--run", "--keep-going", BOTH, ...exporting, context.path],
      ]);
      // Whichever failed first is told first.
      expect(all.stderr.match(/^failed: .*$/gm)?.sort()).toEqual([
        "failed: linux/386: step 6/7",
        "failed: linux/amd64: step 7/7",
      ]);
      expect(readdirSync(context.path).filter((name) => name.endsWith(".tar"))).toEqual([
        ...["ours-linux_386.tar", "ours-linux_amd64.tar"],
      ]);
    });

    test("each thread is stepped by itself, with shells of its own, and what they share runs once", async () => {
      await using context = await busyboxContext({ files: FILES, unique: true });
      const lines = [
        "finish", // linux/amd64 has its first stage, and so has the other
        "thread",
        "thread 386",
        "steps",
        "run-to-nowhere",
        "to 7",
        "next",
        "shell",
        "cat /arch",
        "exit",
        "thread amd64",
        "here",
        "break 8",
        "c", // to line 8 in both
        "thread",
        "c",
        "thread",
      ];
      const args = ["--ui=plain", BOTH, "-o", join(context.path, "ours"), context.path];
      const { stdout } = await runWithoutTerminal(own.engine, args, `${lines.join("\n")}\n`);
      expect(stdout).toMatch(/loaded Dockerfile: 5 steps in 2 stages, for linux\/amd64, linux\/386/);
      expect(stdout).toMatch(/^> 1 linux\/amd64 {2}paused before step 3\/5/m);
      expect(stdout).toMatch(/^ {2}2 linux\/386 {4}paused before step 1\/5/m);
      expect(stdout).toMatch(/^> {4}1\/5 (cached|done).* COPY a.txt \/a.txt {2}\(all platforms\)$/m);
      expect(stdout).toMatch(/^for 386$/m);
      expect(stdout).not.toMatch(/^for amd64$/m);
      expect(stdout).toMatch(/linux\/amd64: paused before step 3\/5/);
      expect(stdout).toMatch(
        /\(bktui linux\/amd64 5\/5 paused\) thread\n(.*\n)*?> 1 linux\/amd64 {2}paused before step 5\/5.*\n {2}2 linux\/386 {4}built, waits for linux\/amd64$/m,
      );
      expect(stdout).toContain("finished: the target is built");
      expect(stdout.match(/\] COPY a.txt \/a.txt$/gm)).toHaveLength(1);
    });
  },
);

/** The head of a program for LoongArch, which no test machine emulates. */
function foreignProgram(): Buffer {
  const head = Buffer.alloc(64);
  head.write("\u007fELF\u0002\u0001\u0001", "latin1");
  for (const [at, value] of [
    [16, 2],
    [18, 258],
    [52, 64],
    [54, 56],
  ] as const)
    head.writeUInt16LE(value, at);
  head.writeUInt32LE(1, 20);
  return head;
}

forEachEngine((engine) => {
  test("missing emulation is said before anything runs and at the failure, with what installs it", async () => {
    const Foreign = "FROM scratch\nCOPY foreign /bin/sh\nRUN make\n";
    await using context = await busyboxContext({ files: { Dockerfile: Foreign }, unique: true });
    await writeFile(join(context.path, "foreign"), foreignProgram(), { mode: 0o755 });
    const { stderr, exitCode } = await runWithoutTerminal(engine, [
      "--run",
      "--platform=linux/loong64",
      context.path,
    ]);
    expect(exitCode).toBe(1);
    const install = "docker run --privileged --rm tonistiigi/binfmt --install loong64";
    expect(stderr).toMatch(
      /^warning: linux\/loong64: the engine's machine has no emulation .* its RUN step .* --install loong64 /m,
    );
    expect(stderr).toContain("/bin/sh is a program for loong64, as linux/loong64 asks for");
    expect(stderr.split(`  ${install}  installs`)).toHaveLength(2);
  });

  test("a store for images of one platform refuses several in docker's words", async () => {
    await using context = await busyboxContext({ files: FILES });
    const args = [BOTH, "."];
    const theirs = await dockerBuildx(engine, args, { cwd: context.path });
    const ours = await runWithoutTerminal(engine, ["--run", ...args], "", { cwd: context.path });
    const words = "Multi-platform build is not supported for the docker driver";
    expect([theirs.exitCode, theirs.stderr]).toEqual([1, expect.stringContaining(words)]);
    expect([ours.exitCode, ours.stderr]).toEqual([1, expect.stringContaining(words)]);
  });
});
