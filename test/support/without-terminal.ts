/** bktui without a terminal: its own code in this process, on a real engine, with pipes. */
import { PassThrough } from "node:stream";
import { Scope } from "../../src/base/scope.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { createDebugger } from "../../src/debugger/runtime.ts";
import { readDefinition } from "../../src/engine/buildkit/definition-file.ts";
import { BuildkitEngine } from "../../src/engine/buildkit/engine.ts";
import { RawReports } from "../../src/engine/buildkit/raw-reports.ts";
import { findBuildx } from "../../src/engine/locate/builders/programs.ts";
import { readConfigFile } from "../../src/engine/locate/docker/config-file.ts";
import { dockerProxies } from "../../src/engine/locate/docker-proxies.ts";
import { openHistory } from "../../src/engine/records/history.ts";
import { openBuildFile } from "../../src/engine/records/record-file.ts";
import { storedLabels } from "../../src/engine/records/stored-image.ts";
import { outputTo } from "../../src/plain/output.ts";
import { describedOp, marshalledDefinition } from "../../src/protocol/llb-dump.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { debugRoot } from "./debugging.ts";
import type { TestEngine } from "./test-engine.ts";

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param input what is piped into it; `env`: nothing of this process's own, `cwd`: where relative paths start, `loadInto`: the docker that images are loaded into */
export async function runWithoutTerminal(
  { dockerHost, kind }: TestEngine,
  argv: readonly string[],
  input: string | Uint8Array = "",
  around: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly loadInto?: TestEngine;
  } = {},
): Promise<Ran> {
  const { loadInto } = around;
  const env: NodeJS.ProcessEnv = { HOME: "/nonexistent", ...around.env };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const unwired = async (): Promise<never> => {
    throw new Error("not part of this test");
  };
  const exitCode = await runCommandLine(
    {
      argv,
      env,
      cwd: around.cwd ?? "/",
      version: "0",
      stdinIsTerminal: false,
      stdoutIsTerminal: false,
      stdin: new PassThrough().end(input),
      window: { size: () => ({ columns: 80, rows: 24 }), onResize: () => () => undefined },
      stdout: outputTo(stdout),
      stderr: outputTo(stderr),
    },
    {
      readDefinition: async (request, options) => {
        if (request.source.kind !== "definition") throw new Error("a build of a Dockerfile");
        return (await readDefinition(request, request.source, options)).graph;
      },
      definitionWriter: async () => ({ marshalled: marshalledDefinition, described: describedOp }),
      connect: async (_choice, { signal }, { writeReport } = {}) => {
        const scope = new Scope();
        const address = parseAddress(dockerHost, kind);
        const engine = scope.own(
          await BuildkitEngine.connect(address, {
            signal,
            origin: "test",
            env,
            findRootDirectory: debugRoot,
            reports: writeReport && new RawReports(writeReport),
            defaults: await dockerProxies({ addr: dockerHost, env }),
            places: {
              standardOutput: stdout,
              findDocker:
                loadInto === undefined ? undefined : async () => parseAddress(loadInto.dockerHost, "dockerd"),
            },
          }),
        );
        const debug = scope.own(createDebugger(engine));
        return { debugger: debug, engine, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
      },
      openFile: async (path, { signal }) => await openBuildFile(path, { signal }),
      imageLabels: async (name, _engine, { signal }) =>
        await storedLabels(parseAddress(dockerHost, kind), name, { signal }),
      history: async (_engine, { signal }) =>
        await openHistory({ address: parseAddress(dockerHost, kind), origin: "test", env }, { signal }),
      dockerDefaults: async () => (await dockerProxies({ addr: dockerHost, env })).taken,
      dockerProblems: async () => (await readConfigFile(env)).problems,
      setDocker: (variables) => void Object.assign(env, variables),
      screen: unwired,
      serve: unwired,
      mcp: unwired,
      dap: unwired,
      editors: () => ({ open: unwired, [Symbol.asyncDispose]: async () => undefined }),
      ownCommand: [],
      pluginPlaces: async () => ({ first: [], own: "/", others: [] }),
      attachables: unwired,
      attach: unwired,
      choose: unwired,
      findBuildx: async () => await findBuildx(env),
      engineCommand: unwired,
      doctor: unwired,
      chosenEngine: unwired,
    },
  );
  return { exitCode, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}
