/** The shells of a state share its container: what one does the others see, and an end takes nobody along. */
import { afterEach, expect, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import { openShell } from "../../../src/debugger/shells/open-shell.ts";
import type {
  OpenedShell,
  SharedContainer,
  ShellTalk,
} from "../../../src/debugger/shells/shared-container.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { StateSide } from "../../../src/engine/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, give, startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const Dockerfile = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
WORKDIR /srv/place
RUN echo begun >> /runs && false
`;
const TERMINAL: ShellTalk = { kind: "terminal", columns: 80, rows: 24, term: "xterm" };
const LINES: ShellTalk = { kind: "lines" };

let scope = new Scope();
afterEach(async () => {
  await scope[Symbol.asyncDispose]();
  scope = new Scope();
});

/** A shell whose output is kept. */
class Watched {
  readonly shell: OpenedShell;
  #text = "";
  #wake = (): void => {};

  constructor(shell: OpenedShell) {
    this.shell = shell;
    shell.onData((chunk) => {
      this.#text += Buffer.from(chunk).toString("latin1");
      this.#wake();
    });
  }

  get shared(): SharedContainer {
    if (this.shell.shared === undefined) throw new Error("it has its container alone");
    return this.shell.shared;
  }

  type(text: string): void {
    this.shell.process.write(Buffer.from(text));
  }

  /** Waits for the text; answers with everything printed up to its end, which is then forgotten. */
  async until(text: string): Promise<string> {
    for (;;) {
      const at = this.#text.indexOf(text);
      if (at >= 0) {
        const found = this.#text.slice(0, at + text.length);
        this.#text = this.#text.slice(at + text.length);
        return found;
      }
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        const ended = (): void => void setImmediate(() => reject(new Error(`ended: ${this.#text}`)));
        this.shell.process.exited.then(ended, ended);
      });
    }
  }
}

async function failed(dockerHost: string): Promise<Debugging> {
  const debugging = scope.own(await startDebugging(parseAddress(dockerHost), { files: { Dockerfile } }));
  expect(await give(debugging.debug, "continue")).toBe("before 5 exception");
  return debugging;
}

async function shellIn({ debug }: Debugging, side: StateSide, talk: ShellTalk): Promise<Watched> {
  const step = programOf(debug.state)?.steps.at(-1);
  if (step === undefined) throw new Error("there is no step");
  const signal = AbortSignal.timeout(20_000);
  return new Watched(await openShell(debug, { step, side, steps: 4, talk }, { signal }));
}

forEachEngine(({ dockerHost }) => {
  test("a file of one shell is in the other, each ends alone, and the state is as it was left", async () => {
    const debugging = await failed(dockerHost);
    const first = await shellIn(debugging, "failed", TERMINAL);
    first.type("cat /runs; echo one > mine; echo don''e\n");
    expect(await first.until("done\r\n")).toContain("\r\nbegun\r\n");
    const second = new Watched(await first.shared.another(TERMINAL));
    second.type("cat mine; pwd; cat /runs; echo don''e\n");
    const said = await second.until("done\r\n");
    expect(said).toMatch(/one\r\n\/srv\/place\r\nbegun\r\ndone/);
    // Neither a bad end nor one by a signal takes anybody along.
    first.type("exit 7\n");
    expect(await first.shell.process.exited).toBe(7);
    const third = new Watched(await first.shared.another(LINES));
    third.type("kill -9 $$\n");
    expect(await third.shell.process.exited).toBe(137);
    second.type("rm -r /srv; exit\n");
    expect(await second.shell.process.exited).toBe(0);
    const fourth = new Watched(await first.shared.another(TERMINAL));
    fourth.type("echo $PWD; ls -d /srv; echo don''e\n");
    expect(await fourth.until("done\r\n")).toMatch(
      /\/srv\/place cannot be entered; this is \/\r\n.*\n\/\r\n.*No such file/s,
    );
    await first.shared[Symbol.asyncDispose]();
    await expect(fourth.shell.process.exited).resolves.toBe(137);
  });

  test("names the program in each shell, and ends one with what runs in it", async () => {
    const debugging = await failed(dockerHost);
    const first = await shellIn(debugging, "base", TERMINAL);
    const second = new Watched(await first.shared.another(TERMINAL));
    const signal = AbortSignal.timeout(20_000);
    first.type("sleep 8888\n");
    second.type("trap '' HUP TERM; top\n");
    await expect.poll(() => first.shell.program({ signal }), { timeout: 10_000 }).toBe("sleep");
    await expect.poll(() => second.shell.program({ signal }), { timeout: 10_000 }).toBe("top");
    first.type("\u0003");
    await expect.poll(() => first.shell.program({ signal }), { timeout: 10_000 }).toBe(undefined);
    await second.shell.end();
    expect(await second.shell.process.exited).toBe(137);
    first.type("ps | grep -c 'to[p]'; echo don''e\n");
    expect(await first.until("done\r\n")).toContain("\r\n0\r\n");
    await first.shell.end();
    expect(await first.shell.process.exited).toBe(137);
    const third = new Watched(await first.shared.another(LINES));
    third.type("echo still here\n");
    await third.until("still here\n");
  });
});
