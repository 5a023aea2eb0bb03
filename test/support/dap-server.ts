/** `bktui dap --listen`: one server, and clients that connect to it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { Scope } from "../../src/base/scope.ts";
import { DapClient } from "./dap-client.ts";
import { EDITOR } from "./dap-program.ts";
import { engineVariables } from "./engine-variables.ts";
import { programHome } from "./kept-code.ts";
import { program } from "./program.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

export interface Listening {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
}

/** Disposing kills it. */
export interface DapServer extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly listening: Listening;
  /** All that it printed. */
  stdout(): string;
  stderr(): string;
  /** One more client, initialized. */
  client(): Promise<DapClient>;
  /** Exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null>;
}

export async function listenDap(
  words: readonly string[],
  {
    engine,
    env = {},
    cwd = "/",
  }: {
    readonly engine?: TestEngine | undefined;
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
  },
): Promise<DapServer> {
  const scope = new Scope();
  const home = scope.own(await programHome(env));
  const variables = { ...programEnvironment(), HOME: home.path, ...engineVariables(engine), ...env };
  const child = spawn(process.execPath, [program, "dap", ...words], { cwd, env: variables, stdio: "pipe" });
  const exited = once(child, "exit");
  scope.defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    stdout += `${line}\n`;
  });
  await Promise.race([once(lines, "line"), exited]);
  if (stdout === "") {
    await scope[Symbol.asyncDispose]();
    throw new Error(`it did not listen: ${stderr}`);
  }
  const { listening } = JSON.parse(stdout) as { readonly listening: Listening };
  return {
    child,
    listening,
    stdout: () => stdout,
    stderr: () => stderr,
    client: async () => {
      const socket = await connected(listening);
      scope.defer(() => void socket.destroy());
      const client = new DapClient({ input: socket, output: socket });
      await client.request("initialize", EDITOR);
      return client;
    },
    ended: async () => {
      await exited;
      return child.exitCode ?? child.signalCode;
    },
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}

/** A connection to it that says nothing yet. */
export async function connected({ path, host = "127.0.0.1", port = 0 }: Listening): Promise<Socket> {
  const socket = path === undefined ? connect({ host, port }) : connect(path);
  await once(socket, "connect");
  return socket;
}
