import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { imageOf, namedImage } from "../../../../src/cli/open/open-image.ts";
import { stateFile } from "../../../../src/cli/open/opened-image.ts";
import type { ImageFile } from "../../../../src/engine/record.ts";
import { digestOf } from "../../../support/graphs.ts";

function image(part: Partial<ImageFile>): ImageFile {
  const none = async () => undefined;
  const plain = { labels: {}, env: [], user: "", directory: "", layers: 1, others: 0 };
  return { digest: digestOf("x"), ...plain, unpack: none, unpackLayer: none, ...part };
}

function opened(part: Partial<ImageFile>, name = "/s.tar") {
  const found = image(part);
  return { name, image: found, labels: found.labels };
}

test("an image of one layer becomes a stage with its environment, directory and user", () => {
  const env = ['A=x "y" $z \\\\', "1=no", "B=two\nlines", "C="];
  const labels = { "dev.bktui.state": "failed", "dev.bktui.line": "3\nRUN evil", "dev.bktui.exit-code": "2" };
  const { text, notes } = stateFile(opened({ env, user: "app", directory: "/w d", labels }));
  expect(text.split("\n")).toEqual([
    "# What the image /s.tar holds.",
    "# It is FAILED of step ?, line 3 RUN evil of its Dockerfile, exit code 2.",
    "FROM scratch AS state",
    "ADD layer /",
    'ENV A="x \\"y\\" \\$z \\\\\\\\"',
    'ENV C=""',
    'WORKDIR "/w d"',
    'USER "app"',
    "",
  ]);
  expect(notes).toHaveLength(1);
});

test("one of several layers is read by the engine, and so is one that has a name", () => {
  expect(stateFile(opened({ layers: 2 })).text).toMatch(/^FROM opened AS state$/m);
  expect(stateFile({ name: "r/x:1", image: undefined, labels: {} }).text).toMatch(/^FROM r\/x:1 AS state$/m);
});

const STEP = { "dev.bktui.step": "3/4", "dev.bktui.stage": "app", "dev.bktui.source": "sha256:x" };
const FAILED = {
  ...STEP,
  "dev.bktui.state": "failed",
  "dev.bktui.command": "RUN evil\u001b[2J",
  "dev.bktui.exit-code": "3",
};
const BASE = { ...STEP, "dev.bktui.state": "base" };

test("BASE that was exported too is a stage in front of it", () => {
  const base = opened({ labels: BASE, env: ["A=base"], layers: 1 });
  const { text, notes } = stateFile({ ...opened({ labels: FAILED, layers: 2 }), base });
  expect(text.split("\n").slice(-5)).toEqual([
    "FROM scratch AS base",
    "ADD base/layer /",
    'ENV A="base"',
    "FROM opened AS state",
    "",
  ]);
  expect(notes).toContain("BASE of it is in the file too: target base opens it");
  const several = opened({ labels: BASE, layers: 3 }, "/s-base.tar");
  const beside = stateFile({ ...opened({ labels: FAILED }), base: several });
  expect(beside.text).toMatch(/^FROM opened-base AS base$/m);
  expect(beside.notes).toContain("BASE of it is /s-base.tar: target base opens it");
});

test.each([
  ["bktui/failed:3-1a2b3c4d", "bktui/base:3-1a2b3c4d"],
  ["host:5000/app:x", "host:5000/app:x-base"],
  ["app", "app:base"],
])("an image %s is told by its labels, and %s is its BASE where docker has it", async (name, base) => {
  const store = new Map([
    [name, FAILED],
    [base, BASE],
  ]);
  const found = await namedImage(name, async (each) => store.get(each));
  expect(found.base?.name).toBe(base);
  const { text, notes } = stateFile(found);
  expect(text).toMatch(new RegExp(`^FROM ${base} AS base\nFROM ${name} AS state$`, "m"));
  expect(notes.join()).toMatch(/FAILED of step 3\/4, .*exit code 3/);
  expect(text).not.toContain("\u001b");
  store.set(base, { ...BASE, "dev.bktui.source": "sha256:other" });
  expect((await namedImage(name, async (each) => store.get(each))).base).toBeUndefined();
  expect(await namedImage(name, async () => undefined)).toEqual({ name, image: undefined, labels: {} });
});

test("of a file BASE is that in it, else that in the file beside it", async () => {
  const unasked = async (): Promise<never> => {
    throw new Error("nothing else is opened");
  };
  const waiting = { signal: new AbortController().signal, onProgress: () => undefined };
  const both = image({ labels: FAILED, base: image({ labels: BASE }) });
  const found = await imageOf("/nowhere/s.tar", both, { openFile: unasked, ...waiting });
  expect(found).toMatchObject({ name: "/nowhere/s.tar", base: { name: "/nowhere/s.tar", labels: BASE } });
  const alone = image({ labels: FAILED });
  expect((await imageOf("/nowhere/s.tar", alone, { openFile: unasked, ...waiting })).base).toBeUndefined();
  const directory = await mkdtemp(join(tmpdir(), "bktui-open-"));
  try {
    const [path, beside] = [join(directory, "s.tar"), join(directory, "s-base.tar")];
    await writeFile(beside, "");
    const openFile = (labels: ImageFile["labels"]) => async () => image({ labels });
    const base = await imageOf(path, alone, { openFile: openFile(BASE), ...waiting });
    expect(base.base).toMatchObject({ name: beside, labels: BASE });
    const other = await imageOf(path, alone, { openFile: openFile({ ...BASE, ...FAILED }), ...waiting });
    expect(other.base).toBeUndefined();
    expect((await imageOf(path, alone, { openFile: unasked, ...waiting })).base).toBeUndefined();
  } finally {
    await rm(directory, { recursive: true });
  }
});
