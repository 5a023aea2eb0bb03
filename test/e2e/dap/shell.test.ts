/** Shells of the step in an editor's terminals: real programs on real ptys, as `runInTerminal` asks for them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { describe, expect, test, vi } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import { covers } from "../../support/dap-covers.ts";
import { type DebuggedBuild, debugBuild } from "../../support/dap-program.ts";
import { testEngines } from "../../support/engines.ts";
import { Terminal } from "../../support/terminal.ts";
import type { TestEngine } from "../../support/test-engine.ts";

covers("evaluate", "next", "continue");

const COOKED = / icanon .* echo /s;
const DOCKERFILE = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
WORKDIR /src
ENV WHICH=one
RUN echo kept > /kept && mkdir -m 777 /tmp
USER 1234:567
RUN echo half > /tmp/half; echo lost > half; exit 3
`;

// Several programs start in each.
vi.setConfig({ testTimeout: 120_000 });

/** An editor with terminals. */
class Editor implements AsyncDisposable {
  readonly build: DebuggedBuild;
  readonly #scope: Scope;
  readonly #opened: Terminal[];

  private constructor(build: DebuggedBuild, scope: Scope, opened: Terminal[]) {
    this.build = build;
    this.#scope = scope;
    this.#opened = opened;
  }

  static async open(engine: TestEngine): Promise<Editor> {
    const scope = new Scope();
    // A folder of sockets that no other test sees.
    const runtime = await mkdtemp(join(tmpdir(), "bktui-run-"));
    scope.defer(() => rm(runtime, { recursive: true }));
    const opened: Terminal[] = [];
    const build = await debugBuild(engine, {
      files: { Dockerfile: DOCKERFILE },
      env: { XDG_RUNTIME_DIR: runtime },
      initialize: { adapterID: "bktui", supportsRunInTerminalRequest: true },
      reverse: {
        runInTerminal: async (args) => {
          const { args: words, cwd } = args as DebugProtocol.RunInTerminalRequestArguments;
          const [command = "", ...rest] = words;
          opened.push(scope.own(await Terminal.start({ command, args: rest, cwd })));
          return {};
        },
      },
    });
    scope.own(build);
    return new Editor(build, scope, opened);
  }

  /** What is typed into the debug console opens a terminal. */
  async shell(expression: string): Promise<Terminal> {
    const before = this.#opened.length;
    await this.build.client.request("evaluate", { expression, context: "repl" });
    const terminal = this.#opened[before];
    if (terminal === undefined) throw new Error(`${expression} opened no terminal`);
    return terminal;
  }

  async next(): Promise<void> {
    const { client } = this.build;
    await client.request("next", { threadId: 1 });
    await client.stop();
  }

  /** Ends the session, and the build with it. */
  async end(): Promise<void> {
    const { client, ended } = this.build;
    if (!client.isOver) await client.request("disconnect", { terminateDebuggee: true });
    await ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Killed, it would leave containers on an engine that frees none by itself.
    await this.end();
    await this.#scope[Symbol.asyncDispose]();
  }
}

describe.each(testEngines())("$name", (engine) => {
  test("a shell of the step follows the build, and BASE and FAILED stand side by side", async () => {
    await using editor = await Editor.open(engine);
    const { client } = editor.build;
    await editor.build.begin();
    await editor.next();
    await editor.next();
    const shell = await editor.shell("shell");
    await editor.next();
    await shell.until(/^— BASE of step \d\/\d: RUN echo kept > \/kept && mkdir -m 777 \/tmp$/m);
    await shell.until(/BASE \/src #$/m);
    shell.type("id -u; pwd; echo $WHICH\r");
    await shell.until(/^0\n\/src\none$/m);
    await client.request("continue", { threadId: 1 });
    await client.stop();
    await shell.until(/^— FAILED( \(reproduced\))? of step \d\/\d: RUN echo half/m);
    await shell.until(/FAILED \/src \$$/m);
    const base = await editor.shell("shell base");
    await base.until(/BASE \/src \$$/m);
    shell.type("clear; id -u; cat /tmp/half\r");
    await shell.until(/^1234\nhalf$/m);
    base.type("cat /tmp/half /kept\r");
    await base.until(/can't open '\/tmp\/half'.*\nkept$/m);
  });

  test("terminals are left, closed and opened again, and harm nothing", async () => {
    await using editor = await Editor.open(engine);
    const { client } = editor.build;
    await editor.build.begin();
    await client.request("continue", { threadId: 1 });
    await client.stop();
    for (let round = 0; round < 3; round += 1) {
      const closed = await editor.shell("shell failed");
      const left = await editor.shell("shell failed");
      await closed.until(/FAILED \/src \$$/m);
      await left.until(/FAILED \/src \$$/m);
      closed.close();
      left.type("exit\r");
      await left.until(/^— shell exited with 0, Enter opens again in its files; Ctrl-\] leaves$/m);
      left.key("Ctrl-]");
      const { exitCode, settings } = await left.left();
      expect(exitCode).toBe(0);
      expect(settings).toMatch(COOKED);
    }
    const { stackFrames } = await client.request("stackTrace", { threadId: 1 });
    expect(stackFrames.length).toBeGreaterThan(0);
    const last = await editor.shell("shell base");
    await last.until(/BASE \/src \$$/m);
    await editor.end();
    const { exitCode } = await last.left();
    expect(last.output).toMatch(/\n\[\S+: the process that ran the build was ended\]/);
    expect(exitCode).toBe(0);
  });
});
