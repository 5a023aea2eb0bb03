/** Definitions of other programs on real engines: written, taken again, without the cache, and damaged ones. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pb } from "#proto";
import { compilePlan } from "../../../demo/plan/compile.ts";
import { digestOfOp } from "../../../src/protocol/llb.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const DEADLINE_MS = 180_000;
const PLAN = JSON.stringify({
  steps: [
    {
      name: "a",
      inputs: [{ image: "busybox:1.36" }, { local: "context", include: ["in.txt"] }],
      commands: [{ customName: "say it", cmd: "cat /in.txt; echo end" }],
    },
  ],
  deploy: { base: { step: "a" }, start: "true" },
});

forEachEngine((engine) => {
  test("a Dockerfile's definition is written, and built again from the file", {
    timeout: DEADLINE_MS,
  }, async () => {
    const Dockerfile = 'FROM scratch\nCOPY busybox /bin/sh\nRUN ["/bin/sh", "-c", "echo it runs"]\n';
    await using context = await busyboxContext({ files: { Dockerfile }, unique: true });
    const bktui = async (...argv: readonly string[]) =>
      await runWithoutTerminal(engine, argv, "", { cwd: context.path });
    const written = await bktui("llb", "dump", "-o", "app.llb", ".");
    expect(written, written.stderr).toMatchObject({ exitCode: 0, stdout: "" });
    const listed = await bktui("llb", "dump", "--json", "--llb", "app.llb");
    const lines = listed.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ op: "exec", places: [{ file: "Dockerfile", start: 3, end: 3 }] });
    const built = await bktui("--llb", "app.llb", "--local", "context=.", "--run", "-o", "out");
    expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    expect(built.stderr).toContain("it runs");
  });

  test("S51 · steps run anew with --no-cache, and what is damaged ends no engine", {
    timeout: DEADLINE_MS,
  }, async () => {
    await using context = await busyboxContext({ files: { "in.txt": "here\n" }, unique: true });
    const { definition } = compilePlan(PLAN);
    const bktui = async (content: Uint8Array, ...argv: readonly string[]) => {
      await writeFile(join(context.path, "x.llb"), content);
      const words = ["--llb", "x.llb", "--local", "context=.", "--run", ...argv];
      return await runWithoutTerminal(engine, words, "", { cwd: context.path });
    };
    expect(await bktui(definition)).toMatchObject({ exitCode: 0 });
    expect((await bktui(definition)).stderr).toMatch(/say it\n(.*\n)*#\d+ CACHED/);
    expect((await bktui(definition, "--no-cache")).stderr).toMatch(/say it\n(.*\n)*#\d+ [\d.]+ here/);
    for (const odd of oddDefinitions(definition)) {
      const ended = await bktui(odd);
      expect(ended.exitCode).toBeLessThan(2);
      expect(ended.stderr).not.toMatch(/was lost|\.ts:\d/);
    }
    expect(await bktui(definition)).toMatchObject({ exitCode: 0 });
  });
});

/** No number that there is. */
const UNKNOWN = 99 as pb.MountType;

type Inputs = pb.Op.$Shape["inputs"];

function onFile(inputs: Inputs, action: pb.FileAction.$Properties): pb.Op.$Properties {
  return {
    inputs: inputs ?? [],
    file: { actions: [{ input: 0, secondaryInput: -1, output: 0, ...action }] },
  };
}

function mounting(inputs: Inputs, mount: pb.Mount.$Properties): pb.Op.$Properties {
  const meta = { args: ["/bin/true"], cwd: "/" };
  return { inputs: inputs ?? [], exec: { meta, mounts: [{ input: 0, dest: "/", output: 0 }, mount] } };
}

/** Each is one that can be read, and that no engine can build. */
function oddDefinitions(from: Uint8Array): readonly Uint8Array[] {
  const changes: readonly ((op: pb.Op.$Shape) => pb.Op.$Properties)[] = [
    () => ({ source: { identifier: "nothing://x" } }),
    () => ({}),
    () => ({ build: { builder: 0 } }),
    ({ inputs }) => ({ inputs: inputs ?? [], merge: { inputs: [{ input: 0 }] } }),
    ({ inputs }) => ({ inputs: inputs ?? [], diff: { lower: { input: -1 }, upper: { input: 0 } } }),
    ({ inputs }) => ({ inputs: inputs ?? [], passthrough: {} }),
    ({ inputs }) => ({ inputs: inputs ?? [], exec: { meta: {}, mounts: [] } }),
    ({ inputs }) => ({ inputs: inputs ?? [], file: { actions: [] } }),
    ({ inputs }) =>
      onFile(inputs, { mkdir: { path: "/x", owner: { user: { byName: { name: "root", input: -1 } } } } }),
    ({ inputs }) => mounting(inputs, { mountType: pb.MountType.CACHE, dest: "/c", input: -1, output: -1 }),
    ({ inputs }) => mounting(inputs, { mountType: UNKNOWN, dest: "/c", input: -1, output: -1 }),
    () => ({ source: { identifier: "docker-image://busybox:1.36", attrs: { "image.layerlimit": "-3" } } }),
    () => ({ source: { identifier: "local://context", attrs: { "local.followpaths": "{" } } }),
  ];
  const { def = [] } = pb.Definition.decode(from);
  const last = def.at(-2) ?? new Uint8Array();
  return changes.map((change) => {
    const changed = pb.Op.encode(change(pb.Op.decode(last))).finish();
    const bytes = changed.length === 0 ? Uint8Array.of(0x9a, 0x06, 0x01, 0x41) : changed;
    const terminal = pb.Op.encode({ inputs: [{ digest: digestOfOp(bytes), index: 0 }] }).finish();
    return pb.Definition.encode({ def: [...def.slice(0, -2), bytes, terminal] }).finish();
  });
}
