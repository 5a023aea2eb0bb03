/** bktui dap as an editor starts it, and a build that is debugged with it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import type { ArgumentsOf } from "../../src/dap/requests/arguments.ts";
import { DapClient, type DapClientOptions } from "./dap-client.ts";
import { engineVariables } from "./engine-variables.ts";
import { busyboxContext, type TestContext } from "./engines.ts";
import { programHome } from "./kept-code.ts";
import { program } from "./program.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

type ClientOptions = Partial<Omit<DapClientOptions, "input" | "output">>;

/** Disposing ends it at once, and throws what was wrong with what it said. */
export interface DapProgram extends AsyncDisposable {
  readonly client: DapClient;
  readonly child: ChildProcessWithoutNullStreams;
  stderr(): string;
  /** Its exit code, once it has ended; null = a signal ended it. */
  ended(): Promise<number | null>;
}

export interface DapProgramOptions extends ClientOptions {
  readonly engine?: TestEngine | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What is started in place of the built bktui. */
  readonly command?: readonly string[];
}

export async function startDap(
  argv: readonly string[],
  { engine, env = {}, cwd = "/", command = [process.execPath, program], ...options }: DapProgramOptions,
): Promise<DapProgram> {
  const home = await programHome(env);
  // Sockets of a program that is killed go with its home.
  const own = { HOME: home.path, XDG_RUNTIME_DIR: home.path };
  const variables = { ...programEnvironment(), ...own, ...engineVariables(engine), ...env };
  const child = spawn(command[0] ?? "", [...command.slice(1), ...argv], {
    cwd,
    env: variables,
    stdio: "pipe",
  });
  const exited = once(child, "exit");
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const client = new DapClient({ ...options, input: child.stdout, output: child.stdin });
  return {
    client,
    child,
    stderr: () => stderr,
    ended: async () => {
      await exited;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exited;
      await home[Symbol.asyncDispose]();
      client.check();
    },
  };
}

/** What an ordinary editor says of itself. */
export const EDITOR: ArgumentsOf<"initialize"> = {
  adapterID: "bktui",
  clientID: "test",
  linesStartAt1: true,
  columnsStartAt1: true,
  pathFormat: "path",
  supportsVariableType: true,
  supportsVariablePaging: true,
  supportsMemoryReferences: true,
  supportsProgressReporting: true,
  supportsInvalidatedEvent: true,
};

/** A build of a context of its own. */
export interface DebuggedBuild extends DapProgram {
  readonly context: TestContext;
  /** Of the Dockerfile, absolute. */
  readonly dockerfile: string;
  /** Sends `configurationDone`; answers how it stands then. */
  begin(): ReturnType<DapClient["stop"]>;
}

/** Launched, and not configured yet: breakpoints can be set. */
export async function debugBuild(
  engine: TestEngine,
  {
    files,
    launch = {},
    args = [],
    initialize = {},
    prepare,
    ...options
  }: DapProgramOptions & {
    /** By relative path. */
    readonly files: Readonly<Record<string, string>>;
    /** Of the launch body. */
    readonly launch?: Readonly<Record<string, unknown>>;
    readonly initialize?: ArgumentsOf<"initialize">;
    readonly args?: readonly string[];
    /** Is done before the start. @param context the directory */
    readonly prepare?: (context: string) => Promise<void>;
  },
): Promise<DebuggedBuild> {
  const scope = new Scope();
  try {
    const context = scope.own(await busyboxContext({ files, unique: true }));
    await prepare?.(context.path);
    const dap = scope.own(
      await startDap(["dap", "build", ...args], { engine, cwd: context.path, ...options }),
    );
    const { client } = dap;
    await client.request("initialize", { ...EDITOR, ...initialize });
    await client.request("launch", { contextPath: context.path, stopOnEntry: true, ...launch });
    await client.event("initialized");
    return {
      ...dap,
      context,
      dockerfile: join(context.path, "Dockerfile"),
      begin: async () => {
        await client.request("configurationDone");
        return await client.stop();
      },
      [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
    };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  }
}
