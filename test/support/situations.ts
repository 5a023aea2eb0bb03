/** Where bktui is when something happens to it, and what runs on the engine meanwhile. */
import { randomInt } from "node:crypto";
import { vi } from "vitest";
import { Fx, type FxOptions } from "./fx.ts";
import { running } from "./processes.ts";
import type { TestEngine } from "./test-engine.ts";

export interface Situation extends AsyncDisposable {
  readonly fx: Fx;
  /** Command line of what runs on the engine; undefined = nothing does. */
  readonly command: string | undefined;
}

type Options = Pick<FxOptions, "env" | "jobControl" | "waitMs">;

const WITHIN = { timeout: 15_000, interval: 50 };

export const SITUATIONS = {
  "at a stop": async (engine: TestEngine, options: Options) =>
    situation(await Fx.loaded(engine, options), undefined),
  "in a running step": inStep,
  "at a question": async (engine: TestEngine, options: Options) => {
    const { fx, command } = await inStep(engine, options);
    fx.terminal.type("q");
    await fx.terminal.until(/will be cancelled/);
    return situation(fx, command);
  },
  "in a shell": async (engine: TestEngine, options: Options) => {
    const fx = await Fx.inShell(engine, options);
    const command = uniqueSleep();
    fx.terminal.type(`${command} & ${command}\r`);
    await begun(engine, command);
    return situation(fx, command);
  },
} as const satisfies Readonly<Record<string, (engine: TestEngine, options: Options) => Promise<Situation>>>;

export type SituationName = keyof typeof SITUATIONS;

/** Every situation on the newest engine; on the others the one that depends on the engine. */
export function situationsOn(engine: TestEngine, newest: TestEngine | undefined): readonly SituationName[] {
  return engine.name === newest?.name
    ? ["at a stop", "in a running step", "at a question", "in a shell"]
    : ["in a shell"];
}

function situation(fx: Fx, command: string | undefined): Situation {
  return { fx, command, [Symbol.asyncDispose]: () => fx[Symbol.asyncDispose]() };
}

/** Commands differ, so that engines do not join the steps of two windows. */
async function inStep(
  engine: TestEngine,
  options: Options,
): Promise<Situation & { readonly command: string }> {
  const command = `/bin/busybox ${uniqueSleep()}`;
  // It goes on to its end when somebody ends the command.
  const run = JSON.stringify(["/bin/busybox", "sh", "-c", `${command}; :`]);
  const dockerfile = `FROM scratch\nADD busybox /bin/busybox\nRUN ${run}\n`;
  const fx = await Fx.loaded(engine, { ...options, dockerfile });
  fx.terminal.type("c");
  await fx.terminal.untilRow(1, /RUNNING step 2\/2/);
  await begun(engine, command);
  return { ...situation(fx, command), command };
}

function uniqueSleep(): string {
  return `sleep ${randomInt(1e6, 1e9)}`;
}

/** Engines of this test run on this machine, where their processes are to be seen. */
async function begun(engine: TestEngine, command: string): Promise<void> {
  if (engine.binDir === undefined) return;
  await vi.waitFor(() => {
    if (running(command) === 0) throw new Error(`"${command}" does not run`);
  }, WITHIN);
}
