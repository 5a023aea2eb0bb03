import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../../../src/base/limits.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import { SolveFailed } from "../../../../src/engine/failures.ts";
import { RecordEngine } from "../../../../src/engine/records/record-engine.ts";
import { openBuildFile, openRecordFile } from "../../../../src/engine/records/record-file.ts";
import { buildProgram } from "../../../../src/graph/build-program.ts";
import {
  blob,
  digestOf,
  recordEntries,
  recordFile,
  reportsOf,
  type TarEntry,
  tarOf,
} from "../../../support/record-files.ts";

const { signal } = new AbortController();
let directory: string;
let count = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-records-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function open(bytes: Uint8Array) {
  const path = join(directory, `${count++}.dockerbuild`);
  await writeFile(path, bytes);
  return await openRecordFile(path, { signal });
}

const openTar = async (entries: readonly TarEntry[]) => await open(tarOf(entries));

/** All that the reports say; rejects when they cannot be read. */
async function reports(bytes: Uint8Array): Promise<readonly Progress[]> {
  const source = await open(bytes);
  const [record] = source.records;
  if (record === undefined) throw new Error("no record");
  const found: Progress[] = [];
  for await (const report of source.progress(record, { signal })) found.push(report);
  return found;
}

describe("a record of a file", () => {
  test.each([
    ["compressed", recordFile()],
    ["not compressed", tarOf(recordEntries())],
    [
      "with names that begin at the file's own place",
      tarOf(recordEntries().map((entry) => ({ ...entry, name: `./${entry.name}` }))),
    ],
  ])("is read, %s", async (_how, bytes) => {
    const { records } = await open(bytes);
    expect(records).toMatchObject([
      {
        ref: "abc123",
        status: "failed",
        attributes: { filename: "Dockerfile", target: "app" },
        startedMs: 1_000_500,
        completedMs: 1_004_000,
        steps: { total: 5, completed: 4, cached: 1 },
        platform: "linux/amd64",
      },
    ]);
  });

  test("is shown as it ended, step by step, and runs again on an engine only", async () => {
    const source = await open(recordFile());
    const [record] = source.records;
    if (record === undefined) throw new Error("no record");
    let connected = 0;
    const connect = async () => {
      connected += 1;
      throw new Error("an engine");
    };
    const engine = new RecordEngine({ source, record, connect, problem: undefined });
    const request = { target: "app" } as Parameters<typeof engine.open>[0];
    const seen: Progress[] = [];
    const options = { signal, onProgress: (report: Progress) => void seen.push(report) };
    const build = await engine.open(request, options);
    const program = buildProgram(build.threads[0].graph, "Dockerfile", { target: "app" });
    expect(program.steps.map(({ start, stage, text }) => [start, stage, text])).toEqual([
      [2, "base", "COPY a /"],
      [3, "base", "RUN one"],
      [5, "app", "RUN two"],
      [6, "app", "RUN three"],
    ]);
    const edgeOf = (index: number) =>
      program.steps[index]?.result ?? { vertex: digestOf("") as never, output: 0 };
    await build.solve([edgeOf(1)], { signal });
    const failure: unknown = await build.solve([edgeOf(3)], { signal }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SolveFailed);
    expect(failure).toMatchObject({ vertex: edgeOf(2).vertex, exitCode: 3, ranges: [{ start: 5 }] });
    expect(seen.filter(({ kind }) => kind === "log")).toHaveLength(1);
    expect(connected).toBe(0);
    await expect(engine.open(request, options)).rejects.toThrow("an engine");
    expect(connected).toBe(1);
  });
});

const links = ["1", "2", "3", "4", "6"];

describe("a file with records", () => {
  test.each(["../index.json", "/index.json", "blobs/../../index.json", "a//b"])(
    "S20 · is refused with the name %s in it",
    async (name) => {
      await expect(openTar([...recordEntries(), { name, body: "x" }])).rejects.toThrow(
        /at byte \d+ of its tar: the name ".*" leads out of it/,
      );
    },
  );

  test.each(links)("S20 · is refused with an entry of kind %s: a link or a device", async (kind) => {
    await expect(openTar([{ name: "index.json", kind, link: "/etc/passwd" }])).rejects.toThrow(
      /at byte 0 of its tar: index\.json is a link or a device/,
    );
  });

  test("S45 · is refused with the place where it is broken", async () => {
    const whole = recordFile();
    const tar = tarOf(recordEntries());
    const [first] = recordEntries();
    await expect(open(whole.subarray(0, whole.length - 200))).rejects.toThrow(
      /cannot be read, at byte \d+ of its tar: /,
    );
    await expect(open(tar.subarray(0, 700))).rejects.toThrow(
      /at byte \d+ of its tar: it breaks off within a file/,
    );
    await expect(open(Buffer.from("no tar at all".repeat(100)))).rejects.toThrow(
      /at byte 0 of its tar: this is no header/,
    );
    await expect(open(Buffer.alloc(0))).rejects.toThrow(/it holds no file/);
    await expect(openTar([...recordEntries(), { name: "index.json", body: "{}" }])).rejects.toThrow(
      /index\.json is in it twice/,
    );
    await expect(openTar(first === undefined ? [] : [first])).rejects.toThrow(/it has no index\.json/);
    await expect(openTar([{ name: "index.json", body: "[" }])).rejects.toThrow(
      /index\.json cannot be read: it is no JSON object/,
    );
    await expect(openTar([{ name: "index.json", body: '{"manifests":[]}' }])).rejects.toThrow(
      /it lists no record/,
    );
    const odd = JSON.stringify({ manifests: [{ digest: "sha256:../../x" }] });
    await expect(openTar([{ name: "index.json", body: odd }])).rejects.toThrow(/is no digest/);
    const odder = JSON.stringify({ config: { mediaType: "text/plain" } });
    const index = JSON.stringify({ manifests: [{ digest: digestOf(odder) }] });
    await expect(openTar([blob(odder), { name: "index.json", body: index }])).rejects.toThrow(
      /what it holds is of type text\/plain/,
    );
    const other = recordEntries().map((entry) =>
      /blobs\/./.test(entry.name) ? { ...entry, body: `${entry.body}x` } : entry,
    );
    await expect(openTar(other)).rejects.toThrow(/its content has another digest/);
  });

  test("S45 · is refused with reports that are none, or break off", async () => {
    const good = reportsOf();
    await expect(reports(recordFile({ reports: good.subarray(0, good.length - 3) }))).rejects.toThrow(
      /at byte 0: they break off/,
    );
    await expect(
      reports(recordFile({ reports: Buffer.concat([good, Buffer.from([2, 0, 0, 0, 0xff, 0xff])]) })),
    ).rejects.toThrow(new RegExp(`at byte ${good.length}: `));
    await expect(reports(recordFile({ reports: Buffer.from("ffffffff00", "hex") }))).rejects.toThrow(
      /more than any engine sends/,
    );
  });

  test("S46 · is read with a bounded number of bytes, whatever it says of itself", async () => {
    const zeros = Buffer.alloc(limits.recordFile.jsonBytes + 1);
    const large = gzipSync(tarOf([{ name: "index.json", body: zeros }]), { level: 1 });
    await expect(open(large)).rejects.toThrow(/index\.json has \d+ bytes, which is too much/);
    const endless = gzipSync(tarOf([{ name: "index.json", size: 2 ** 33 - 1 }], { end: false }));
    await expect(open(endless)).rejects.toThrow(/it breaks off within a file/);
    const bomb = join(directory, "bomb");
    await writeFile(
      bomb,
      gzipSync(
        Buffer.concat([
          tarOf(recordEntries(), { end: false }),
          tarOf([{ name: "x", body: Buffer.alloc(2 ** 22) }]),
        ]),
      ),
    );
    await expect(openRecordFile(bomb, { signal, mostBytes: 2 ** 21 })).rejects.toThrow(
      /more than 2097152 bytes when it is unpacked/,
    );
    const many = Array.from({ length: limits.recordFile.entries + 1 }, (_, index) => ({ name: `f${index}` }));
    await expect(openTar(many)).rejects.toThrow(/more than \d+ entries/);
    await expect(
      openTar([{ name: "x", kind: "x", size: 2 ** 20, body: Buffer.alloc(2 ** 20) }]),
    ).rejects.toThrow(/bytes that describe one entry/);
  });

  test("S46 · counts times and numbers that make no sense as not said", async () => {
    const config = JSON.stringify({
      Ref: 7,
      FrontendAttrs: { target: 5, filename: "F" },
      CreatedAt: { seconds: 1e300 },
      CompletedAt: { seconds: "x" },
      numTotalSteps: 1e300,
      logs: { digest: "../x" },
      error: [],
    });
    const { records } = await open(recordFile({ config }));
    expect(records).toMatchObject([
      {
        ref: "",
        attributes: { filename: "F" },
        startedMs: 0,
        completedMs: undefined,
        logs: undefined,
        steps: { total: 0 },
      },
    ]);
  });
});

describe("an image in a file", () => {
  const described = (bytes: string, mediaType = "x") => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const entries = (
    layers: readonly string[],
    labels: Readonly<Record<string, string>> = { "dev.bktui.state": "failed" },
  ): readonly TarEntry[] => {
    const config = JSON.stringify({ config: { Env: ["A=b"], User: "7", WorkingDir: "/w", Labels: labels } });
    const manifest = JSON.stringify({
      config: described(config, "application/vnd.oci.image.config.v1+json"),
      layers: layers.map((layer) => described(layer)),
    });
    const index = JSON.stringify({ manifests: [described(manifest)] });
    return [...[...layers, config, manifest].map(blob), { name: "index.json", body: index }];
  };
  const openImage = async (all: readonly TarEntry[]) => {
    const path = join(directory, `${count++}.tar`);
    await writeFile(path, tarOf(all));
    const found = await openBuildFile(path, { signal });
    if (!("unpack" in found)) throw new Error("no image");
    return found;
  };

  test("is told by its labels and unpacked blob by blob", async () => {
    const image = await openImage(entries(["one", "two"]));
    expect(image).toMatchObject({ env: ["A=b"], user: "7", directory: "/w", layers: 2, others: 0 });
    const into = await mkdtemp(join(directory, "layout-"));
    await image.unpack(into, { signal });
    expect((await readdir(join(into, "blobs", "sha256"))).length).toBe(4);
    expect(await readdir(into)).toEqual(["blobs", "index.json", "oci-layout"]);
    const only = await mkdtemp(join(directory, "layer-"));
    await (await openImage(entries(["one"]))).unpackLayer(only, { signal });
    expect(await readFile(join(only, "layer"), "utf8")).toBe("one");
  });

  test("is FAILED where several are in it, with its BASE", async () => {
    const step = { "dev.bktui.step": "3/4" };
    const parts = ["base", "failed", "after"].map((state) =>
      entries([state], { ...step, "dev.bktui.state": state }),
    );
    const indexOf = (all: readonly TarEntry[]): readonly unknown[] =>
      JSON.parse(String(all.at(-1)?.body)).manifests;
    const index = { name: "index.json", body: JSON.stringify({ manifests: parts.flatMap(indexOf) }) };
    const image = await openImage([...parts.flatMap((all) => all.slice(0, -1)), index]);
    expect(image).toMatchObject({ labels: { "dev.bktui.state": "failed" }, others: 1 });
    const into = await mkdtemp(join(directory, "layer-"));
    await image.base?.unpackLayer(into, { signal });
    expect(await readFile(join(into, "layer"), "utf8")).toBe("base");
  });

  test("S45 · is refused when a layer is missing, or is another one", async () => {
    const into = async () => await mkdtemp(join(directory, "layout-"));
    const all = entries(["one"]);
    const lacking = await openImage(all.slice(1));
    await expect(lacking.unpackLayer(await into(), { signal })).rejects.toThrow(/it is not there/);
    const other = await openImage(
      all.map((entry, index) => (index === 0 ? { ...entry, body: "new" } : entry)),
    );
    await expect(other.unpack(await into(), { signal })).rejects.toThrow(/another digest/);
  });
});
