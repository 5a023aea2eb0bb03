/** Two adapters of the Debug Adapter Protocol that are measured beside each other: bktui's and docker buildx's. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { sendSignal } from "../src/engine/private/system/processes.ts";
import { FrameReader, framed } from "../test/support/dap-frames.ts";
import { engineVariables } from "../test/support/engine-variables.ts";
import { familyOf } from "../test/support/processes.ts";
import { program } from "../test/support/program.ts";
import { Terminal } from "../test/support/terminal.ts";
import { type Bench, codeCache, context, SHELL_PROMPT, WINDOW } from "./bench.ts";

type Message = Readonly<Record<string, unknown>> & { readonly body?: Readonly<Record<string, unknown>> };

/** What a figure waits for before it is given up. */
export const PATIENCE_MS = 60_000;

/** Either adapter on its standard input and output; it takes what comes, and holds nothing of it against it. */
export class Adapter implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #reader = new FrameReader();
  readonly #messages: Message[] = [];
  #wake: () => void = () => undefined;
  #read = 0;
  #seq = 0;
  /** Program and arguments of the terminal that was asked for last. */
  terminal: readonly string[] = [];

  constructor(command: readonly string[], env: Readonly<Record<string, string>>, cwd: string) {
    this.child = spawn(command[0] ?? "", command.slice(1), { cwd, env });
    this.child.stdin.on("error", () => undefined);
    this.child.stderr.resume();
    this.child.stdout.on("data", (piece: Buffer) => {
      for (const text of this.#reader.push(piece)) this.#take(JSON.parse(text) as Message);
      this.#wake();
    });
  }

  send(command: string, args: object = {}): number {
    this.#seq += 1;
    this.child.stdin.write(framed({ seq: this.#seq, type: "request", command, arguments: args }));
    return this.#seq;
  }

  async answer(command: string, args: object = {}): Promise<Message> {
    const seq = this.send(command, args);
    return await this.#next((each) => each["type"] === "response" && each["request_seq"] === seq, 0);
  }

  /** The next one behind the last that was waited for; undefined where it does not come. */
  async event(...names: readonly string[]): Promise<Message> {
    const wanted = (each: Message): boolean => names.includes(String(each["event"]));
    const found = await this.#next(wanted, this.#read);
    this.#read = this.#messages.indexOf(found) + 1;
    return found;
  }

  /** Initialized and launched: where it stops first is the next event "stopped". */
  async launch(path: string, more: object = {}): Promise<void> {
    const lines = { linesStartAt1: true, columnsStartAt1: true };
    this.send("initialize", { adapterID: "bench", ...lines, supportsRunInTerminalRequest: true });
    this.send("launch", { dockerfile: join(path, "Dockerfile"), contextPath: path, ...more });
    await this.event("initialized");
    this.send("configurationDone");
  }

  /** In order, as an editor does, so that what is kept for the next start is kept. */
  async leave(): Promise<void> {
    const gone = once(this.child, "exit");
    this.send("disconnect");
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return;
    const [, ...below] = await familyOf(this.child.pid ?? 0);
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    for (const pid of below) sendSignal(pid, "SIGKILL");
    await gone;
  }

  #take(message: Message): void {
    const { event } = message;
    if (event === "output") return;
    this.#messages.push(message);
    if (message["type"] !== "request") return;
    const { args } = (message["arguments"] ?? {}) as { readonly args?: readonly string[] };
    if (args !== undefined) this.terminal = args;
    this.#seq += 1;
    const answer = {
      type: "response",
      request_seq: message["seq"],
      success: true,
      command: message["command"],
    };
    this.child.stdin.write(framed({ seq: this.#seq, ...answer, body: {} }));
  }

  async #next(wanted: (message: Message) => boolean, from: number): Promise<Message> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.#messages.slice(from).find(wanted);
      if (found !== undefined) return found;
      if (performance.now() > until || this.child.exitCode !== null)
        throw new Error("the adapter says no more");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

export interface Side {
  readonly name: string;
  start(path: string): Adapter;
  /** A window in which runs what an adapter asks a terminal for. */
  terminal(asked: readonly string[]): Promise<Terminal>;
}

export interface Sides {
  readonly ours: Side;
  readonly peer: Side;
}

/** bktui's as from its second start on: what a session and its shell need has been compiled. */
export async function sides(bench: Bench): Promise<Sides> {
  const { engine } = bench;
  const { binDir = "" } = engine;
  const home = join(bench.scratch, "dap-home");
  await asPlugin(join(binDir, "docker-buildx"), home);
  const common = { PATH: process.env["PATH"] ?? "", HOME: home, ...engineVariables(engine) };
  // Sockets of what is killed stay in it.
  const ownEnv = { ...common, XDG_CACHE_HOME: await codeCache(bench), XDG_RUNTIME_DIR: bench.scratch };
  const peerEnv = { ...common, BUILDX_EXPERIMENTAL: "1" };
  const ours: Side = {
    name: "bktui",
    start: (path) => new Adapter([process.execPath, program, "dap", "build"], ownEnv, path),
    terminal: async ([command = "", ...args]) =>
      await Terminal.start({ ...WINDOW, command, args, env: ownEnv }),
  };
  const peer: Side = {
    name: "docker buildx dap",
    // As editors start it: docker's own program stays in front of its plugin.
    start: (path) => new Adapter([join(binDir, "docker"), "buildx", "dap", "build"], peerEnv, path),
    terminal: async ([command = "", ...args]) =>
      await Terminal.start({ ...WINDOW, command, args, env: peerEnv }),
  };
  await firstSession(bench, ours);
  return { ours, peer };
}

async function asPlugin(buildx: string, home: string): Promise<void> {
  const folder = join(home, ".docker", "cli-plugins");
  await mkdir(folder, { recursive: true });
  await symlink(buildx, join(folder, "docker-buildx")).catch(() => undefined);
}

/** As a person's: some steps, a failure, a shell in it. */
async function firstSession(bench: Bench, ours: Side): Promise<void> {
  const path = await context(bench, ["RUN echo one", "RUN false"]);
  await using adapter = ours.start(path);
  await adapter.launch(path, { stopOnEntry: true });
  await adapter.event("stopped");
  for (const command of ["next", "next", "continue"]) {
    adapter.send(command, { threadId: 1 });
    await adapter.event("stopped");
    await adapter.answer("stackTrace", { threadId: 1 });
  }
  await adapter.answer("evaluate", { expression: "exec", context: "repl" });
  await using terminal = await ours.terminal(adapter.terminal);
  await terminal.until(SHELL_PROMPT);
  terminal.key("Ctrl-]");
  await terminal.left();
  await adapter.leave();
}
