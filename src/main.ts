#!/usr/bin/env node
/** The composition root: the only place that knows all parts, and the only one that ends the process. */
import { readFileSync } from "node:fs";
import { BktuiError } from "./base/errors.ts";
import { Scope } from "./base/scope.ts";
import {
  type Connected,
  type EngineWish,
  type FrontEnds,
  runCommandLine,
  type ScreenRun,
} from "./cli/command-line.ts";
import { outputTo } from "./cli/output.ts";

// React chooses its build when it is loaded, which is after this.
const { env } = process;
env["NODE_ENV"] ??= "production";

/** Each part is loaded when it is used: `bktui --help` needs neither the screen nor gRPC. */
const frontEnds: FrontEnds = {
  connect,
  screen,
  engineCommand: async () => {
    throw new BktuiError("unsupported", "not wired yet");
  },
  doctor: async () => {
    throw new BktuiError("unsupported", "not wired yet");
  },
};

/** Handles signals itself from here on: the terminal must come back first. */
async function screen(run: ScreenRun): Promise<number> {
  const [{ runTui }, { createRememberedStore, rememberedPath }] = await Promise.all([
    import("./tui/tui.ts"),
    import("./tui/remembered.ts"),
  ]);
  const { engine, ascii, ...options } = run;
  return await runTui({
    ...options,
    ...(ascii ? { ascii } : {}),
    env,
    stdin: process.stdin,
    stdout: process.stdout,
    remembered: createRememberedStore(rememberedPath(env)),
    connect: ({ signal, onProgress }) => connect(engine, { signal, onProgress }),
    onFatal: () => process.exit(1),
  });
}

async function connect(
  wish: EngineWish,
  { signal }: { readonly signal: AbortSignal; readonly onProgress: (line: string) => void },
): Promise<Connected> {
  const [{ BuildkitEngine }, { createDebugger }, { parseAddress }] = await Promise.all([
    import("./engine/buildkit/engine.ts"),
    import("./debugger/shell.ts"),
    import("./transport/address.ts"),
  ]);
  const text = wish.addr ?? env["BUILDKIT_HOST"] ?? env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  const scope = new Scope();
  const engine = scope.own(
    await BuildkitEngine.connect(parseAddress(text), { signal, origin: "DOCKER_HOST", env }),
  );
  const session = scope.own(createDebugger(engine));
  return { debugger: session, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
}

/** package.json lies one level up, seen from src/ and from dist/. */
function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new BktuiError("internal", "package.json names no version");
}

const exitCode = await runCommandLine(
  {
    argv: process.argv.slice(2),
    env,
    cwd: process.cwd(),
    version: ownVersion(),
    stdinIsTerminal: process.stdin.isTTY,
    stdoutIsTerminal: process.stdout.isTTY,
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
  },
  frontEnds,
);
// Sockets to the engine may linger for seconds; everything that matters has been disposed.
process.exit(exitCode);
