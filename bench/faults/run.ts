/**
 * `npm run bench:faults [-- NAME...]`: what happens when engine, client or input are not as they should be, measured
 * beside `docker buildx build` in the same run. All of them together, or `--write`, write the table of docs/reliability.md.
 */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTestEngines } from "../../test/support/global-engines.ts";
import { run } from "../../test/support/program.ts";
import { clientFaults } from "./clients.ts";
import { engineFaults } from "./engines.ts";
import type { Fault, FaultBench } from "./fault.ts";
import { inputFaults } from "./inputs.ts";

const FAULTS: readonly Fault[] = [...engineFaults, ...clientFaults, ...inputFaults];
const BEGIN = "<!-- written by npm run bench:faults -->";
const END = "<!-- end -->";

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("--"));
const chosen = names.length === 0 ? FAULTS : FAULTS.filter(({ name }) => names.includes(name));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Replaces the rows that were measured, and keeps the others. */
async function writeRows(rows: ReadonlyMap<string, string>, where: string): Promise<void> {
  const path = join(root, "docs/reliability.md");
  const text = await readFile(path, "utf8");
  const [before = "", rest = ""] = text.split(BEGIN);
  const [old = "", ...after] = rest.split(END);
  const known = new Map(old.split("\n").map((line) => [line.split(" | ")[0]?.slice(2) ?? "", line]));
  const lines = FAULTS.flatMap(({ failure }) => rows.get(failure) ?? known.get(failure) ?? []);
  const head = ["| what goes wrong | bktui | `docker buildx build`, or others |", "| --- | --- | --- |"];
  const table = [BEGIN, "", where, "", ...head, ...lines, "", END].join("\n");
  await writeFile(path, `${before}${table}${after.join(END)}`);
}

async function measureAll(bench: FaultBench): Promise<boolean> {
  const day = new Date().toISOString().slice(0, 10);
  const { name, version } = bench.engine;
  const where = `${day}: ${name}, ${version}, node ${process.version}, Linux ${release()}.`;
  const rows = new Map<string, string>();
  let isWhole = true;
  for (const fault of chosen) {
    try {
      const { ours, peer } = await fault.measure(bench);
      rows.set(fault.failure, `| ${fault.failure} | ${ours} | ${peer ?? fault.others ?? ""} |`);
      process.stdout.write(`${fault.name}\n    bktui: ${ours}\n    peer:  ${peer ?? "-"}\n`);
    } catch (error) {
      isWhole = false;
      process.stdout.write(
        `${fault.name}\n    NOT MEASURED: ${error instanceof Error ? error.message : error}\n`,
      );
    }
  }
  if (names.length === 0 || words.includes("--write")) await writeRows(rows, where);
  return isWhole;
}

const running = await startTestEngines(root);
const scratch = await mkdtemp(join(tmpdir(), "bktui-faults-"));
try {
  const engine = running.engines.find(({ keepsFailedState }) => keepsFailedState);
  const suite = running.privateSuite;
  if (engine === undefined || suite === undefined)
    throw new Error("needs private engines: unset BKTUI_TEST_ENGINE");
  const isWhole = await measureAll({ engine, busybox: running.busybox, scratch, suite });
  process.exitCode = isWhole ? 0 : 1;
} finally {
  // Paths in it are longer than what one call takes.
  await run("rm", ["-rf", scratch]);
  await running.stop();
}
