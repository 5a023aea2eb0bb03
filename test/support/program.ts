/** The built program without a terminal, and other programs beside it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { engineVariables } from "./engine-variables.ts";
import { programHome } from "./kept-code.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

export const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** What is piped into it; default: nothing. */
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs bktui with nothing on its standard input and in a home of its own; of this process's environment it inherits PATH alone. */
export async function runBktui(
  args: readonly string[],
  {
    engine,
    env = {},
    asOrdinaryUser = false,
    wrapper = [],
    ...options
  }: RunOptions & {
    readonly engine?: TestEngine;
    /** Without root's right to read everything. */
    readonly asOrdinaryUser?: boolean;
    /** A program and its arguments that bktui is run by. */
    readonly wrapper?: readonly string[];
  } = {},
): Promise<Ended> {
  await using home = await programHome(env);
  const all = { ...options, env: { HOME: home.path, ...engineVariables(engine), ...env } };
  const command = [...wrapper, process.execPath, program, ...args];
  const limited = ["--bounding-set", "-dac_override,-dac_read_search", ...command];
  return asOrdinaryUser && process.getuid?.() === 0
    ? await run("setpriv", limited, all)
    : await run(command[0] ?? process.execPath, command.slice(1), all);
}

/** @throws when there is no such program. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd = "/", env = {}, input }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd,
    env: { ...programEnvironment(), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // Who does not read it ends before that.
  child.stdin.on("error", () => undefined).end(input ?? "");
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  await once(child, "close");
  return { exitCode: child.exitCode, ...output };
}
