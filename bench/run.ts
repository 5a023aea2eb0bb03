/**
 * `npm run bench`: how long a person waits, measured through a terminal as a person sees it, each beside a peer that
 * was measured in the same run. `npm run bench -- NAME...` measures some figures only, `--list` names them, also those that
 * are measured by name alone; all others together, or `--write`, also write the table of docs/benchmarks.md.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTestEngines } from "../test/support/global-engines.ts";
import type { TestEngine } from "../test/support/test-engine.ts";
import { type Bench, docker } from "./bench.ts";
import type { Row } from "./figure.ts";
import { dapFigures } from "./figures/dap.ts";
import { exportFigures } from "./figures/export.ts";
import { memoryFigures } from "./figures/memory.ts";
import { shellFigures } from "./figures/shell.ts";
import { startFigures } from "./figures/start.ts";
import { stepFigures } from "./figures/steps.ts";
import { transferFigures, transferFiguresByName } from "./figures/transfer.ts";
import { shown, writeTable } from "./report.ts";

const FIGURES = [
  ...startFigures,
  ...stepFigures,
  ...shellFigures,
  ...memoryFigures,
  ...transferFigures,
  ...exportFigures,
  ...dapFigures,
];
const NAMED = [...FIGURES, ...transferFiguresByName];
const root = fileURLToPath(new URL("..", import.meta.url));

async function machine(bench: Bench): Promise<string> {
  const [cpu] = cpus();
  const buildx = (await docker(bench, ["build", "--help"])).exitCode === 0 ? "docker buildx" : "";
  const day = new Date().toISOString().slice(0, 10);
  const parts = [
    bench.engine.name,
    bench.engine.version,
    buildx,
    `node ${process.version}`,
    `Linux ${release()}`,
  ];
  return `${day}: ${parts.filter((part) => part !== undefined && part !== "").join(", ")}; ${cpus().length} x ${cpu?.model}; 120x40.`;
}

function chosen(names: readonly string[]): typeof FIGURES {
  const unknown = names.filter((name) => !NAMED.some((figure) => figure.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no such figure: ${unknown.join(", ")}; there are ${NAMED.map(({ name }) => name).join(", ")}`,
    );
  return names.length === 0 ? FIGURES : NAMED.filter(({ name }) => names.includes(name));
}

async function measureAll(engine: TestEngine, busybox: string, figures: typeof FIGURES): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "bktui-bench-"));
  try {
    const bench = { engine, busybox, scratch };
    const where = await machine(bench);
    process.stdout.write(`${where}\n\n`);
    const rows: Row[] = [];
    for (const figure of figures) {
      for (const row of await figure.measure(bench)) {
        rows.push(row);
        process.stdout.write(`${shown(row)}\n`);
      }
    }
    if (figures === FIGURES || process.argv.includes("--write"))
      await writeTable(join(root, "docs/benchmarks.md"), rows, where);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const figures = chosen(process.argv.slice(2).filter((word) => !word.startsWith("--")));
if (process.argv.includes("--list")) {
  process.stdout.write(`${NAMED.map(({ name }) => name).join("\n")}\n`);
} else {
  const running = await startTestEngines(root);
  try {
    const engine = running.engines.find(({ keepsFailedState }) => keepsFailedState);
    if (engine === undefined) throw new Error("no engine that keeps failed states is there to measure");
    await measureAll(engine, running.busybox, figures);
  } finally {
    await running.stop();
  }
}
