/** The project of the acceptance scenarios, opened in bktui on a terminal. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxContext, type TestContext } from "./engines.ts";
import { fixtureAt } from "./fixtures.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";
import type { TestEngine } from "./test-engine.ts";

const fixture = fixtureAt("fx");

const NARROW = { columns: 80, rows: 24 } as const;
const WIDE = { columns: 120, rows: 40 } as const;

/** Every scenario is gone through at both: name and size. */
export const SIZES = [
  ["80x24", NARROW],
  ["120x40", WIDE],
] as const;

export interface FxOptions
  extends Pick<TerminalOptions, "columns" | "rows" | "env" | "jobControl" | "waitMs"> {
  /** Before the path. */
  readonly args?: readonly string[];
  /** Directory of another project than the fixture. */
  readonly project?: string;
  /** Text instead of the project's Dockerfile. */
  readonly dockerfile?: string;
  /** Steps that no other build has: an engine joins equal steps of builds that are open at the same time. */
  readonly unique?: true;
  /** Where a static busybox is, outside of tests. */
  readonly busybox?: string;
}

/** The project and the terminal that debugs it. */
export class Fx implements AsyncDisposable {
  readonly terminal: Terminal;
  readonly context: TestContext;

  private constructor(terminal: Terminal, context: TestContext) {
    this.terminal = terminal;
    this.context = context;
  }

  /** Starts bktui on the project; does not wait for anything. */
  static async open(engine: TestEngine, options: FxOptions = {}): Promise<Fx> {
    const { args = [], project = fixture, dockerfile, unique, busybox, ...terminal } = options;
    const files = dockerfile === undefined ? {} : { Dockerfile: dockerfile };
    const context = await busyboxContext({
      fixture: project,
      files,
      unique: unique === true,
      busybox,
    });
    return new Fx(await Terminal.start({ ...terminal, engine, args: [...args, context.path] }), context);
  }

  /** Loaded, nothing has run. */
  static async loaded(engine: TestEngine, options: FxOptions = {}): Promise<Fx> {
    return await reach(await Fx.open(engine, options), async ({ terminal }) => {
      await terminal.untilRow(1, /LOADED · nothing has run yet$/);
    });
  }

  /** Stopped at the step that fails. */
  static async failed(engine: TestEngine, options: FxOptions = {}): Promise<Fx> {
    return await reach(await Fx.loaded(engine, options), async ({ terminal }) => {
      terminal.type("c");
      await terminal.untilRow(1, /FAILED step 7\/8 · exit code 1 · line 10$/);
    });
  }

  /** A shell has the keyboard and shows its prompt: in FAILED, kept or reproduced. */
  static async inShell(engine: TestEngine, options: FxOptions = {}): Promise<Fx> {
    return await reach(await Fx.failed(engine, options), async (fx) => {
      fx.terminal.type("!");
      await fx.prompt("FAILED");
    });
  }

  get #dockerfile(): string {
    return join(this.context.path, "Dockerfile");
  }

  /** Waits until the last line of the shell pane is a prompt. */
  async prompt(state: "BASE" | "FAILED" | "AFTER"): Promise<void> {
    const prompt = new RegExp(`^root@\\d/8 ${state} /\\S* #$`);
    await this.terminal.until((rows) => {
      const inPane = rows.slice(0, -1).filter((row) => row !== "");
      return prompt.test(inPane.at(-1) ?? "") && /SHELL/.test(rows.at(-1) ?? "");
    });
  }

  /** The same project in another window. The caller disposes it. */
  async again(options: TerminalOptions): Promise<Terminal> {
    return await Terminal.start({ ...options, args: [...options.args, this.context.path] });
  }

  /** As another program does that edits the Dockerfile. */
  async edit(change: (text: string) => string): Promise<void> {
    await writeFile(this.#dockerfile, change(await readFile(this.#dockerfile, "utf8")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
    await this.context[Symbol.asyncDispose]();
  }
}

/** A terminal that does not get where it should is closed: nobody else would. */
async function reach(fx: Fx, way: (fx: Fx) => Promise<void>): Promise<Fx> {
  try {
    await way(fx);
    return fx;
  } catch (error) {
    await fx[Symbol.asyncDispose]();
    throw error;
  }
}
