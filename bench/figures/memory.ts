/** What one run of bktui takes. */
import { readFile } from "node:fs/promises";
import { familyOf } from "../../test/support/processes.ts";
import { type Bench, context, echoSteps, opened, STEPS } from "../bench.ts";
import { type Figure, type Row, times } from "../figure.ts";

/** Megabytes of memory a process has had at most. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Of a process and all that it has started and that still runs: the sum of what each has had at most. */
export async function memoryOfAll(pid: number): Promise<number> {
  const all = (await familyOf(pid)).map(async (each) => await memoryOf(each).catch(() => Number.NaN));
  return (await Promise.all(all)).filter((each) => !Number.isNaN(each)).reduce((sum, each) => sum + each, 0);
}

async function session(bench: Bench): Promise<readonly Row[]> {
  const ours = await times(3, async () => {
    await using terminal = await opened(bench, await context(bench, echoSteps()));
    for (let step = 2; step <= STEPS + 2; step += 1) {
      terminal.type("n");
      await terminal.untilRow(1, new RegExp(`PAUSED before step ${step}/`));
    }
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
    return await memoryOf(await terminal.pid());
  });
  return [
    {
      what: `peak memory of bktui over ${STEPS} steps`,
      unit: "MB",
      ours,
      peer: { what: "", samples: [] },
      target: { words: "110 MB", allowed: 110 },
      limit:
        "node itself takes 45 MB, the thread that guards a blocked terminal 5 MB, code and its text 10 MB",
    },
  ];
}

export const memoryFigures: readonly Figure[] = [{ name: "memory", measure: session }];
