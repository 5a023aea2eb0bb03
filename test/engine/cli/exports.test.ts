/** `export` in the line mode: every type, on every kind of image store. */
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { docker } from "../../support/docker-client.ts";
import { busyboxContext, testEngines } from "../../support/engines.ts";
import { OwnEngine } from "../../support/own-engine.ts";
import { privateRegistry } from "../../support/private-registry.ts";
import { STATE_LISTING } from "../../support/state-listing.ts";
import type { TestEngine } from "../../support/test-engine.ts";
import { treeListing } from "../../support/tree-listing.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const DEADLINE_MS = 180_000;
const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN mkdir -p /d/old /behind && echo base > /d/gone && echo under > /behind/file
WORKDIR /d
ENV WHO="step of it"
USER 0:5
RUN --mount=type=cache,target=/behind echo the step runs; umask 0; rm gone; echo partial > partial; \\
  chown 1234:77 partial; chmod 4751 partial; ln -s partial link; ln partial name2; mkdir -m 1777 empty; \\
  mkfifo pipe; dd if=/dev/null of=sparse bs=1 seek=1M 2>/dev/null; exit 7
`;

async function exportsAll(engine: TestEngine): Promise<void> {
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
  await using registry = await privateRegistry(engine, inject("busybox"), { kind: "open" });
  const out = join(context.path, "out");
  mkdirSync(out);
  const id = randomUUID();
  const [name, loaded, base, again] = ["failed", "loaded", "base", "again"].map(
    (what) => `bktui-test:${what}-${id}`,
  );
  const pushed = `${registry.host}/bktui/failed:1`;
  const script = [
    "continue",
    // Where FAILED has to be made again, once is enough for all: in the container of a shell.
    ...(engine.keepsFailedState ? [] : ["shell", "true", "exit"]),
    `export docker ${name}`,
    `export -o type=docker,name=${loaded},dest=loaded.tar`,
    "export oci oci.tar",
    "export tar files.tar",
    "export local files",
    `export registry ${pushed}`,
    `export registry ${pushed}`,
    `export base docker ${base}`,
    `export --rebuild docker ${again}`,
    "rerun",
    "continue",
    "quit",
  ];
  const { stdout } = await runWithoutTerminal(
    engine,
    ["--ui=plain", context.path],
    `${script.join("\n")}\n`,
    {
      cwd: out,
    },
  );
  expect(stdout).toContain(`in docker's store: ${name}\n`);
  expect(stdout).toMatch(new RegExp(`${pushed} in its registry (is|are) there already`));
  expect(stdout).toContain("note: the command was run again for it");
  // Nothing that was exported is taken for its result: it fails again.
  expect(stdout.split("RUN --mount=type=cache,target=/behind echo the step runs").length).toBeGreaterThan(3);
  expect(stdout.match(/step 5\/5 failed: exit code 7/g)).toHaveLength(2);
  expect(readdirSync(out).sort()).toEqual(["files", "files.tar", "loaded.tar", "oci.tar"]);

  const run = async (image: string, command: string): Promise<string> =>
    (await docker(engine, ["run", "--rm", "--network=none", image, "-c", command])).stdout;
  expect(await run(`${name}`, "id -u; id -g; pwd; echo $WHO; cat /behind/file")).toBe(
    "0\n5\n/d\nstep of it\nunder\n",
  );
  const listed = await run(`${name}`, STATE_LISTING);
  expect(listed).toContain("./d/name2");
  expect((await docker(engine, ["load", "-i", join(out, "loaded.tar")])).stdout).toContain(loaded);
  await docker(engine, ["image", "rm", "--force", pushed]);
  for (const image of [loaded, pushed]) expect(await run(`${image}`, STATE_LISTING)).toBe(listed);
  const clean = await run(`${base}`, STATE_LISTING);
  expect(clean).toContain("./d/gone");
  expect(clean).not.toContain("partial");
  expect(await run(`${again}`, "ls /d")).toBe("empty\nlink\nname2\nold\npartial\npipe\nsparse\n");

  const unpacked = (file: string): string => {
    const directory = join(out, `${file}-unpacked`);
    mkdirSync(directory);
    execFileSync("tar", ["-xpf", join(out, file), "-C", directory]);
    return directory;
  };
  // A directory belongs to whoever has it written, and has other times.
  const facts = (directory: string): readonly string[] =>
    treeListing(directory).map((line) => line.replace(/^(\S+ \S+) \S+ \d+/, "$1"));
  expect(facts(join(out, "files"))).toEqual(facts(unpacked("files.tar")));
  expect(
    facts(join(out, "files")).filter((line) => / d\/(partial|name2|link|pipe|empty)/.test(line)),
  ).toHaveLength(5);
  const layout = unpacked("oci.tar");
  const blob = (digest: string): Buffer => {
    const bytes = readFileSync(join(layout, "blobs", digest.replace(":", "/")));
    expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(digest);
    return bytes;
  };
  const [top] = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")).manifests;
  const { config, layers } = JSON.parse(blob(top.digest).toString());
  expect(layers).toHaveLength(1);
  blob(layers[0].digest);
  expect(JSON.parse(blob(config.digest).toString())).toMatchObject({
    config: {
      User: "0:5",
      WorkingDir: "/d",
      Entrypoint: ["/bin/sh"],
      Labels: { "dev.bktui.state": "failed" },
    },
  });
  await docker(engine, ["image", "rm", "--force", ...[name, loaded, base, again, pushed].map(String)]);
}

for (const engine of testEngines())
  test(`a state becomes what is asked for, on ${engine.name}`, { timeout: DEADLINE_MS }, async () => {
    await exportsAll(engine);
  });

const ownSuite = inject("privateSuite");
test.runIf(ownSuite !== undefined)(
  "a state becomes what is asked for, on containerd's image store",
  { timeout: DEADLINE_MS },
  async () => {
    await using own = await OwnEngine.start(undefined, {
      daemonJson: { features: { "containerd-snapshotter": true } },
    });
    await exportsAll(own.engine);
  },
);
