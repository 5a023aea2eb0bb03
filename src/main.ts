/** The composition root: the only place that knows all parts, and the only one that ends the process. */
import { openSync, readFileSync } from "node:fs";
import { ReadStream } from "node:tty";
import { BktuiError } from "./base/errors.ts";
import { Scope } from "./base/scope.ts";
import { runCommandLine } from "./cli/command-line.ts";
import type { AttachWish, FrontEnds, Keys, NamedEngine, ScreenRun } from "./cli/front-ends.ts";
import type { Connected, EngineChoice, Waiting } from "./console/connect.ts";
import type { EditorDoor, Served, ServedBuild } from "./console/serving.ts";
import type { OutputPlaces } from "./engine/buildkit/outputs.ts";
import type { RootDirectory } from "./engine/debug-root/prepare-debug-root.ts";
import type { Engine } from "./engine/engine.ts";
import type { DockerProxies } from "./engine/locate/docker-proxies.ts";
import type { Located } from "./engine/locate/locate.ts";
import { outputTo, settled } from "./plain/output.ts";
import { keepCode } from "./start/keep-code.ts";
import type { SharedDebugger } from "./tui/attached/shared-debugger.ts";
import type { LocalProgram, LocalTerminal } from "./tui/terminal/local-pty.ts";

// React chooses its build when it is loaded, which is after this.
const { env } = process;
env["NODE_ENV"] ??= "production";

/** The screen, an editor or an attached terminal met a build: what its next start needs has been compiled. */
let hasDebugged = false;

/** Each part is loaded when it is used: `bktui --help` needs neither the screen nor gRPC. */
const frontEnds: FrontEnds = {
  connect,
  screen,
  serve,
  attachables: async () => await (await import("./attach/find.ts")).attachables(env),
  attach,
  mcp: async (...args) => await (await import("./mcp/serve-mcp.ts")).serveMcp(...args),
  dap,
  editors: (build) => editors(build),
  ownCommand: [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
  dockerDefaults: async (addr) => (await proxiesFor(addr)).taken,
  dockerProblems,
  setDocker: (variables) => void Object.assign(env, variables),
  choose: async (title, items, { keys, ...look }) => {
    const { chooseOnTerminal } = await import("./tui/overlays/ink-menu.ts");
    const terminal = { stdin: keys ?? process.stdin, stdout: process.stdout, env };
    return await chooseOnTerminal({ title, items, ...look }, terminal);
  },
  findBuildx: async () => (await import("./engine/locate/builders/programs.ts")).findBuildx(env),
  pluginPlaces: async () => (await import("./engine/locate/builders/programs.ts")).pluginPlaces(env),
  engineCommand: async (action, options, { signal, onProgress }) => {
    const { engineCommand } = await import("./engine/private/commands.ts");
    return await engineCommand(action, { ...options, onProgress }, { signal });
  },
  doctor: async (engine, { signal }) => {
    const [{ diagnose, formatDoctor }, { askAbilities }] = await Promise.all([
      import("./engine/locate/doctor.ts"),
      import("./engine/buildkit/abilities.ts"),
    ]);
    const report = await diagnose({ ...named(engine), env, abilities: askAbilities }, { signal });
    const canStart = !report.isNamed && report.own.possible.length > 0;
    const isFine = report.chosen !== undefined || report.startable !== undefined || canStart;
    const text = [await formatDoctor(report), ...(await dockerProblems())].join("\n");
    return { text, exitCode: isFine ? 0 : 1 };
  },
  openFile: async (path, { signal }) => {
    const { openBuildFile } = await import("./engine/records/record-file.ts");
    return await openBuildFile(path, { signal });
  },
  readDefinition: async (request, options) => {
    const { source } = request;
    if (source.kind !== "definition") throw new BktuiError("internal", "this build has a frontend");
    const { readDefinition } = await import("./engine/buildkit/definition-file.ts");
    return (await readDefinition(request, source, options)).graph;
  },
  definitionWriter: async () => {
    const { describedOp, marshalledDefinition } = await import("./protocol/llb-dump.ts");
    return { marshalled: marshalledDefinition, described: describedOp };
  },
  imageLabels: async (name, engine, { signal, onProgress }) => {
    const [{ locateEngine }, { storedLabels }] = await Promise.all([
      import("./engine/locate/locate.ts"),
      import("./engine/records/stored-image.ts"),
    ]);
    // One that is started for it has no images yet.
    const place = await locateEngine(
      { ...named(engine), policy: "never", env, onProgress },
      { signal },
    ).catch(() => undefined);
    return place?.docker === undefined ? undefined : await storedLabels(place.docker, name, { signal });
  },
  history: async (engine, { signal, onProgress }) => {
    const [{ locateEngine }, { openHistory }] = await Promise.all([
      import("./engine/locate/locate.ts"),
      import("./engine/records/history.ts"),
    ]);
    const wanted = { addr: engine.addr, tls: engine.tls, builder: engine.builder };
    const place = await locateEngine({ ...wanted, policy: "never", env, onProgress }, { signal });
    return await openHistory({ ...place, env }, { signal });
  },
  chosenEngine: async (engine) => {
    const { chosenEngine } = await import("./engine/locate/choice-words.ts");
    return await chosenEngine({ ...named(engine), env });
  },
};

/** Serves one editor. */
async function dap(...[host, streams, options]: Parameters<FrontEnds["dap"]>): Promise<void> {
  const { serveDap } = await import("./dap/serve-dap.ts");
  const open: typeof host.open = async (...asked) => {
    const build = await host.open(...asked);
    hasDebugged = true;
    return build;
  };
  await serveDap({ ...host, open }, streams, options);
}

/** Finds or starts the engine and connects; disposing ends debugger and connection, not the engine. */
async function connect(
  choice: EngineChoice,
  waiting: Waiting,
  { writeReport }: Parameters<FrontEnds["connect"]>[2] = {},
): Promise<Connected> {
  const { createDebugger } = await import("./debugger/runtime.ts");
  const scope = new Scope();
  const { record } = choice;
  const engine = scope.own(
    record === undefined
      ? await connectEngine(choice, waiting, { writeReport })
      : await showRecord(record, choice, waiting),
  );
  const debug = scope.own(createDebugger(engine));
  return { debugger: debug, engine, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
}

async function connectEngine(
  { policy, ...choice }: EngineChoice,
  { signal, onProgress, confirm }: Waiting,
  { writeReport }: Parameters<FrontEnds["connect"]>[2] = {},
): Promise<Engine> {
  const [{ locateAgain, locateEngine, ofPlace }, { BuildkitEngine }] = await Promise.all([
    import("./engine/locate/locate.ts"),
    import("./engine/buildkit/engine.ts"),
  ]);
  const place = await locateEngine({ ...choice, policy, env, onProgress, confirm }, { signal });
  const defaults = await proxiesFor(choice.addr);
  const relocate = (options: { readonly signal: AbortSignal }) =>
    locateAgain(place, { ...choice, env, onProgress: () => undefined }, options);
  return await BuildkitEngine.connect(place.address, {
    signal,
    origin: place.origin,
    env,
    relocate,
    findRootDirectory,
    defaults,
    places: outputPlaces(place),
    reports: writeReport && new (await import("./engine/buildkit/raw-reports.ts")).RawReports(writeReport),
  }).catch((error) => {
    throw ofPlace(place, error);
  });
}

/** Reaches no engine until the build is run again. */
async function showRecord(
  { path, ref, problem }: NonNullable<EngineChoice["record"]>,
  choice: EngineChoice,
  waiting: Waiting,
): Promise<Engine> {
  const [{ openRecordFile }, { RecordEngine }] = await Promise.all([
    import("./engine/records/record-file.ts"),
    import("./engine/records/record-engine.ts"),
  ]);
  const source = await openRecordFile(path, waiting);
  const record = source.records.find((each) => each.ref === ref);
  if (record === undefined) throw new BktuiError("not-found", `${path} no longer has the record ${ref}`);
  const again = async (options: { readonly signal: AbortSignal }): Promise<Engine> =>
    await connectEngine(choice, { ...waiting, ...options });
  return new RecordEngine({ source, record, connect: again, problem });
}

/** Where outputs may go, beside files: the docker of the builder, or of the context that an output names. */
function outputPlaces({ docker, builder }: Located): OutputPlaces {
  return {
    standardOutput: process.stdout,
    loads: builder?.loads,
    builder: builder === undefined ? undefined : `${builder.builder.name}/${builder.node.name}`,
    findDocker: async (context) => {
      if (context === undefined && docker !== undefined) return docker;
      const { dockerAddress } = await import("./engine/locate/docker/docker-address.ts");
      return await dockerAddress(env, context);
    },
  };
}

/** What docker's configuration hands to every build. */
async function proxiesFor(addr: string | undefined): Promise<DockerProxies> {
  const { dockerProxies } = await import("./engine/locate/docker-proxies.ts");
  return await dockerProxies({ addr, env });
}

async function dockerProblems(): Promise<readonly string[]> {
  return (await (await import("./engine/locate/docker/config-file.ts")).readConfigFile(env)).problems;
}

/** The choice without what else the options of a command have. */
function named({ addr, tls, builder }: NamedEngine): NamedEngine {
  return { addr, tls, builder };
}

/** Only images without a shell need it. */
async function findRootDirectory({ signal }: { readonly signal: AbortSignal }): Promise<RootDirectory> {
  const { prepareDebugRoot } = await import("./engine/debug-root/prepare-debug-root.ts");
  return await prepareDebugRoot({ onProgress: () => undefined, signal });
}

/** Handles signals itself from here on: the terminal must come back first. */
async function screen(run: ScreenRun, keys: Keys | undefined): Promise<number> {
  const stdin = keys ?? process.stdin;
  // Asked beside the loading of the rest.
  const { askTerminalSettings } = await import("./tui/terminal/stty-settings.ts");
  const terminalSettings = askTerminalSettings(stdin.fd);
  const [
    { runTui },
    { ownTerminal },
    { createRememberedStore, rememberedPath },
    { ScreenMemory },
    { stateDirectory },
  ] = await Promise.all([
    import("./tui/tui.ts"),
    import("./tui/terminal/own-terminal.ts"),
    import("./console/remembered-breakpoints.ts"),
    import("./tui/state/screen-memory.ts"),
    import("./console/state-file.ts"),
  ]);
  const { engine, ...options } = run;
  // Node prints its warnings, e.g. of a deprecation, with a listener of its own: into the middle of the picture.
  if (process.stderr.isTTY) process.removeAllListeners("warning");
  return await runTui({
    ...options,
    env,
    terminal: ownTerminal({ stdin, stdout: process.stdout, settings: await terminalSettings }),
    startLocal,
    share: run.serve === undefined ? undefined : (shared, end) => share(run, shared, end),
    editors: (shared, end) => {
      const { request, settings } = run;
      return editors({ debugger: shared.debug, request, settings, end }, shared);
    },
    memory: new ScreenMemory(stateDirectory(env)),
    remembered: run.noEarlierBreaks ? undefined : createRememberedStore(rememberedPath(env)),
    connect: async ({ signal, onProgress, ask }) => {
      const confirm = (question: string) => ask({ title: "Start an engine?", lines: [question] });
      const connected = await connect(engine, { signal, onProgress, confirm });
      hasDebugged = true;
      return connected;
    },
    onFatal: () => process.exit(1),
  });
}

/** Terminals of this user can attach from here on. */
async function serve(build: ServedBuild, shared?: SharedDebugger): Promise<Served> {
  const { serveBuild } = await import("./attach/serve-build.ts");
  return await serveBuild({ ...build, env, shared, startLocal });
}

/** Nothing of it is loaded before it is opened. */
function editors(build: Omit<ServedBuild, "name">, shared?: SharedDebugger): EditorDoor {
  let door: Promise<EditorDoor> | undefined;
  const made = async (): Promise<EditorDoor> => {
    const { DapDoor } = await import("./cli/dap/editor-door.ts");
    const { ownCommand, dap: serveDap } = frontEnds;
    const surroundings = { env, cwd: process.cwd(), version: ownVersion() };
    return new DapDoor({
      ...build,
      ...surroundings,
      ownCommand,
      serveDap,
      serve: (own) => serve(own, shared),
    });
  };
  return {
    open: async (where) => {
      door ??= made();
      return await (await door).open(where);
    },
    [Symbol.asyncDispose]: async () => await (await door)?.[Symbol.asyncDispose](),
  };
}

/** Handles signals itself: the terminal must come back first. */
async function attach(path: string, wish: AttachWish): Promise<number> {
  const { attach: attachTo } = await import("./attach/client.ts");
  const { stdin, stdout } = process;
  const left = await attachTo({ path, ...wish, env, stdin, stdout, onFatal: () => process.exit(1) });
  hasDebugged = true;
  stdout.write(`${left.isLineBegun ? "\n" : ""}[${left.words}]\n`);
  return left.inOrder ? 0 : 1;
}

async function startLocal(program: LocalProgram): Promise<LocalTerminal> {
  return await (await import("./tui/terminal/local-pty.ts")).startLocal(program);
}

/** One who opens a build for others tells them by which name; the screen shows it as a message. */
async function share(
  { request, settings, serve: name = "" }: ScreenRun,
  shared: SharedDebugger,
  end: (code: number) => void,
): Promise<Served> {
  return await serve({ debugger: shared.debug, request, settings, name, end }, shared);
}

/** Undefined without a terminal, as in CI. */
function openTerminal(): Keys | undefined {
  try {
    const fd = openSync("/dev/tty", "r");
    return Object.assign(new ReadStream(fd), { fd });
  } catch {
    return undefined;
  }
}

/** package.json lies one level up, seen from src/ and from dist/. */
function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new BktuiError("internal", "package.json names no version");
}

/** Undefined when it was deleted. Node remembers it: whoever asks later gets an answer. */
function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  const stdout = outputTo(process.stdout);
  const stderr = outputTo(process.stderr);
  const exitCode = await runCommandLine(
    {
      argv: process.argv.slice(2),
      env,
      cwd: currentDirectory(),
      version: ownVersion(),
      stdinIsTerminal: process.stdin.isTTY,
      stdoutIsTerminal: process.stdout.isTTY,
      stdin: process.stdin,
      openTerminal,
      window: {
        size: () => ({ columns: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 }),
        onResize: (listener) => {
          process.stdout.on("resize", listener);
          return () => process.stdout.off("resize", listener);
        },
      },
      stdout,
      stderr,
    },
    frontEnds,
  );
  const finalCode = await settled(exitCode, { stdout, stderr });
  if (hasDebugged) keepCode();
  // Sockets to the engine may linger for seconds; everything that matters has been disposed.
  process.exit(finalCode);
}

void main();
