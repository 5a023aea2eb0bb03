/** Terminals that are a step's shell and nothing else, at a build that another program steps. */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { JsonSession } from "../support/json-session.ts";
import { Terminal, type TerminalOptions } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";

const COOKED = / icanon .* echo /s;
const WITHIN = { timeout: 15_000, interval: 50 };

// Several programs start in each, one after the other.
vi.setConfig({ testTimeout: 120_000 });

/** A session for programs that serves its build, in a folder of sockets that no other test sees. */
class Served implements AsyncDisposable {
  readonly session: JsonSession;
  readonly socket: string;
  /** In the environment of everything that runs in this build's containers. */
  readonly mark: string;
  readonly #runtime: string;
  readonly #context: TestContext;
  #commands = 0;

  private constructor(
    parts: Pick<Served, "session" | "socket" | "mark">,
    runtime: string,
    context: TestContext,
  ) {
    this.session = parts.session;
    this.socket = parts.socket;
    this.mark = parts.mark;
    this.#runtime = runtime;
    this.#context = context;
  }

  static async start(engine: TestEngine, dockerfile?: string): Promise<Served> {
    const runtime = await mkdtemp(join(tmpdir(), "bktui-run-"));
    const mark = randomUUID();
    const text = dockerfile ?? (await readFile(join(fixtureAt("fx"), "Dockerfile"), "utf8"));
    const Dockerfile = text.replace(/^(ADD busybox .*)$/m, `$1\nENV MARK=${mark}`);
    const context = await busyboxContext({ files: { Dockerfile }, unique: true });
    const session = await JsonSession.start(["--serve", context.path], engine, {
      env: { XDG_RUNTIME_DIR: runtime },
    });
    const note = await session.until(({ type, words }) => type === "note" && /attach/.test(String(words)));
    const [, socket = ""] = /bktui attach (\S+)$/.exec(String(note["words"])) ?? [];
    return new Served({ session, socket, mark }, runtime, context);
  }

  /** Gives a command and waits until the build stands. */
  async command(command: string): Promise<void> {
    this.#commands += 1;
    const id = `c${this.#commands}`;
    this.session.send({ id, command });
    const { ok, error } = await this.session.answer(id);
    if (ok !== true) throw new Error(`${command}: ${error?.message}`);
  }

  shell(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
    const { args = [], ...others } = options;
    return Terminal.start({ ...others, args: ["attach", "--shell", ...args, this.socket] });
  }

  /** Command lines of what runs in its containers. */
  async processes(): Promise<readonly string[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
        if (!environment.includes(`MARK=${this.mark}`)) return undefined;
        return (await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")).replaceAll("\0", " ");
      }),
    );
    return found.filter((line) => line !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Killed, it would leave its containers on an engine that frees none by itself.
    this.session.send("quit");
    await this.session.ended();
    await this.session[Symbol.asyncDispose]();
    await rm(this.#runtime, { recursive: true, force: true });
    await this.#context[Symbol.asyncDispose]();
  }
}

forEachEngine((engine) => {
  test("is the shell of each stop that the build comes to, with its user, directory and variables", async () => {
    const dockerfile = [
      "FROM scratch",
      "ADD busybox /bin/busybox",
      'RUN ["/bin/busybox","--install","-s","/bin"]',
      "WORKDIR /first",
      "ENV WHICH=one",
      "RUN echo 1 > 1",
      "WORKDIR /second",
      "ENV WHICH=two",
      "USER 1234:567",
      "RUN echo 2",
    ].join("\n");
    await using served = await Served.start(engine, `${dockerfile}\n`);
    await using terminal = await served.shell({ columns: 100, rows: 30 });
    await served.command("to 6");
    await terminal.until(/^— BASE of step \d+\/\d+: RUN echo 1 > 1$/m);
    await terminal.until(/BASE \/first # $|BASE \/first #$/m);
    terminal.type("id -u; pwd; echo $WHICH $MARK; stty size\r");
    await terminal.until(new RegExp(`^0\n/first\none ${served.mark}\n30 100$`, "m"));
    terminal.resize(90, 20);
    terminal.type("clear; until stty size | grep -q '20 90'; do sleep 0.1; done; echo fits $((40 + 2))\r");
    await terminal.until(/^fits 42$/m);
    await served.command("to 10");
    await terminal.until(/^— BASE of step \d+\/\d+: RUN echo 2$/m);
    await terminal.until(/BASE \/second \$$/m);
    terminal.type("clear; id -u; pwd; echo $WHICH\r");
    await terminal.until(/^1234\n\/second\ntwo$/m);
    await served.command("continue");
    await terminal.until(/^— AFTER of step \d+\/\d+: RUN echo 2$/m);
    served.session.send("quit");
    expect((await terminal.left()).exitCode).toBe(0);
    expect(terminal.modesLeftOn()).toEqual([]);
  });

  test("BASE and FAILED side by side; a shell that ended is opened again, a program is not ended without a question", async () => {
    await using served = await Served.start(engine);
    await served.command("continue");
    await using failed = await served.shell({ args: ["--side", "failed"] });
    await using base = await served.shell({ args: ["--side", "base"] });
    await failed.until(/FAILED \/app #$/m);
    await base.until(/BASE \/app #$/m);
    failed.type("ls\r");
    await failed.until(/^a\.txt +b\.txt$/m);
    base.type("ls\r");
    await base.until(/^a\.txt$/m);
    base.type("touch mine; exit 3\r");
    await base.until(/^— shell exited with 3, Enter opens again in its files; Ctrl-\] leaves$/m);
    base.key("Enter");
    await base.press("ls\r", /^a\.txt +mine$/m);
    failed.type("sleep 1000\r");
    await vi.waitFor(async () => expect(await served.processes()).toContain("sleep 1000 "), WITHIN);
    failed.key("Ctrl-]");
    await failed.until(/sleep is running in it and will be ended\. Leave\? \(y\/n\)$/m);
    failed.type("n");
    failed.key("Ctrl-C");
    failed.type("echo still $((40 + 2))\r");
    await failed.until(/^still 42$/m);
    for (const terminal of [failed, base]) {
      terminal.key("Ctrl-]");
      const { exitCode, settings } = await terminal.left();
      expect(exitCode).toBe(0);
      expect(settings).toMatch(COOKED);
      expect(terminal.modesLeftOn()).toEqual([]);
    }
    await vi.waitFor(async () => expect(await served.processes()).toEqual([]), WITHIN);
    await using again = await served.shell();
    await again.until(/FAILED \/app #$/m);
    again.type("ls\r");
    await again.until(/^a\.txt +b\.txt$/m);
  });
});
