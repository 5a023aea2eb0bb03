/** A state that leaves the engine. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Bench, context, docker, leave, opened } from "../bench.ts";
import { type Figure, median, type Row, timed } from "../figure.ts";
import { memoryOf } from "./memory.ts";

const MEBIBYTES = 1024;
/** Each round costs several gigabytes of disk. */
const ROUNDS = 3;
const FILL = `head -c ${MEBIBYTES}m /dev/urandom > /filled`;
const MINUTES_MS = 600_000;

/** The failed state as an archive of an image, and a container of the same content committed and saved. */
async function measure(bench: Bench): Promise<readonly Row[]> {
  const out = join(bench.scratch, "export");
  await mkdir(out);
  const found = { ours: [] as number[], peer: [] as number[], memory: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const { ms, megabytes } = await exported(bench, join(out, "ours.tar"));
    found.ours.push(ms);
    found.memory.push(megabytes);
    found.peer.push(await committed(bench, join(out, "theirs.tar"), round));
    await docker(bench, ["prune", "-af"]);
  }
  await rm(out, { recursive: true });
  return [
    {
      what: "a failed state of 1 GiB as an image's archive",
      unit: "ms",
      ours: found.ours,
      peer: { what: "`docker commit`, then `docker save`", samples: found.peer },
      target: { words: "2 x the peer", allowed: 2 * median(found.peer) },
      limit:
        "tar out of the container, the engine's copy of it, the layer; the older image store saves it once more",
    },
    {
      what: "peak memory of bktui meanwhile",
      unit: "MB",
      ours: found.memory,
      peer: { what: "", samples: [] },
      target: { words: "160 MB", allowed: 160 },
      limit: "what waits for the engine: four megabytes of the archive",
    },
  ];
}

async function exported(
  bench: Bench,
  path: string,
): Promise<{ readonly ms: number; readonly megabytes: number }> {
  await rm(path, { force: true });
  const project = await context(bench, [`RUN ${FILL} && false`]);
  const terminal = await opened(bench, project, { waitMs: MINUTES_MS });
  terminal.type("c");
  await terminal.untilRow(1, /FAILED/);
  const ms = await timed(async () => {
    terminal.type(`:export tarball ${path}\r`);
    await terminal.until(/exported FAILED/);
  });
  const megabytes = await memoryOf(await terminal.pid());
  await leave(terminal);
  return { ms, megabytes };
}

async function committed(bench: Bench, path: string, round: number): Promise<number> {
  const image = `bktui-bench-export:${process.pid}-${round}`;
  const [container, saved] = [`bktui-bench-${process.pid}-${round}`, `${image}-saved`];
  await docker(bench, ["build", "--load", "-t", image, await context(bench, [])]);
  await docker(bench, ["run", "--name", container, image, "/bin/sh", "-c", FILL]);
  const ms = await timed(async () => {
    await docker(bench, ["commit", container, saved]);
    await docker(bench, ["save", "-o", path, saved]);
  });
  await docker(bench, ["rm", "-f", container]);
  await docker(bench, ["image", "rm", "-f", saved, image]);
  await rm(path);
  return ms;
}

export const exportFigures: readonly Figure[] = [{ name: "export", measure }];
