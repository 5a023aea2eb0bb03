/** What happens to a build is told by both front ends, in the same words. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testEngines } from "../support/engines.ts";
import { Fx, type FxOptions } from "../support/fx.ts";
import { runBktui } from "../support/program.ts";

const [newest] = testEngines();
if (newest === undefined) throw new Error("no engine");
const engine = newest;

interface FrontEnd {
  readonly args: readonly string[];
  /** On the screen when the file is loaded. */
  readonly loaded: RegExp;
  readonly changed: RegExp;
  readonly rerun: string;
  readonly run: string;
  /** Shows what was said, where it is not there anyhow. */
  readonly messages: string;
}

const FRONT_ENDS: readonly (readonly [string, FrontEnd])[] = [
  [
    "the screen",
    {
      args: [],
      loaded: /LOADED/,
      changed: /file changed, r to rerun/,
      rerun: "r",
      run: "c",
      messages: ":messages\r",
    },
  ],
  [
    "the line mode",
    {
      args: ["--ui=plain"],
      loaded: /^\(bktui 1\/\d loaded\)$/m,
      changed: /^file changed; rerun runs it again$/m,
      rerun: "rerun\r",
      run: "continue\r",
      messages: "",
    },
  ],
];

const SIZE = { columns: 120, rows: 60 };

async function loaded({ args, loaded: isLoaded }: FrontEnd, options: FxOptions): Promise<Fx> {
  const fx = await Fx.open(engine, { ...SIZE, ...options, args: [...args, ...(options.args ?? [])] });
  await fx.terminal.until(isLoaded);
  return fx;
}

describe.each(FRONT_ENDS)("%s", (_name, frontEnd) => {
  test("tells of a file that changed, and of breakpoints that the edit moved and lost", async () => {
    await using fx = await loaded(frontEnd, { args: ["-b", "6", "-b", "11"] });
    const { terminal } = fx;
    await fx.edit((text) => text.replace("WORKDIR /src", "ENV A=1\nWORKDIR /src"));
    await terminal.until(frontEnd.changed);
    terminal.type(`${frontEnd.rerun}${frontEnd.messages}`);
    await terminal.until(/breakpoint at line 6 moved to line 7 with its instruction/);
    await terminal.until(/breakpoint at line 11 moved to line 12 with its instruction/);
    await fx.edit((text) => text.replace("COPY Dockerfile .\n", ""));
    await terminal.until(frontEnd.changed);
    terminal.type(frontEnd.rerun);
    await terminal.until(/breakpoint at line 12 cannot stop: its instruction is gone: COPY Dockerfile \./);
  });

  test("tells that a step waits for a cache that another one has", async () => {
    const cache = randomUUID().slice(0, 8);
    const run = `RUN --mount=type=cache,id=${cache},target=/c,sharing=locked echo begun && sleep 600`;
    const dockerfile = `FROM scratch AS base
ADD busybox /bin/sh
FROM base AS one
${run}
FROM base AS two
${run} && :
FROM base
COPY --from=one /bin/sh /one
COPY --from=two /bin/sh /two
`;
    await using fx = await loaded(frontEnd, { dockerfile, unique: true });
    fx.terminal.type(frontEnd.run);
    await fx.terminal.until(
      new RegExp(`step [23] prints nothing: it waits for the cache "${cache}", which step [23] has`),
    );
  });
});

test("breakpoints of the one are there in the other, and never in a script", async () => {
  const state = await mkdtemp(join(tmpdir(), "bktui-state-"));
  try {
    const env = { XDG_STATE_HOME: state };
    await using fx = await Fx.open(engine, { ...SIZE, args: ["--ui=plain"], env });
    await fx.terminal.until(/^\(bktui 1\/8 loaded\)$/m);
    fx.terminal.type("break 6\rbreak 9\rquit\r");
    expect((await fx.terminal.left()).exitCode).toBe(1);
    await using screen = await fx.again({ ...SIZE, engine, args: [], env });
    await screen.untilRow(1, /LOADED/);
    await screen.until(/^● +6 [\s\S]*^● +9 /m);
    screen.type(":6\rb");
    await screen.until((rows) => !rows.some((row) => /^● +6 /.test(row)));
    screen.type("q");
    await screen.left();
    await using lines = await fx.again({ ...SIZE, engine, args: ["--ui=plain"], env });
    await lines.until(/^1 breakpoint of earlier runs; breaks lists them$/m);
    await lines.until(/^\(bktui 1\/8 loaded\)$/m);
    lines.type("breaks\r");
    await lines.until(/^1 on line 9: COPY/m);
    await using without = await fx.again({ ...SIZE, engine, args: ["--ui=plain", "-b", "none"], env });
    await without.until(/^\(bktui 1\/8 loaded\)$/m);
    without.type("breaks\r");
    await without.until(/^no breakpoints; break sets one/m);
    const { stdout } = await runBktui(["--ui=plain", fx.context.path], { engine, env });
    expect(stdout).toContain("loaded Dockerfile: 8 steps");
    expect(stdout).not.toContain("earlier runs");
  } finally {
    await rm(state, { recursive: true, force: true });
  }
});
