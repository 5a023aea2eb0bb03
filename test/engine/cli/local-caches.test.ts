/** `--cache-to` and `--cache-from` with a directory: what bktui keeps there docker takes, and the other way round. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { dockerBuildx } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { OwnEngine } from "../../support/own-engine.ts";
import type { Ended } from "../../support/program.ts";
import { printed } from "../../support/same-image.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const DOCKERFILE = [
  "FROM scratch",
  "COPY busybox /bin/busybox",
  'RUN ["/bin/busybox", "sh", "-c", "echo made > /made; echo ran"]',
  "",
].join("\n");

const startEngine = () =>
  OwnEngine.start(undefined, { daemonJson: { features: { "containerd-snapshotter": true } } });

/** Options of a build that leaves a cache in a directory, and of one on an engine that has never seen it. */
async function carried(
  maker: "docker" | "bktui",
  taker: "docker" | "bktui",
  [to, from]: readonly [to: string, from: string],
): Promise<{ readonly made: Built; readonly taken: Built; readonly index: unknown }> {
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
  const build = (who: "docker" | "bktui", { engine }: OwnEngine, args: readonly string[]): Promise<Built> =>
    who === "docker"
      ? dockerBuildx(engine, ["--progress=plain", ...args, "."], { cwd: context.path })
      : runWithoutTerminal(engine, ["--run", ...args, "."], "", { cwd: context.path });
  await using first = await startEngine();
  const made = await build(maker, first, ["--cache-to", to]);
  const index: unknown = JSON.parse(await readFile(join(context.path, "cache", "index.json"), "utf8"));
  await using second = await startEngine();
  return { made, taken: await build(taker, second, ["--cache-from", from]), index };
}

type Built = Pick<Ended, "exitCode" | "stderr">;

describe.skipIf(inject("privateSuite") === undefined)("containerd's store (needs a private engine)", () => {
  test.each([
    ["bktui", "docker", "latest"],
    ["bktui", "bktui", "mine"],
    ["docker", "bktui", "mine"],
  ] as const)("what %s exports %s imports, by the tag %s", async (maker, taker, tag) => {
    const where = [`type=local,dest=cache,mode=max,tag=${tag}`, `type=local,src=cache,tag=${tag}`] as const;
    // buildx 0.29 does not know it, bktui deletes nothing that is needed.
    const { made, taken, index } = await carried(maker, taker, [`${where[0]},reset=true`, where[1]]);
    expect([made.exitCode, printed(made)]).toEqual([0, ["ran"]]);
    expect(index).toMatchObject({
      manifests: [{ annotations: { "org.opencontainers.image.ref.name": tag } }],
    });
    expect([taken.exitCode, printed(taken)]).toEqual([0, []]);
    expect(taken.stderr).toMatch(/^#\d+ CACHED$/m);
  });
});

forEachEngine((engine) => {
  test("a directory without a cache is passed over, and an export that the engine cannot make is refused", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
    const around = { cwd: context.path };
    const none = await runWithoutTerminal(
      engine,
      ["--run", "--cache-from", "type=local,src=no", "."],
      "",
      around,
    );
    expect([none.exitCode, printed(none)]).toEqual([0, ["ran"]]);
    expect(none.stderr).toMatch(/no cache is taken from .*no: /);
    const argv = ["--cache-to", "type=local,dest=x", "."];
    const refused = await runWithoutTerminal(engine, ["--run", ...argv], "", around);
    const theirs = await dockerBuildx(engine, argv, around);
    expect([refused.exitCode, theirs.exitCode]).toEqual([1, 1]);
    expect(refused.stderr).toMatch(/exports no cache/);
    expect(await readdir(context.path)).not.toContain("x");
  });
});
