import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BktuiError } from "../../../src/base/errors.ts";
import { runCommandLine } from "../../../src/cli/command-line.ts";
import type { FrontEnds, ScreenRun } from "../../../src/cli/front-ends.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { outputTo } from "../../../src/plain/output.ts";

let directory: string;
let opened: ScreenRun | undefined;
let dockerConfig: string | undefined;

beforeEach(async () => {
  opened = undefined;
  dockerConfig = undefined;
  directory = await mkdtemp(join(tmpdir(), "bktui-cli-"));
  await writeFile(join(directory, "Dockerfile"), "FROM scratch\n");
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const frontEnds: FrontEnds = {
  connect: async (engine) => {
    throw new BktuiError("no-engine", `no engine for ${JSON.stringify(engine)}`, {
      hint: "start\u001b[2J one",
    });
  },
  screen: async (run) => {
    opened = run;
    return 7;
  },
  choose: async () => undefined,
  serve: async () => {
    throw new BktuiError("io", "no place for a socket");
  },
  mcp: async () => undefined,
  dap: async () => undefined,
  editors: () => ({ open: async () => "", [Symbol.asyncDispose]: async () => undefined }),
  ownCommand: [],
  pluginPlaces: async () => ({ first: [], own: "/", others: [] }),
  attachables: async () => [],
  attach: async (path, readOnly) => (readOnly ? 4 : path.length),
  findBuildx: async () => undefined,
  openFile: async () => {
    throw new BktuiError("internal", "no record");
  },
  imageLabels: async () => undefined,
  definitionWriter: async () => ({
    marshalled: () => new Uint8Array(),
    described: () => ({ op: {}, description: {}, caps: [] }),
  }),
  readDefinition: async () => {
    throw new BktuiError("bad-request", "operation 3 is none");
  },
  history: async () => ({
    place: "a test",
    records: [],
    failure: async () => undefined,
    vertices: async () => new Map(),
    async *progress() {},
    [Symbol.asyncDispose]: async () => undefined,
  }),
  engineCommand: async (action) => ({ text: `${action}\u001b]0;x\u0007\nsecond`, exitCode: 3 }),
  dockerDefaults: async (addr) => [
    { name: "build-arg HTTP_PROXY", value: "http://***@p:1", from: `docker of ${addr}` },
  ],
  dockerProblems: async () =>
    dockerConfig?.endsWith("broken") === true ? ["config.json is \u001bnot JSON"] : [],
  setDocker: (variables) => {
    dockerConfig = variables["DOCKER_CONFIG"] ?? dockerConfig;
  },
  doctor: async ({ addr }) => {
    throw new Error(`defect with ${addr}`, { cause: new Error("deeper") });
  },
  chosenEngine: async ({ builder, tls }) => {
    if (builder === "gone") throw new BktuiError("not-found", "there is no builder gone");
    return { text: `what ${dockerConfig ?? "docker"} says`, from: "a test", ...(tls && { tls }) };
  },
};

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  argv: readonly string[],
  surroundings: { readonly env?: Readonly<Record<string, string>>; readonly terminal?: boolean } = {},
): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = surroundings.terminal ?? true;
  const line = {
    argv,
    env: surroundings.env ?? {},
    cwd: directory,
    version: "1.2.3",
    stdinIsTerminal: terminal,
    stdoutIsTerminal: terminal,
    stdin: new PassThrough().end(),
    window: { size: () => ({ columns: 80, rows: 24 }), onResize: () => () => undefined },
    stdout: outputTo(stdout),
    stderr: outputTo(stderr),
  };
  const exitCode = await runCommandLine(line, frontEnds);
  return { exitCode, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

describe("bake and compose files", () => {
  test("need a buildx: what to install is said, and what to type instead where that is known", async () => {
    const bake = await run(["bake", "web"]);
    expect(bake.exitCode).toBe(1);
    expect(bake.stderr).toMatch(
      /^bktui: bktui bake: docker buildx reads the file, and there is none here\n {2}install it /,
    );
    await writeFile(join(directory, "compose.yaml"), "services:\n  web:\n    build: ./web\n");
    const compose = await run(["compose.yaml"]);
    expect(compose.exitCode).toBe(1);
    expect(compose.stderr).toMatch(
      /is a Compose file, not a Dockerfile\n {2}with docker buildx installed .*:\n {2}bktui .*\/web {2}\(service web\)$/m,
    );
  });
});

describe("what is around", () => {
  test("config says what the environment and docker's configuration give to a build", async () => {
    const env = { SOURCE_DATE_EPOCH: "1700000000", DOCKER_DEFAULT_PLATFORM: "arm64" };
    const { exitCode, stdout } = await run(["config"], { env });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^SOURCE_DATE_EPOCH = "1700000000" +the environment$/m);
    expect(stdout).toMatch(/^DOCKER_DEFAULT_PLATFORM = "arm64" +the environment$/m);
    expect(stdout).toMatch(/^build-arg HTTP_PROXY = "http:\/\/\*\*\*@p:1" +docker of undefined$/m);
  });

  test("a value that cannot be used is refused by the name of its variable", async () => {
    const { exitCode, stderr } = await run(["."], { env: { DOCKER_DEFAULT_PLATFORM: "mars" } });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^bktui: DOCKER_DEFAULT_PLATFORM: mars: not OS\/ARCH/),
    });
    const attests = await run(["."], { env: { BUILDX_NO_DEFAULT_ATTESTATIONS: "maybe" } });
    expect(attests.stderr).toMatch(/^bktui: BUILDX_NO_DEFAULT_ATTESTATIONS: maybe: not true or false/);
  });

  test("a directory given to --config is docker's own", async () => {
    await run(["--config", directory]);
    expect(dockerConfig).toBe(directory);
    await writeFile(join(directory, "own.json"), "{}");
    dockerConfig = undefined;
    await run(["--config", "own.json"]);
    expect(dockerConfig).toBeUndefined();
  });

  test("what cannot be read of docker's configuration is a note, and a line of bktui config", async () => {
    dockerConfig = "broken";
    await run(["."], { terminal: true });
    expect(opened?.notes).toContain("config.json is ^[not JSON");
    expect((await run(["config"])).stdout).toContain("config.json is ^[not JSON");
  });

  test("bktui config takes the options of TLS and tells what comes of them", async () => {
    const options = ["--addr", "tcp://h:1", "--tlscacert", "ca.pem"];
    const { stdout } = await run(["config", ...options]);
    expect(stdout).toMatch(/^engine\.tls\.ca = "\/.*\/ca\.pem" +--tlscacert$/m);
    expect((await run(["config", "--tlskey", "k"])).stderr).toContain(
      "for the engine that --addr or BUILDKIT_HOST names",
    );
  });

  test("--progress and -q contradict each other as for docker", async () => {
    const { exitCode, stderr } = await run(["-q", "--progress=plain"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining("cannot be used together"),
    });
    expect((await run(["."], { env: { BUILDKIT_PROGRESS: "loud" } })).stderr).toContain(
      "BUILDKIT_PROGRESS loud",
    );
  });
});

describe("with a terminal", () => {
  test("a build opens on the screen, whose exit code is the program's", async () => {
    expect(await run(["-b", "1", "--engine", "never", "--no-color"])).toEqual({
      exitCode: 7,
      stdout: "",
      stderr: "",
    });
    expect(opened).toMatchObject({
      request: { source: fromDockerfile(directory, join(directory, "Dockerfile")) },
      breakpoints: [{ spec: { kind: "line", line: 1 } }],
      run: false,
      color: false,
      engine: { addr: undefined, policy: "never" },
    });
  });

  test("an engine may be asked for, and --run only leaves out the stop on entry", async () => {
    await run(["--run"]);
    expect(opened).toMatchObject({ run: true, engine: { policy: "ask" } });
  });
});

describe("the line mode", () => {
  // No engine is found in these tests: what was asked of the connection says which way was taken.
  test.each([
    ["a pipe", [], { terminal: false }],
    ["a dumb terminal", [], { env: { TERM: "dumb" } }],
    ["a CI job", [], { env: { CI: "true" } }],
    ["a screen reader", [], { env: { INK_SCREEN_READER: "true" } }],
    ["ACCESSIBLE=1", [], { env: { ACCESSIBLE: "1" } }],
    ["--ui=plain", ["--ui=plain"], {}],
  ])("%s gets it instead of the screen", async (_name, argv, surroundings) => {
    expect(await run([...argv, "."], surroundings)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("no engine for"),
    });
    expect(opened).toBeUndefined();
  });

  test("--ui=full says why there can be no screen", async () => {
    const { exitCode, stderr } = await run(["--ui=full"], { terminal: false });
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(/no screen to debug on: standard input is not a terminal/);
  });

  test("a terminal for a screen reader can still be asked for an engine, a pipe cannot", async () => {
    expect((await run(["--ui=plain"])).stderr).toContain('"policy":"ask"');
    expect((await run(["--ui=plain"], { terminal: false })).stderr).toContain('"policy":"auto"');
  });
});

describe("without a terminal", () => {
  test("CI=false is no CI", async () => {
    expect(await run(["."], { env: { CI: "false" } })).toMatchObject({ exitCode: 7 });
  });

  test("nobody is asked for an engine", async () => {
    expect((await run(["--run"], { terminal: false })).stderr).toContain('"policy":"auto"');
    expect((await run(["--run", "--engine=ask"], { terminal: false })).stderr).toContain('"policy":"never"');
  });
});

describe("the engine that config prints", () => {
  test("is what would be used, and who chose it", async () => {
    const { stdout } = await run(["config"], { env: { HOME: directory } });
    expect(stdout).toMatch(/^engine = "what docker says" +a test$/m);
  });

  test("is asked for with the directory that --config names, as docker has it", async () => {
    const { stdout } = await run(["config"], { env: { HOME: directory, BKTUI_CONFIG: directory } });
    expect(stdout).toContain(`engine = "what ${directory} says"`);
    await run(["--builder=dev", "."]);
    expect(opened?.engine).toMatchObject({ builder: "dev", contextPath: directory });
  });

  test("is one line of what is wrong when it cannot be told, beside everything else", async () => {
    const { stdout, exitCode } = await run(["config"], { env: { HOME: directory, BKTUI_BUILDER: "gone" } });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("\nengine: there is no builder gone");
    expect(stdout).toContain("ui.theme = ");
  });
});

describe("errors", () => {
  test("a failure says what and what next, harmlessly, and ends with 1", async () => {
    const { exitCode, stderr, stdout } = await run(["--run"], { terminal: false });
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^bktui: no engine for \{.*"policy":"auto"\}\n {2}start\^\[\[2J one\n$/);
  });

  test("a wrong command line ends with 125", async () => {
    expect(await run(["--taget=s3cret"])).toMatchObject({
      exitCode: 125,
      stderr: "bktui: unknown option '--taget'\n  did you mean --target?\n",
    });
  });

  test("a missing Dockerfile ends with 1 before any screen", async () => {
    expect(await run(["nowhere"])).toMatchObject({ exitCode: 1 });
    expect(opened).toBeUndefined();
  });

  test("a defect is called one, and --debug shows its causes", async () => {
    expect((await run(["doctor"])).stderr).toMatch(
      /^bktui: defect with undefined\n {2}this is a defect of bktui/,
    );
  });
});

describe("printed answers", () => {
  test("the version goes to standard output", async () => {
    expect(await run(["-v"])).toEqual({ exitCode: 0, stdout: "bktui 1.2.3\n", stderr: "" });
  });

  test("help goes to standard output", async () => {
    const { exitCode, stdout, stderr } = await run(["--help"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: bktui/);
  });

  test("an engine command's answer is printed harmlessly and its exit code is the program's", async () => {
    expect(await run(["engine", "status"])).toEqual({
      exitCode: 3,
      stdout: "status^[]0;x^G\nsecond\n",
      stderr: "",
    });
  });
});

test("R29 · an output whose reader went away says so and swallows the rest", async () => {
  const stream = new PassThrough();
  const output = outputTo(stream);
  stream.destroy(new Error("EPIPE"));
  await new Promise((resolve) => output.closed.addEventListener("abort", resolve));
  output.line("into the void");
  expect(output.closed.aborted).toBe(true);
});
