/** The build context on its way to the engine. */
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { runBktui } from "../../test/support/program.ts";
import { type Bench, docker, plainBuild } from "../bench.ts";
import { type Figure, median, ROUNDS, type Row, timed } from "../figure.ts";

const GIBIBYTE = 1024 ** 3;
const FILES = 20_000;
const HUGE = 200_000;
/** Each round costs two gigabytes of disk twice. */
const LARGE_ROUNDS = 3;

const DOCKERFILE = "FROM scratch\nCOPY . /\n";

interface Project {
  /** The context; it gets another name each time it has to be new to the engine. */
  path: string;
  rounds: number;
}

/** Another name and another content: neither side finds anything of an earlier round. */
async function asNew({ scratch }: Bench, project: Project): Promise<void> {
  project.rounds += 1;
  const path = join(await mkdtemp(join(scratch, "transfer-")), "context");
  await rename(project.path, path);
  project.path = path;
  await writeFile(join(path, "round"), `${project.rounds}`);
}

async function bktui({ engine }: Bench, { path }: Project): Promise<number> {
  return await timed(async () => {
    const { exitCode, stderr } = await runBktui(["--run", path], { engine });
    if (exitCode !== 0) throw new Error(stderr);
  });
}

/** First transfers of both sides in turns; what the engine keeps of them is dropped after each. */
async function firsts(
  bench: Bench,
  project: Project,
  rounds: number,
): Promise<{ readonly ours: readonly number[]; readonly peer: readonly number[] }> {
  const found = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    await asNew(bench, project);
    found.ours.push(await bktui(bench, project));
    await docker(bench, ["prune", "-af"]);
    await asNew(bench, project);
    found.peer.push(await timed(() => plainBuild(bench, project.path)));
    await docker(bench, ["prune", "-af"]);
  }
  return found;
}

function row(what: string, sides: { ours: readonly number[]; peer: readonly number[] }, limit: string): Row {
  const allowed = 1.1 * median(sides.peer);
  const peer = { what: "`docker buildx build`", samples: sides.peer };
  return { what, unit: "ms", ours: sides.ours, peer, target: { words: "1.1 x the peer", allowed }, limit };
}

async function large(bench: Bench): Promise<readonly Row[]> {
  const project = { path: join(bench.scratch, "large"), rounds: 0 };
  await mkdir(project.path);
  await writeFile(join(project.path, "Dockerfile"), DOCKERFILE);
  const part = randomBytes(1024 ** 2);
  const parts = Array.from({ length: GIBIBYTE / part.length }, () => part);
  await pipeline(parts, createWriteStream(join(project.path, "large")));
  try {
    const sides = await firsts(bench, project, LARGE_ROUNDS);
    return [
      row(
        "a context of 1 GiB in one file",
        sides,
        "the engine writes it twice: what it received, and the layer",
      ),
    ];
  } finally {
    await rm(project.path, { recursive: true });
  }
}

async function many(bench: Bench, files = FILES): Promise<readonly Row[]> {
  const project = { path: join(bench.scratch, "many"), rounds: 0 };
  await mkdir(project.path);
  await writeFile(join(project.path, "Dockerfile"), DOCKERFILE);
  for (let index = 0; index < files; index += 1) {
    const directory = join(project.path, `${Math.floor(index / 200)}`);
    if (index % 200 === 0) await mkdir(directory);
    await writeFile(join(directory, `${index}.txt`), `file ${index}\n`.repeat(20));
  }
  try {
    return await manyRows(bench, project, files);
  } finally {
    await rm(project.path, { recursive: true });
  }
}

async function manyRows(bench: Bench, project: Project, files: number): Promise<readonly Row[]> {
  const first = await firsts(bench, project, LARGE_ROUNDS);
  // Each side has its own memory of what the engine has.
  const again = { ours: [] as number[], peer: [] as number[] };
  await bktui(bench, project);
  for (let round = 0; round < ROUNDS; round += 1) again.ours.push(await bktui(bench, project));
  await plainBuild(bench, project.path);
  for (let round = 0; round < ROUNDS; round += 1)
    again.peer.push(await timed(() => plainBuild(bench, project.path)));
  // The table knows rows by their words.
  const same =
    files === FILES
      ? "the same, nothing changed"
      : `the same ${files.toLocaleString("en")} files, nothing changed`;
  return [
    row(
      `a context of ${files.toLocaleString("en")} files`,
      first,
      "a message and a file of the engine for each",
    ),
    row(same, again, "one `lstat` for each file, and a message about it"),
  ];
}

export const transferFigures: readonly Figure[] = [
  { name: "context-large", measure: large },
  { name: "context-many", measure: (bench) => many(bench) },
];

/** Measured when they are named only: it takes minutes, and tells no more than the one of fewer files day by day. */
export const transferFiguresByName: readonly Figure[] = [
  { name: "context-200k", measure: (bench) => many(bench, HUGE) },
];
