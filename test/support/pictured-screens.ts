/** The screens that pictures are made of, and how a person comes to each. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Fx, type FxOptions } from "./fx.ts";
import type { TestEngine } from "./test-engine.ts";

export interface Screen {
  readonly name: string;
  readonly reach: (engine: TestEngine, size: FxOptions) => Promise<Fx>;
}

const SLOW = "RUN for i in $(seq 600); do echo transforming $i; sleep 0.1; done";

async function reached(opening: Promise<Fx>, keys: (fx: Fx) => Promise<unknown>): Promise<Fx> {
  const fx = await opening;
  try {
    await keys(fx);
    return fx;
  } catch (error) {
    await fx[Symbol.asyncDispose]();
    throw error;
  }
}

async function paused({ terminal }: Fx): Promise<void> {
  terminal.type("Gkkb");
  await terminal.until(/^●>? +10/m);
  terminal.type("c");
  await terminal.untilRow(1, /PAUSED before step 7/);
}

export const screens: readonly Screen[] = [
  {
    name: "A-running",
    reach: (engine, size) =>
      reached(
        Fx.loaded(engine, { ...size, unique: true, dockerfile: `${BASE}${SLOW}\nRUN true\n` }),
        async ({ terminal }) => {
          terminal.type("c");
          await terminal.until(/transforming 12/);
        },
      ),
  },
  { name: "B-paused", reach: (engine, size) => reached(Fx.loaded(engine, size), paused) },
  { name: "C-failed", reach: (engine, size) => Fx.failed(engine, size) },
  {
    name: "D-shell",
    reach: (engine, size) =>
      reached(Fx.inShell(engine, size), async (fx) => {
        fx.terminal.type("ls\rcat a.txt\r");
        await fx.terminal.until(/^two$/m);
        await fx.prompt("FAILED");
      }),
  },
  {
    name: "E-files",
    reach: (engine, size) =>
      reached(Fx.failed(engine, size), async ({ terminal }) => {
        terminal.type("d");
        await terminal.until(/^> ~ app\/a\.txt/m);
        terminal.key("Enter");
        await terminal.until(/\+.* two/);
      }),
  },
  {
    name: "F-breaks",
    reach: (engine, size) =>
      reached(Fx.loaded(engine, size), async (fx) => {
        await paused(fx);
        fx.terminal.type("6");
        await fx.terminal.until(/\[ \S Breaks \]/);
      }),
  },
  {
    name: "G-graph",
    reach: (engine, size) =>
      reached(Fx.loaded(engine, size), async (fx) => {
        await paused(fx);
        fx.terminal.type("7");
        await fx.terminal.until(/\[ \S Graph \]/);
      }),
  },
  {
    name: "H-help",
    reach: (engine, size) =>
      reached(Fx.loaded(engine, size), async (fx) => {
        await paused(fx);
        fx.terminal.type("?");
        await fx.terminal.until(/Help: /);
      }),
  },
  {
    name: "I-rerun",
    reach: (engine, size) =>
      reached(Fx.inShell(engine, size), async (fx) => {
        fx.terminal.type("touch it\r");
        fx.terminal.key("Ctrl-]");
        await fx.edit((text) => text.replace(" && false", ""));
        await fx.terminal.until(/changed/i);
        await fx.terminal.press("r", /Rerun|rerun\?/);
      }),
  },
  {
    name: "J-target",
    reach: (engine, size) =>
      reached(Fx.loaded(engine, size), async ({ terminal }) => {
        terminal.type("T");
        await terminal.until(/Target|Stage/);
      }),
  },
  {
    name: "K-demo",
    reach: (engine, size) =>
      reached(Fx.open(engine, { ...size, ...demo() }), async ({ terminal }) => {
        await terminal.untilRow(1, /LOADED/);
        terminal.type("c");
        await terminal.untilRow(1, /FAILED step \d+\/\d+ · exit code 3/);
        await terminal.until(/Kept: FAILED/);
      }),
  },
];

/** The demo that fails, with the images of its own busybox: nothing is pulled. */
function demo(): { readonly project: string; readonly dockerfile: string } {
  const project = fileURLToPath(new URL("../../demo/failing-run", import.meta.url));
  const text = readFileSync(`${project}/Dockerfile`, "utf8");
  const [, ...lines] = text.replace("FROM busybox:1.36 AS site", "FROM base AS site").split("\n");
  const rest = lines.filter((line) => line !== "FROM busybox:1.36 AS base");
  return { project, dockerfile: [...BASE.split("\n").slice(0, 3), ...rest].join("\n") };
}

const BASE = `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
FROM base AS app
WORKDIR /app
`;
