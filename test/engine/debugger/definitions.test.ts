/** Definitions that no Dockerfile tells of, stepped on real engines. */
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookAndExplain } from "../../../src/debugger/explain/look-up.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { Program, Step, StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { capabilitiesOf } from "../../support/capabilities.ts";
import { type Debugging, give, outputIn, startDebugging, where } from "../../support/debugging.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { LlbWriter, type Ref } from "../../support/llb-writer.ts";
import { OwnEngine } from "../../support/own-engine.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const signal = AbortSignal.timeout(120_000);
const PATH = "PATH=/bin";

/** Two ways to a state in which a command fails. @param salt what makes a step another one, in a new place */
function encoded({ id, merges, salt }: { id: string; merges: boolean; salt?: string }): Uint8Array {
  const llb = new LlbWriter();
  const context = llb.source("local://context", {}, { name: "load ." });
  const copied = llb.op(
    {
      file: {
        actions: [
          {
            input: -1,
            secondaryInput: 0,
            output: 0,
            copy: { src: "/busybox", dest: "/bin/busybox", createDestPath: true, mode: -1, timestamp: -1 },
          },
        ],
      },
    },
    [context],
    { name: "copy busybox" },
  );
  const tools = llb.exec(["/bin/busybox", "--install", "-s", "/bin"], { on: copied, name: "install" });
  const run = (command: string, on: Ref, name?: string): Ref =>
    llb.exec(command, { on, env: [PATH, `ID=${id}`], ...(name === undefined ? {} : { name }) });
  const salted = salt === undefined ? tools : run(`echo ${salt} > /salt`, tools);
  const data = run("mkdir /data && echo one > /data/a", salted, "make data");
  const grown = run("echo two > /data/b && rm /data/a", data, "grow data");
  const other = (): Ref =>
    llb.file([
      { mkdir: { path: "/other", mode: 0o755, timestamp: -1 } },
      { mkfile: { path: "/other/x", mode: 0o600, data: Buffer.from("x"), timestamp: -1 } },
    ]);
  const shop = merges
    ? llb.merge([tools, llb.diff(data, grown), other()], { name: "shop" })
    : llb.file(
        [{ secondaryInput: 1, copy: { src: "/data", dest: "/data", mode: -1, timestamp: -1 } }],
        [tools, grown],
        {
          name: "shop",
        },
      );
  const failing = llb.exec("echo junk > c; ls; exit 3", {
    on: shop,
    name: "check",
    env: [PATH, "COLOUR=green"],
    cwd: "/data",
  });
  return llb.encoded(failing);
}

function stepNamed(program: Program | undefined, text: string): Step {
  const step = program?.steps.find((each) => each.text === text);
  if (step === undefined)
    throw new Error(`no step ${text} in ${program?.steps.map((each) => each.text).join("; ")}`);
  return step;
}

function lineBreak(bench: Debugging, { start }: Step): void {
  bench.debug.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(start) } });
}

async function differences(bench: Debugging, step: Step, side: "base" | "after"): Promise<string> {
  await using container = await bench.debug.container(step.id, side, { signal });
  return container.differences.join("\n");
}

async function stepped(engine: TestEngine): Promise<void> {
  const merges = (await capabilitiesOf(engine)).has("mergeop");
  await using context = await busyboxContext({});
  await using elsewhere = await busyboxContext({});
  const file = join(elsewhere.path, "app.llb");
  const id = randomUUID();
  await writeFile(file, encoded({ id, merges }));
  const source = {
    kind: "definition",
    file,
    imageConfig: undefined,
    locals: { context: context.path },
    shown: undefined,
  } as const;
  await using bench = await startDebugging(parseAddress(engine.dockerHost, engine.kind), {}, { source });
  const { debug } = bench;
  expect(where(debug.state)).toMatch(/^before \d+ entry$/);
  const program = programOf(debug.state);
  expect(program?.form).toBe("listing");
  expect(program?.steps.map(({ stage, instruction }) => `${stage} ${instruction}`)).toEqual([
    "sources LOCAL",
    "copy-busybox COPY",
    "copy-busybox EXEC",
    "make-data EXEC",
    ...(merges
      ? ["grow-data EXEC", "diff DIFF", "file-mkdir-other-mkfile FILE", "shop MERGE", "shop EXEC"]
      : []),
    ...(merges ? [] : ["make-data EXEC", "shop COPY", "shop EXEC"]),
  ]);

  const [grow, shop, check] = ["exec grow data", merges ? "merge shop" : "copy shop", "exec check"].map(
    (text) => stepNamed(program, text),
  );
  if (grow === undefined || shop === undefined || check === undefined) throw new Error("unreachable");
  lineBreak(bench, grow);
  debug.dispatch({ kind: "add-breakpoint", spec: { kind: "stage", stage: "shop" } });
  expect(await give(debug, "continue")).toBe(`before ${grow.start} breakpoint`);
  expect(await outputIn(debug, grow.id + 1, "base", "cat /data/a; echo $ID")).toBe(`one\n${id}\n`);
  expect(await give(debug, "next")).toMatch(/^(before|end) \d+ (step|breakpoint)$/);
  const grown = await debug.changes(grow.id, "after", { signal });
  expect(grown.changes.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    "removed /data/a",
    "added /data/b",
  ]);

  while (where(debug.state) !== `before ${check.start} breakpoint`)
    expect(await give(debug, "next")).toMatch(/^(before|end)/);
  // The environment of a place without a command is that of the nearest one, and is said to be.
  expect(await outputIn(debug, shop.id + 1, "after", "pwd; ls /data")).toBe("/\nb\n");
  expect(await differences(bench, shop, "after")).toContain('are those of "install"');
  const copy = stepNamed(program, "copy busybox");
  expect(await differences(bench, copy, "after")).toContain('are those of "install"');
  expect(await differences(bench, stepNamed(program, "local load ."), "after")).toContain(
    "root in / with the usual PATH",
  );
  expect(await differences(bench, check, "base")).not.toContain("are those of");

  expect(await give(debug, "continue")).toBe(`before ${check.start} exception`);
  expect(await outputIn(debug, check.id + 1, "base", "pwd; ls; echo $COLOUR")).toBe("/data\nb\ngreen\n");
  if (engine.keepsFailedState) expect(await outputIn(debug, check.id + 1, "failed", "ls")).toBe("b\nc\n");
  const explanation = await lookAndExplain(debug, "", { signal });
  expect(explanation?.headline).toMatch(/^step \d+\/\d+ failed: exit code 3/);
  expect(JSON.stringify(explanation)).not.toMatch(/Dockerfile|RUN|FROM|"edit"/);

  // What was set on a vertex stays with it in another definition.
  await writeFile(file, encoded({ id, merges, salt: "sea" }));
  debug.dispatch({ kind: "rerun", here: true });
  await debug.rest();
  const next = programOf(debug.state);
  expect(next?.steps).toHaveLength((program?.steps.length ?? 0) + 1);
  const moved = stepNamed(next, "exec grow data");
  expect(moved.start).toBeGreaterThan(grow.start);
  expect(debug.state.breakpoints[0]?.bound).toMatchObject({ kind: "verified", line: moved.start });
  const text = await debug.readFile((moved.id - 1) as StepId, "after", {
    path: "/salt",
    offset: 0,
    length: 10,
    signal,
  });
  expect(Buffer.from(text.bytes).toString()).toBe("sea\n");
}

forEachEngine((engine) => {
  test("a definition is stepped: breakpoints, states, files, environments, a failure, another definition", () =>
    stepped(engine));

  test("a shell on an image that no command works on is as the image says", async () => {
    const llb = new LlbWriter();
    const image = llb.image("docker.io/library/busybox:1.36");
    const idle = llb.file([{ mkdir: { path: "/idle", mode: 0o700, timestamp: -1 } }], [image], {
      name: "idle",
    });
    await using context = await busyboxContext({});
    const file = join(context.path, "image.llb");
    await writeFile(file, llb.encoded(idle));
    const source = {
      kind: "definition",
      file,
      imageConfig: undefined,
      locals: {},
      shown: undefined,
    } as const;
    await using bench = await startDebugging(parseAddress(engine.dockerHost, engine.kind), {}, { source });
    await give(bench.debug, "next");
    expect(await give(bench.debug, "next")).toMatch(/^end/);
    const step = stepNamed(programOf(bench.debug.state), "mkdir idle");
    expect(await outputIn(bench.debug, step.id + 1, "after", "pwd; ls -d /idle; echo $PATH")).toBe(
      "/\n/idle\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
    );
    expect(await differences(bench, step, "after")).toContain(
      "those of the image docker.io/library/busybox:1.36",
    );
  });
});

test("the same with Merge and Diff, which need an engine with an image store of its own", {
  timeout: 120_000,
}, async () => {
  await using own = await OwnEngine.start(undefined, {
    daemonJson: { features: { "containerd-snapshotter": true } },
  });
  expect(await capabilitiesOf(own.engine)).toContain("mergeop");
  await stepped(own.engine);
});
