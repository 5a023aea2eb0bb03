/** `bktui dap` as the editors start `docker buildx dap build`: recorded words, environments and launch bodies. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ArgumentsOf } from "../../src/dap/requests/arguments.ts";
import type { DapClient } from "../support/dap-client.ts";
import { startDap } from "../support/dap-program.ts";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { Terminal } from "../support/terminal.ts";

const DOCKERFILE = `FROM busybox:1.36 AS base
ARG GREETING=hello
RUN echo "$GREETING" > /greeting
FROM base AS app
RUN cat /greeting
`;

interface Start {
  readonly name: string;
  readonly initialize: ArgumentsOf<"initialize">;
  argv(context: string): readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Relative to the context's directory when true. */
  readonly isInContext?: boolean;
  body(context: string): ArgumentsOf<"launch">;
}

const AT_ONE = { linesStartAt1: true, columnsStartAt1: true, pathFormat: "path" };
const STARTS: readonly Start[] = [
  {
    name: "Docker DX",
    initialize: {
      clientID: "vscode",
      clientName: "Visual Studio Code",
      adapterID: "dockerfile",
      locale: "en",
      ...AT_ONE,
      supportsVariableType: true,
      supportsVariablePaging: true,
      supportsRunInTerminalRequest: true,
      supportsMemoryReferences: true,
      supportsProgressReporting: true,
      supportsInvalidatedEvent: true,
      supportsMemoryEvent: true,
      supportsArgsCanBeInterpretedByShell: true,
      supportsStartDebuggingRequest: true,
      supportsANSIStyling: true,
    },
    argv: () => ["buildx", "dap", "build", "--build-arg", "GREETING=editor"],
    env: { BUILDX_EXPERIMENTAL: "1", BUILDX_DAP_USER_AGENT: "vscode/docker-dx" },
    isInContext: true,
    body: (context) => ({
      type: "dockerfile",
      request: "launch",
      name: "Docker: Build",
      dockerfile: "Dockerfile",
      contextPath: context,
      cwd: context,
      target: "app",
      args: ["--build-arg", "GREETING=editor"],
      __configurationTarget: 6,
      __sessionId: "7b4e0a9e-6ce0-4d0d-9f3b-2f5c8a0a7d10",
    }),
  },
  {
    name: "nvim-dap-docker",
    initialize: {
      adapterID: "nvim-dap",
      clientID: "neovim",
      clientName: "neovim",
      ...AT_ONE,
      locale: "en_US.UTF-8",
      supportsRunInTerminalRequest: true,
      supportsProgressReporting: true,
      supportsStartDebuggingRequest: true,
    },
    argv: () => ["buildx", "dap", "build", ""],
    env: { BUILDX_EXPERIMENTAL: "1", BUILDX_DAP_USER_AGENT: "nvim/dap-docker" },
    body: (context) => ({
      type: "dockerfile",
      request: "launch",
      name: "Dockerfile Configuration",
      dockerfile: join(context, "Dockerfile"),
      contextPath: context,
      args: [""],
    }),
  },
  {
    name: "Zed",
    initialize: {
      clientID: "zed",
      clientName: "Zed",
      adapterID: "buildx-dockerfile",
      ...AT_ONE,
      supportsVariableType: true,
      supportsRunInTerminalRequest: true,
      supportsProgressReporting: false,
      supportsStartDebuggingRequest: true,
    },
    argv: () => ["buildx", "dap", "build"],
    env: { BUILDX_EXPERIMENTAL: "1" },
    body: (context) => ({
      request: "launch",
      dockerfile: join(context, "Dockerfile"),
      contextPath: context,
      target: null,
      stopOnEntry: false,
      args: [],
    }),
  },
  {
    name: "LSP4IJ",
    initialize: {
      clientID: "lsp4ij",
      clientName: "LSP4IJ",
      adapterID: "docker",
      ...AT_ONE,
      supportsVariableType: true,
      supportsRunInTerminalRequest: true,
    },
    argv: () => ["buildx", "dap", "build"],
    env: { BUILDX_EXPERIMENTAL: "1" },
    body: (context) => ({
      request: "launch",
      dockerfile: join(context, "Dockerfile"),
      contextPath: context,
    }),
  },
];

/** To the stop at a line of the context's Dockerfile. */
async function stoppedAt(line: number, client: DapClient, start: Start, context: string): Promise<void> {
  await client.request("initialize", start.initialize);
  const launch = client.ask("launch", start.body(context));
  await client.event("initialized");
  const { breakpoints } = await client.request("setBreakpoints", {
    source: { path: join(context, "Dockerfile"), name: "Dockerfile" },
    breakpoints: [{ line }],
  });
  expect(breakpoints).toHaveLength(1);
  await client.request("configurationDone");
  expect(await launch).toMatchObject({ success: true });
  const stopped = await client.event("stopped");
  const { stackFrames } = await client.request("stackTrace", { threadId: stopped.threadId ?? 0 });
  expect(stackFrames[0]).toMatchObject({ line, source: { path: join(context, "Dockerfile") } });
}

describe.each(testEngines())("$name", (engine) => {
  test.each(STARTS)("a start of $name reaches a stop, a shell and the end", async (start) => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    const cwd = start.isInContext === true ? context.path : "/";
    const asked: { readonly args: readonly string[] }[] = [];
    const reverse = {
      runInTerminal: (args: unknown) => {
        asked.push(args as { readonly args: readonly string[] });
        return {};
      },
    };
    await using dap = await startDap(start.argv(context.path), { engine, env: start.env, cwd, reverse });
    const { client } = dap;
    await stoppedAt(5, client, start, context.path);
    await client.request("evaluate", { expression: "exec", context: "repl" });
    const [command = "", ...args] = asked[0]?.args ?? [];
    await using terminal = await Terminal.start({ command, args });
    await terminal.until(/RUN cat \/greeting/);
    terminal.type("echo from $(cat /greeting) $((40 + 2))\r");
    await terminal.until(/from (hello|editor) 42/);
    await client.request("continue", { threadId: 1 });
    await client.event("terminated");
    await client.event("exited");
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
    expect(dap.stderr()).toBe("");
  });
});

const [engine] = testEngines();

describe("what is wrong", () => {
  test("on the command line is answered to the launch, and said on standard error", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    await using dap = await startDap(["buildx", "dap", "build", "--no-such"], { engine });
    const { client } = dap;
    await client.request("initialize", { adapterID: "x" });
    const answer = await client.ask("launch", { contextPath: context.path });
    expect(answer).toMatchObject({ success: false, body: { error: { showUser: true } } });
    expect(answer.message).toMatch(/^unknown option '--no-such'/);
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
    expect(dap.stderr()).toMatch(/unknown option '--no-such'/);
  });

  test("in a body is answered with the key, and another launch may be right", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    await using dap = await startDap(["dap"], { engine, cwd: context.path });
    const { client } = dap;
    await client.request("initialize", { adapterID: "x" });
    const wrongs: readonly (readonly [object, RegExp])[] = [
      [{ contextPath: ["x"] }, /"contextPath" is to be a text, not a list/],
      [{ contextPath: "no-such" }, /no-such/],
      [{ dockerfile: "no-such" }, /no-such/],
      [{ contextPath: "-" }, /standard input is the editor's/],
      [{ outputs: "-" }, /standard output is the editor's/],
      [{ args: ["--call=check"] }, /does not take --call/],
      [{ onError: "dance" }, /on-error/],
    ];
    for (const [body, words] of wrongs) {
      const answer = await client.ask("launch", body);
      expect(answer.success).toBe(false);
      expect(answer.message).toMatch(words);
    }
    expect(await client.ask("attach", {})).toMatchObject({ success: false });
    await client.request("configurationDone");
    await client.request("launch", { stopOnEntry: true, cwd: ".", dockerFile: "misspelt", keepGoing: true });
    await client.event("stopped");
    expect(client.output()).toContain(
      "nothing is done at a failure by keepGoing: the debug console has export",
    );
    expect(client.output()).toContain('"dockerFile" is no key of bktui, did you mean "dockerfile"?');
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
  });

  test("the environment of a launch counts for its arguments, secrets and engine", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: 'FROM busybox:1.36\nARG GREETING\nRUN echo "got $GREETING"\n' },
    });
    await using dap = await startDap(["dap"], { env: { DOCKER_HOST: "unix:///no/such.sock" } });
    const { client } = dap;
    await client.request("initialize", { adapterID: "x" });
    await client.request("configurationDone");
    const env = { ...engineVariables(engine), GREETING: "from the launch" };
    await client.request("launch", {
      contextPath: context.path,
      env,
      buildArgs: ["GREETING"],
      noCache: true,
    });
    await client.event("terminated");
    expect(client.output()).toContain("got from the launch");
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
  });
});
