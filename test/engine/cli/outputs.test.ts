import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { docker, dockerBuild } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../../support/engines.ts";
import { imagesOf } from "../../support/layout-images.ts";
import { OwnEngine } from "../../support/own-engine.ts";
import { run } from "../../support/program.ts";
import { relayToBuildkit } from "../../support/relay.ts";
import type { TestEngine } from "../../support/test-engine.ts";
import { treeListing } from "../../support/tree-listing.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const EPOCH = ["--build-arg", "SOURCE_DATE_EPOCH=1000000000"];

/** Files of every kind and mode that a build makes without rights of its own, beside a whole image. */
const DOCKERFILE = `FROM busybox:1.36 AS files
RUN mkdir -p /r/dir/sub /r/empty && echo a >/r/dir/a && chmod 640 /r/dir/a && ln /r/dir/a /r/hard \\
 && ln -s dir/a /r/link && ln -s /etc/passwd /r/out && chmod 1777 /r/dir/sub && touch -d '2001-02-03 04:05:06' /r/old \\
 && chown 1000:2000 /r/old && chmod 4755 /r/old && mkfifo /r/pipe && echo secret >/r/closed && chmod 0 /r/closed \\
 && touch "/r/two words" "/r/ünï" /r/-dash && dd if=/dev/urandom of=/r/big bs=1M count=3 2>/dev/null && chmod 555 /r/dir
FROM scratch AS result
COPY --from=files /r /
FROM busybox:1.36 AS whole
RUN echo x >/x && ln /x /y
FROM scratch AS nothing
`;

type Made = (args: readonly string[]) => Promise<void>;

function withDocker(engine: TestEngine, context: TestContext): Made {
  return async (args) => {
    const { exitCode, stderr } = await dockerBuild(engine, [...args, context.path]);
    expect(exitCode, stderr).toBe(0);
  };
}

function withBktui(engine: TestEngine, context: TestContext): Made {
  return async (args) => {
    const { exitCode, stderr } = await runWithoutTerminal(engine, ["--run", ...args, context.path]);
    expect(exitCode, stderr).toBe(0);
  };
}

/** A context, and a place beside the Dockerfile that no build is sent. */
async function project(Dockerfile = DOCKERFILE): Promise<TestContext> {
  return await busyboxContext({ files: { Dockerfile, ".dockerignore": "*\n" } });
}

function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

forEachEngine((engine) => {
  const hasBuildx = engine.binDir === undefined || existsSync(join(engine.binDir, "docker-buildx"));

  test.each(["result", "whole", "nothing"])(
    "-o DIR of stage %s is the directory that docker makes",
    async (stage) => {
      await using context = await project();
      const [theirs, ours] = ["theirs", "ours"].map((name) => join(context.path, name, "out"));
      if (theirs === undefined || ours === undefined) return;
      const options = [...EPOCH, "--target", stage];
      await withDocker(engine, context)([...options, "-o", theirs]);
      await withBktui(engine, context)([...options, "-o", ours]);
      // Docker's client of 20.10 keeps no times of directories, and made this one with 0755.
      const listed = (path: string) =>
        treeListing(path).map((line) => (hasBuildx ? line : line.replace(/^(d \S+ \S+) \S+/, "$1")));
      expect(listed(ours)).toEqual(listed(theirs));
      if (stage !== "nothing") expect(treeListing(ours).length).toBeGreaterThan(10);
      if (hasBuildx) expect(statSync(ours).mode).toBe(statSync(theirs).mode);
    },
  );

  test("-o DIR joins a directory that is there as docker does", async () => {
    await using context = await project();
    const listings: (readonly string[])[] = [];
    for (const [name, make] of [
      ["theirs", withDocker(engine, context)],
      ["ours", withBktui(engine, context)],
    ] as const) {
      const out = join(context.path, name);
      mkdirSync(join(out, "dir/sub/kept"), { recursive: true });
      mkdirSync(join(out, "link/full"), { recursive: true });
      for (const file of ["hard", "dir/old", "other", "empty"])
        writeFileSync(join(out, file), "old", { mode: 0o600 });
      symlinkSync("other", join(out, "old"));
      await make([...EPOCH, "--target", "result", "-o", out]);
      // Directories that were there have the time of the change.
      listings.push(
        treeListing(out).map((line) =>
          line.replace(/^(d \S+ \S+) \S+/, "$1").replace(/^(f .*) \d+ ((?:dir\/old|other) )/, "$1 $2"),
        ),
      );
    }
    expect(listings[1]).toEqual(listings[0]);
  });

  test("-o type=tar has the same bytes as docker's", async () => {
    await using context = await project();
    const [theirs, ours] = [join(context.path, "theirs.tar"), join(context.path, "deep/er/ours.tar")];
    const options = [...EPOCH, "--target", "result"];
    await withDocker(engine, context)([...options, "-o", `type=tar,dest=${theirs}`]);
    await withBktui(engine, context)([...options, "-o", `type=tar,dest=${ours}`]);
    const listed = (path: string) => run("tar", ["--numeric-owner", "-tvf", path]);
    expect((await listed(ours)).stdout).toBe((await listed(theirs)).stdout);
    expect(hashOf(ours)).toBe(hashOf(theirs));
    expect(readdirSync(join(context.path, "deep/er"))).toEqual(["ours.tar"]);
  });

  test("an image has the same id, and --iidfile and --metadata-file say what docker's say", async () => {
    await using context = await project();
    const at = (name: string): string => join(context.path, name);
    const name = `bktui-test-outputs:${randomUUID()}`;
    const options = [...EPOCH, "--target", "whole", "-t", name];
    const metadata = hasBuildx ? ["--metadata-file"] : [];
    const plain = hasBuildx ? ["--provenance=false", "--load"] : [];
    const { exitCode, stderr } = await dockerBuild(engine, [
      ...[...options, ...plain, "--iidfile", at("theirs")],
      ...[...metadata.flatMap((flag) => [flag, at("theirs.json")]), context.path],
    ]);
    expect(exitCode, stderr).toBe(0);
    await withBktui(
      engine,
      context,
    )([...options, "--load", "--iidfile", at("ours"), "--metadata-file", at("ours.json")]);
    expect(readFileSync(at("ours"), "utf8")).toBe(readFileSync(at("theirs"), "utf8"));
    const ours: unknown = JSON.parse(readFileSync(at("ours.json"), "utf8"));
    expect(ours).toMatchObject({ "buildx.build.ref": expect.stringMatching(/^default\/default\/\w+$/) });
    if (hasBuildx) {
      const facts = (text: string): unknown => {
        const {
          "buildx.build.ref": _ref,
          "buildx.build.provenance": { builder, buildType, materials, ...provenance },
          ...rest
        } = JSON.parse(text);
        // How it was asked for differs: here the frontend was asked before, and bases are named with their digests.
        const uris = JSON.stringify(materials).replace(/digest=[^&"]*&/g, "");
        return { ...rest, builder, buildType, uris, provenance: Object.keys(provenance) };
      };
      expect(facts(JSON.stringify(ours))).toEqual(facts(readFileSync(at("theirs.json"), "utf8")));
    }
    await docker(engine, ["image", "rm", "--force", name]);
  });

  test("--push brings the image into a registry, and the engine that pulls it has the same one", async () => {
    await using context = await project();
    const name = `127.0.0.1:5000/bktui/outputs:${randomUUID()}`;
    const { exitCode, stdout, stderr } = await runWithoutTerminal(engine, [
      ...["--run", "--push", "-t", name, "--target", "whole", ...EPOCH, context.path],
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain(`pushed: ${name}`);
    expect(stderr).toContain(`pushing ${name} with docker`);
    await docker(engine, ["image", "rm", "--force", name]);
    const pulled = await docker(engine, ["pull", "--quiet", name]);
    expect(pulled.exitCode, pulled.stderr).toBe(0);
    const { stdout: id } = await docker(engine, ["image", "inspect", "--format", "{{.Id}}", name]);
    expect(id.trim()).toBe(stdout.trim());
    await docker(engine, ["image", "rm", "--force", name]);
  });

  test("a registry that is not there is told of in its words, and nothing else is made", async () => {
    await using context = await project();
    const out = join(context.path, "out");
    const several = engine.keepsFailedState ? ["-o", out] : [];
    const { exitCode, stderr } = await runWithoutTerminal(engine, [
      ...[
        "--run",
        "--push",
        "-t",
        "127.0.0.1:1/bktui/outputs",
        ...several,
        "--target",
        "whole",
        context.path,
      ],
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^the target is built, but its outputs could not be made: .*127\.0\.0\.1:1.*refused/m,
    );
    expect(existsSync(out)).toBe(false);
  });

  test("nothing is made when the build fails, and the id of an earlier image does not stay", async () => {
    await using context = await project(`FROM busybox:1.36\nRUN echo ${randomUUID()} && false\n`);
    const at = (name: string): string => join(context.path, name);
    writeFileSync(at("old.tar"), "old");
    writeFileSync(at("iid"), "old");
    for (const args of [
      ["-o", at("out")],
      ["-o", `type=tar,dest=${at("old.tar")}`],
      ["--load", "--iidfile", at("iid")],
    ])
      expect((await runWithoutTerminal(engine, ["--run", ...args, context.path])).exitCode).toBe(1);
    expect(readdirSync(context.path).sort()).toEqual([".dockerignore", "Dockerfile", "busybox", "old.tar"]);
    expect(readFileSync(at("old.tar"), "utf8")).toBe("old");
  });

  test("what this engine cannot make is refused before anything runs", async () => {
    await using context = await project(`FROM busybox:1.36\nRUN echo ${randomUUID()}\n`);
    const { exitCode, stderr } = await runWithoutTerminal(engine, [
      "--run",
      "-o",
      "type=oci,dest=/tmp/x",
      context.path,
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("bktui: OCI exporter is not supported for the docker driver");
    expect(stderr).not.toContain("RUN echo");
  });

  test.runIf(engine.keepsFailedState)("several outputs are made at once (BuildKit since 0.13)", async () => {
    await using context = await project();
    const at = (name: string): string => join(context.path, name);
    const { exitCode, stdout, stderr } = await runWithoutTerminal(engine, [
      ...["--run", "--target", "result", "--load", "-o", at("out"), "-o", `type=tar,dest=${at("out.tar")}`],
      context.path,
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(treeListing(at("out")).length).toBeGreaterThan(10);
    expect(statSync(at("out.tar")).size).toBeGreaterThan(3_000_000);
    await docker(engine, ["image", "rm", "--force", stdout.trim()]);
  });

  test.runIf(!engine.keepsFailedState)(
    "of several outputs an old BuildKit makes none, as docker refuses them",
    async () => {
      await using context = await project();
      const at = (name: string): string => join(context.path, name);
      const { exitCode, stderr } = await runWithoutTerminal(engine, [
        "--run",
        "-o",
        at("a"),
        "-o",
        at("b"),
        context.path,
      ]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("this engine makes one output in a build");
    },
  );
});

describe.runIf(inject("privateSuite") !== undefined)(
  "a dockerd with containerd's store, and a buildkitd",
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

    /** Nothing has to be pulled. */
    const Dockerfile =
      'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\nCMD ["sh"]\n';
    const PLAIN = ["--provenance=false", ...EPOCH];

    test.each(["oci", "docker"])("-o type=%s has the same image as docker's", async (type) => {
      await using context = await busyboxContext({ files: { Dockerfile } });
      const [theirs, ours] = ["theirs.tar", "ours.tar"].map((name) => join(context.path, name));
      if (theirs === undefined || ours === undefined) return;
      await withDocker(own.engine, context)([...PLAIN, "-t", "x/y:1", "-o", `type=${type},dest=${theirs}`]);
      await withBktui(own.engine, context)([...PLAIN, "-t", "x/y:1", "-o", `type=${type},dest=${ours}`]);
      const names = async (path: string) => (await run("tar", ["-tf", path])).stdout;
      expect(await names(ours)).toBe(await names(theirs));
      const index = async (path: string) => (await run("tar", ["-xOf", path, "index.json"])).stdout;
      expect(JSON.parse(await index(ours))).toEqual(JSON.parse(await index(theirs)));
    });

    test("-o type=oci,tar=false has the same layout as docker's, and joins one that is there", async () => {
      await using context = await busyboxContext({ files: { Dockerfile } });
      const [theirs, ours] = ["theirs", "ours"].map((name) => join(context.path, "made", name));
      if (theirs === undefined || ours === undefined) return;
      for (const names of [[], ["-t", "x/y:1", "-t", "z"]]) {
        const options = [...PLAIN, ...names];
        await withDocker(own.engine, context)([...options, "-o", `type=oci,tar=false,dest=${theirs}`]);
        await withBktui(own.engine, context)([...options, "-o", `type=oci,tar=false,dest=${ours}`]);
      }
      const blobs = (path: string) => readdirSync(join(path, "blobs/sha256")).sort();
      expect(blobs(ours)).toEqual(blobs(theirs));
      expect(blobs(ours).length).toBeGreaterThan(2);
      const index = (path: string) => JSON.parse(readFileSync(join(path, "index.json"), "utf8"));
      expect(index(ours)).toEqual(index(theirs));
      expect(readdirSync(ours).filter((name) => name.startsWith("."))).toEqual([]);
    });

    test.each<[string, readonly string[]]>([
      ["by default", []],
      ["with all provenance", ["--provenance=mode=max"]],
      ["attested", ["--attest", "type=provenance,mode=min"]],
      ["annotated, alone", ["--provenance=false", "--annotation", "manifest:a.b=c", "--annotation", "g=h"]],
      [
        "annotated, with its index",
        ["--provenance=mode=max", "--annotation", "manifest:a.b=c", "--annotation", "index:d.e=f"],
      ],
    ])("%s the image in an index is docker's, with the same attestations beside it", async (_, options) => {
      await using context = await busyboxContext({ files: { Dockerfile } });
      const seen: unknown[] = [];
      for (const [name, make] of [
        ["theirs", withDocker(own.engine, context)],
        ["ours", withBktui(own.engine, context)],
      ] as const) {
        const path = join(context.path, name);
        await make([...EPOCH, ...options, "-o", `type=oci,tar=false,dest=${path}`]);
        seen.push(imagesOf(path));
      }
      expect(seen[1]).toEqual(seen[0]);
    });

    test("a layout is not touched when the build fails", async () => {
      const failing = `${Dockerfile}RUN ["/bin/false"]\n`;
      await using context = await busyboxContext({ files: { Dockerfile: failing } });
      const out = join(context.path, "made/out");
      const args = ["--run", "-o", `type=oci,tar=false,dest=${out}`, context.path];
      expect((await runWithoutTerminal(own.engine, args)).exitCode).toBe(1);
      expect(existsSync(join(context.path, "made"))).toBe(false);
    });

    test("--load: image, id and metadata are docker's, with and without provenance", async () => {
      await using context = await busyboxContext({ files: { Dockerfile } });
      const at = (name: string): string => join(context.path, name);
      for (const [index, options] of [PLAIN, EPOCH].entries()) {
        const iid = (who: string): readonly string[] => [
          "--iidfile",
          at(who),
          "--metadata-file",
          at(`${who}.json`),
        ];
        const theirs = await dockerBuild(own.engine, [...options, ...iid("theirs"), context.path], {
          load: true,
        });
        expect(theirs.exitCode, theirs.stderr).toBe(0);
        await withBktui(own.engine, context)([...options, ...iid("ours"), "--load"]);
        const said = (who: string): Readonly<Record<string, unknown>> => {
          // Since buildx 0.36 the configuration's digest is left out, as nothing can be found by it.
          const {
            "buildx.build.provenance": _provenance,
            "containerimage.config.digest": _config,
            ...rest
          } = JSON.parse(readFileSync(at(`${who}.json`), "utf8"));
          return rest;
        };
        expect(Object.keys(said("ours"))).toEqual(Object.keys(said("theirs")));
        expect(readFileSync(at("ours"), "utf8")).toBe(said("ours")["containerimage.digest"]);
        // An index with provenance is another one in every build.
        if (index === 0)
          expect(said("ours")["containerimage.digest"]).toBe(said("theirs")["containerimage.digest"]);
      }
    });

    test("--load on a buildkitd goes into the docker that belongs to it, whichever store that has", async () => {
      await using relay = await relayToBuildkit(own.engine);
      const buildkitd = { ...own.engine, kind: "buildkitd" as const, dockerHost: relay.address.text };
      await using context = await busyboxContext({ files: { Dockerfile } });
      for (const into of [own.engine, ...inject("engines")]) {
        const name = `bktui-test-loaded:${randomUUID()}`;
        const { exitCode, stderr, stdout } = await runWithoutTerminal(
          buildkitd,
          ["--run", "--load", "-t", name, ...PLAIN, context.path],
          "",
          { loadInto: into },
        );
        expect(exitCode, stderr).toBe(0);
        expect(stderr).toContain("importing to docker");
        const { stdout: id } = await docker(into, ["image", "inspect", "--format", "{{.Id}}", name]);
        expect(id.trim()).toBe(stdout.trim());
        await docker(into, ["image", "rm", "--force", name]);
      }
    });

    test("--load on a buildkitd without a docker is refused before anything runs", async () => {
      await using relay = await relayToBuildkit(own.engine);
      const buildkitd = { ...own.engine, kind: "buildkitd" as const, dockerHost: relay.address.text };
      await using context = await busyboxContext({ files: { Dockerfile } });
      const { exitCode, stderr } = await runWithoutTerminal(buildkitd, ["--run", "--load", context.path]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("--load needs a docker");
      expect(stderr).not.toContain("busybox");
    });
  },
);
