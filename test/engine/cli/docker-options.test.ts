/**
 * Every option of docker, as people paste it: bktui takes it where docker does, refuses it with docker's exit code where
 * docker does, and makes the same image. `npm run test:long` takes all rows. The docker beside the engines has buildx 0.29; what is younger is named here.
 */
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { splitWords } from "../../../src/base/split-words.ts";
import { dockerBuildx } from "../../support/docker-client.ts";
import { forEachEngine } from "../../support/engines.ts";
import { sampled } from "../../support/sampled.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const ROWS = readFileSync(new URL("../../fixtures/docker-options.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((row) => row !== "");
/** E.g. "--ulimit" of "--ulimit nofile=10:20". */
const optionOf = (row: string): string => row.split(/[ =]/)[0] ?? "";
/** The first row of each option. */
const FIRST = new Set(
  ROWS.filter((row, at) => ROWS.findIndex((other) => optionOf(other) === optionOf(row)) === at),
);
const env = { SOURCE_DATE_EPOCH: "1700000000" };
/** They say themselves what becomes of the image, or run steps again, whose directories get another time. */
const NO_IMAGE =
  /^(-o|--output|--iidfile|--metadata-file|--load|--push|--check|--call|--provenance|--attest|--no-cache-filter|--progress none)\b/;
/** Exit codes of buildx 0.37, read in its source, where 0.29 does not know the option or its value. */
const YOUNGER: Readonly<Record<string, number>> = { "--policy x": 1, "--allow buildx.local.delete": 0 };

forEachEngine((engine) => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "bktui-options-"));
    // buildx makes directories on the way from 0.36 on.
    await mkdir(join(directory, "out"));
    const lines = ["FROM busybox:1.36 AS one", "RUN echo hi", "FROM one", "RUN echo ho", ""];
    await writeFile(join(directory, "Dockerfile"), lines.join("\n"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  // It is the client that reads them: an old engine makes little difference.
  const rows = engine.keepsFailedState ? sampled(ROWS, 3, (row) => FIRST.has(row)) : sampled(ROWS, 8);
  test.each(rows)("%s", async (row) => {
    const words = splitWords(row);
    const hasImage = !NO_IMAGE.test(row);
    const id = join(directory, "id");
    await rm(id, { force: true });
    const wished = hasImage ? ["--provenance=false", "--iidfile", id] : [];
    const docker = await dockerBuildx(engine, [...wished, ...words, "."], { cwd: directory, env });
    const own = hasImage ? ["--provenance=false", "--load"] : [];
    const argv = ["--run", ...own, ...words, "."];
    const ours = await runWithoutTerminal(engine, argv, "", { env, cwd: directory });
    const isUnknown = /unknown (flag|entitlement)/.test(docker.stderr);
    const expected = (isUnknown ? YOUNGER[row] : undefined) ?? docker.exitCode;
    expect([ours.exitCode, ours.stderr]).toEqual([expected, ours.stderr]);
    // BuildKit 0.8 writes the time of the build into the image.
    if (!hasImage || docker.exitCode !== 0 || engine.version?.startsWith("20.") === true) return;
    expect(ours.stdout.trim()).toBe(await readFile(id, "utf8"));
  });
});
