/** One process has the debugger, and terminals come and go. */
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { FrameReader, framed, GREETING } from "../../src/attach/frames.ts";
import { helloFrame } from "../../src/attach/hello.ts";
import { BackgroundProgram } from "../support/background-program.ts";
import { busyboxContext, type TestContext, testEngines } from "../support/engines.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { Terminal, type TerminalOptions } from "../support/terminal.ts";

const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));
const [engine] = testEngines();
const [SMALL, LARGE] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];
const FAILED = /FAILED step 7\/8 · exit code 1 · line 10$/;
const COOKED = / icanon .* echo /s;
const WITHIN = { timeout: 15_000, interval: 50 };

// Several programs start in each, one after the other.
vi.setConfig({ testTimeout: 120_000 });

/** A build in the background, in a folder of sockets that no other test sees. */
class Waiting implements AsyncDisposable {
  readonly build: BackgroundProgram;
  /** Path of its socket, as the process said it: another login would not look in this folder. */
  readonly socket: string;
  readonly #runtime: string;
  readonly #context: TestContext;

  private constructor(build: BackgroundProgram, socket: string, runtime: string, context: TestContext) {
    this.build = build;
    this.socket = socket;
    this.#runtime = runtime;
    this.#context = context;
  }

  static async start(...args: readonly string[]): Promise<Waiting> {
    if (engine === undefined) throw new Error("there is no engine");
    const runtime = await mkdtemp(join(tmpdir(), "bktui-run-"));
    const context = await busyboxContext({ fixture: fixtureAt("fx"), unique: true });
    const env = { XDG_RUNTIME_DIR: runtime };
    const build = await BackgroundProgram.start(["--run", ...args, context.path], { engine, env });
    const socket = await build.printed(/attach with: bktui attach (\S+)$/m);
    return new Waiting(build, socket, runtime, context);
  }

  get name(): string {
    return basename(this.socket, ".sock");
  }

  attach(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
    const { args = [], ...others } = options;
    const env = { XDG_RUNTIME_DIR: this.#runtime, ...others.env };
    return Terminal.start({ ...SMALL, ...others, env, args: ["attach", this.name, ...args] });
  }

  /** Names of what lies in the folder of sockets. */
  async sockets(): Promise<readonly string[]> {
    return await readdir(join(this.#runtime, "bktui", "attach")).catch(() => []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.build[Symbol.asyncDispose]();
    await rm(this.#runtime, { recursive: true, force: true });
    await this.#context[Symbol.asyncDispose]();
  }
}

test("two terminals of different sizes step one debugger, leave it and come back", async () => {
  await using waiting = await Waiting.start("--on-error=wait");
  await using small = await waiting.attach();
  await using large = await waiting.attach(LARGE);
  await small.untilRow(1, FAILED);
  await large.untilRow(1, FAILED);
  expect(large.screen()).toHaveLength(40);

  // What one does is seen in the other; where each looks is its own.
  small.type(":restart\r");
  await small.untilRow(1, /LOADED/);
  await large.untilRow(1, /LOADED/);
  large.type("n");
  await small.untilRow(1, /PAUSED before step 2\/8/);
  large.type("6");
  await large.until(/\[ 6 Breaks \]/);
  expect(small.screen().join("\n")).toMatch(/\[ 1 Source \]/);

  // Both at once: the debugger takes each command, or says why not, and both show the same.
  for (let round = 0; round < 3; round += 1) {
    small.type("n");
    large.type("n");
  }
  const same = (): void =>
    expect(small.row(1).replace(/^.*?(?=PAUSED|FAILED)/, "")).toBe(
      large.row(1).replace(/^.*?(?=PAUSED|FAILED)/, ""),
    );
  await small.press("c", ([first = ""]) => FAILED.test(first));
  await large.untilRow(1, FAILED);
  same();

  // A shell is everybody's, with the size of the smallest pane that shows it.
  small.type("!");
  await small.until(/FAILED \/app #$/m);
  large.type("1");
  await large.press("\r", /SHELL/);
  small.type("stty size; echo typed $((40 + 2))\r");
  await large.until(/^typed 42$/m);
  const [, columns = ""] = /^\d+ (\d+)$/m.exec(large.screen().join("\n")) ?? [];
  expect(Number(columns)).toBe(80);
  large.type("echo and back\r");
  await small.until(/^and back$/m);

  // Leaving leaves all as it is.
  const before = await small.settings();
  large.key("Ctrl-]");
  large.type("q");
  await large.until(/end the build for everybody/);
  large.type("\r");
  const left = await large.left();
  expect(left.exitCode).toBe(0);
  expect(left.settings).toMatch(COOKED);
  expect(large.modesLeftOn()).toEqual([]);
  expect(large.output).toMatch(/left; the build stays/);
  expect(before).toMatch(/ -icanon /);
  await using again = await waiting.attach(LARGE);
  await again.untilRow(1, FAILED);
  again.type("4");
  again.type("\r");
  await again.until(/^and back$/m);
});

test("a tiny screen, one that only watches, and one that is suspended beside a build that goes on", async () => {
  await using waiting = await Waiting.start("--on-error=wait");
  await using small = await waiting.attach();
  await small.untilRow(1, FAILED);
  await using tiny = await waiting.attach({ columns: 20, rows: 5 });
  await tiny.until(/FAILED step 7\/8/);
  await using watching = await waiting.attach({ ...LARGE, args: ["--read-only"] });
  await watching.untilRow(1, FAILED);
  await using suspended = await waiting.attach({ ...LARGE, jobControl: true });
  await suspended.untilRow(1, FAILED);
  suspended.key("Ctrl-Z");
  expect(await suspended.stopped()).toBe("same");
  expect(suspended.modesLeftOn()).toEqual([]);

  // Nothing that would change the build, by key or by word; looking around goes on.
  for (const keys of ["r", ":arg A=b\r", "!"]) {
    watching.type(keys);
    await watching.until(/only watches/);
    watching.key("Escape");
    await watching.until((rows) => !/only watches/.test(rows.join("\n")));
  }
  watching.type("6");
  await watching.until(/\[ 6 Breaks \]/);
  small.type("!");
  await small.until(/FAILED \/app #$/m);
  watching.type("4\r");
  watching.type("typed by nobody\r");
  small.type("echo still $((40 + 2))\r");
  await small.until(/^still 42$/m);
  expect(small.screen().join("\n")).not.toMatch(/typed by nobody/);
  watching.type("q");
  expect((await watching.left()).exitCode).toBe(0);

  small.key("Ctrl-]");
  small.type(":restart\r");
  await small.press("y", /LOADED/);
  tiny.type("n");
  await small.untilRow(1, /PAUSED before step 2\/8/);
  suspended.callBack();
  await suspended.untilRow(1, /PAUSED before step 2\/8/);
  expect(await suspended.settings()).toMatch(/ -icanon .* -echo /s);
  // As dtach has it.
  tiny.type("\u001c");
  expect((await tiny.left()).exitCode).toBe(0);
});

test("R33 · a screen that does not read keeps neither the build nor another screen, and is drawn anew when it does", async () => {
  await using waiting = await Waiting.start("--on-error=wait");
  await using small = await waiting.attach();
  await small.untilRow(1, FAILED);
  small.type("!");
  await small.until(/FAILED \/app #$/m);
  const stalled = await connectedTo(waiting.socket);
  stalled.write(framed("input", Buffer.from("4\r")));
  // Only the one that does not read shows the shell: it is as wide as that one's pane.
  small.type(
    'long=$(printf "%0250d" 7); sleep 1; i=0; while [ $i -lt 30000 ]; do echo $i $long; i=$((i+1)); done\r',
  );
  small.key("Ctrl-]");
  small.type("3");
  await small.until(/\[ 3 Log \]/);
  small.type("4\r");
  await small.until(/^29999 0+/m);
  small.key("Ctrl-]");
  small.type(":restart\r");
  await small.press("y", /LOADED/);
  small.type("n");
  await small.untilRow(1, /PAUSED before step 2\/8/);
  const reader = new FrameReader(["screen", "stop", "bye"]);
  let [drawn, bytes] = ["", 0];
  stalled.on("data", (chunk) => {
    bytes += chunk.length;
    for (const { type, payload } of reader.push(chunk))
      if (type === "screen") drawn += payload.toString("utf8");
  });
  stalled.resume();
  await vi.waitFor(() => expect(drawn).toMatch(/PAUSED/), WITHIN);
  // What the system keeps for a socket, and a frame or two.
  expect(bytes).toBeLessThan(700_000);
  stalled.pause();
  small.type(":log raw\r");
  waiting.build.kill("SIGTERM");
  expect(await waiting.build.ended()).toBe(143);
  stalled.destroy();
});

test("R34 · when the process is killed, every attached terminal is as before and says so", async () => {
  await using waiting = await Waiting.start("--on-error=wait");
  await using first = await waiting.attach();
  await using second = await waiting.attach({ ...LARGE, args: ["--read-only"] });
  await first.untilRow(1, FAILED);
  await second.untilRow(1, FAILED);
  first.type("!");
  await first.until(/FAILED \/app #$/m);
  waiting.build.kill("SIGKILL");
  for (const terminal of [first, second]) {
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(1);
    expect(settings).toMatch(COOKED);
    expect(terminal.modesLeftOn()).toEqual([]);
    expect(terminal.screen().join(" ")).toMatch(/the process of \S+ is gone: it was killed, or has crashed/);
  }
  expect(await waiting.sockets()).toEqual([basename(waiting.socket)]);
  await using late = await waiting.attach({ args: ["--list"] });
  expect((await late.left()).exitCode).toBe(0);
  expect(late.output).toMatch(/no build of this user can be attached to/);
  expect(await waiting.sockets()).toEqual([]);
});

test("nobody comes: the run ends by itself with the exit code of the failure; a signal ends it with its own", async () => {
  await using alone = await Waiting.start("--on-error=wait=1s");
  expect(await alone.build.ended()).toBe(1);
  expect(alone.build.stderr).toMatch(/^step 7\/8 failed: .*\n(.*\n)*waiting for 1s; attach with: /m);
  expect(await alone.sockets()).toEqual([]);
  // While somebody is there, the clock stands.
  await using visited = await Waiting.start("--on-error=wait=20s");
  await using terminal = await visited.attach();
  await terminal.untilRow(1, FAILED);
  // Who speaks something else is told so, and nothing else happens.
  const stranger = createConnection(visited.socket).setEncoding("latin1");
  let answer = "";
  stranger.on("data", (text: string) => {
    answer += text;
  });
  stranger.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(stranger, "close");
  expect(answer).toMatch(/^bktui attach 1\n.*the other side is no bktui: it sends "GET/s);
  visited.build.kill("SIGTERM");
  expect((await terminal.left()).exitCode).toBe(0);
  expect(terminal.output).toMatch(/the process that ran the build was ended/);
  expect(terminal.modesLeftOn()).toEqual([]);
  expect(await visited.build.ended()).toBe(143);
  expect(await visited.sockets()).toEqual([]);
});

test.runIf(process.getuid?.() === 0)(
  "S50 · another user is refused, and a folder of another is not used",
  async () => {
    await using waiting = await Waiting.start("--on-error=wait");
    const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, program, "attach"];
    await using other = await Terminal.start({ command: "setpriv", args: [...nobody, waiting.socket] });
    expect((await other.left()).exitCode).toBe(1);
    expect(other.output).toMatch(/belongs to another user/);
    await using named = await Terminal.start({ command: "setpriv", args: [...nobody, waiting.name] });
    expect((await named.left()).exitCode).toBe(1);
    expect(named.output).toMatch(/no build of this user can be attached to/);
    await chown(dirname(waiting.socket), 65_534, 65_534);
    await using deceived = await Terminal.start({ args: ["attach", waiting.socket] });
    expect((await deceived.left()).exitCode).toBe(1);
    expect(deceived.output).toMatch(/belongs to the user with the number 65534/);
    await chown(dirname(waiting.socket), 0, 0);
  },
);

test("a screen that is opened for others is ended from another one, after a question", async () => {
  if (engine === undefined) throw new Error("there is no engine");
  const runtime = await mkdtemp(join(tmpdir(), "bktui-run-"));
  await using context = await busyboxContext({ fixture: fixtureAt("fx"), unique: true });
  const env = { XDG_RUNTIME_DIR: runtime };
  try {
    await using owner = await Terminal.start({ engine, env, args: ["--serve=shown", context.path] });
    await owner.untilRow(1, /LOADED/);
    await owner.until(/others attach with: bktui attach/);
    await using guest = await Terminal.start({ env, ...LARGE, args: ["attach"] });
    await guest.untilRow(1, /LOADED/);
    guest.type("n");
    await owner.untilRow(1, /PAUSED before step 2\/8/);
    guest.type("q");
    await guest.until(/end the build for everybody/);
    guest.type("j\r");
    await guest.until(/End the build for everybody\?/);
    await guest.press("y", /shown: /);
    expect((await guest.left()).exitCode).toBe(0);
    expect((await owner.left()).exitCode).toBe(1);
    for (const terminal of [owner, guest]) expect(terminal.modesLeftOn()).toEqual([]);
  } finally {
    await rm(runtime, { recursive: true, force: true });
  }
});

/** Says hello as a large terminal, and reads nothing. */
async function connectedTo(path: string): Promise<Socket> {
  const socket = createConnection(path).pause();
  await once(socket, "connect");
  socket.write(GREETING);
  socket.write(helloFrame({ wish: "screen", size: { columns: 300, rows: 100 }, env: { LANG: "C.UTF-8" } }));
  return socket;
}
