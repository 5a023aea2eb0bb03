import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BuildRequest } from "../../../../src/engine/build-request.ts";
import { fromDockerfile } from "../../../../src/engine/build-sources.ts";
import type { Bundle } from "../../../../src/engine/bundle.ts";
import { writeBundle } from "../../../../src/engine/bundles/write-bundle.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import { AlreadyThere } from "../../../../src/engine/failures.ts";
import { openBuildFile, openRecordFile } from "../../../../src/engine/records/record-file.ts";
import { type Digest, lineOf } from "../../../../src/graph/graph.ts";
import { digestOf, recordEntries, tarOf } from "../../../support/record-files.ts";

const SECRET = "s3cret-value-of-a-token";
const DOCKERFILE = `FROM scratch\nRUN one\nRUN two ${SECRET}\n`;
const { signal } = new AbortController();
const run = promisify(execFile);

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-bundle-"));
  file = join(directory, "b.dockerbuild");
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const digest = (name: string): Digest => digestOf(name) as Digest;

function bundleOf(rest: Partial<Bundle> = {}): Bundle {
  const times = { startedMs: 1_000_250, completedMs: 1_002_500 };
  const lines = Array.from({ length: 1201 }, (_, index) => ({
    vertex: digest("two"),
    stream: index === 1200 ? ("stderr" as const) : ("stdout" as const),
    atMs: 1_001_000 + index,
    text: index === 1200 ? SECRET : `line ${index}`,
  }));
  return {
    request: { source: fromDockerfile(`/src/${SECRET}`, "/src/Dockerfile") } as BuildRequest,
    status: "failed",
    message: `process "two ${SECRET}" did not complete successfully: exit code: 3`,
    vertex: digest("two"),
    exitCode: 3,
    source: { filename: "Dockerfile", text: DOCKERFILE, range: { start: lineOf(3), end: lineOf(3) } },
    vertices: [
      { digest: digest("one"), name: "[1/2] RUN one", inputs: [], ...times, cached: true, error: "" },
      {
        digest: digest("two"),
        name: `[2/2] RUN two ${SECRET}`,
        inputs: [digest("one")],
        ...times,
        cached: false,
        error: SECRET,
      },
    ],
    lines: () => lines,
    warnings: [{ text: `take care of ${SECRET}`, detail: [SECRET], url: SECRET, ranges: [] }],
    texts: [{ name: "values.json", text: `{"environment":["A=${SECRET}"]}` }],
    about: ["made at step 2/2", `of ${SECRET}`],
    ...rest,
  };
}

const order = {
  force: false,
  state: undefined,
  signal,
  attributes: { filename: "Dockerfile", [`build-arg:${SECRET}`]: SECRET, target: "app" },
  masked: (text: string) => text.replaceAll(SECRET, "***"),
};

describe("a bundle", () => {
  test("reads as the record of its build, and lists as a tar of plain names", async () => {
    const bytes = await writeBundle(bundleOf(), { ...order, path: file });
    expect((await stat(file)).size).toBe(bytes);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["b.dockerbuild"]);
    const source = await openRecordFile(file, { signal });
    const [record] = source.records;
    if (record === undefined) throw new Error("no record");
    expect(record).toMatchObject({
      status: "failed",
      attributes: { filename: "Dockerfile", target: "app", "build-arg:***": "***" },
      startedMs: 1_000_250,
      completedMs: 1_002_500,
      steps: { total: 2, completed: 2, cached: 1 },
      warnings: 1,
    });
    expect(await source.failure(record, { signal })).toMatchObject({
      vertex: digest("two"),
      exitCode: 3,
      sources: [{ filename: "Dockerfile", text: DOCKERFILE.replace(SECRET, "***"), ranges: [{ start: 3 }] }],
    });
    expect((await source.vertices(record, { signal })).get(digest("two"))?.inputs).toEqual([digest("one")]);
    const reports: Progress[] = [];
    for await (const report of source.progress(record, { signal })) reports.push(report);
    const logs = reports.filter(({ kind }) => kind === "log");
    expect(logs).toHaveLength(1201);
    expect(logs.at(-1)).toMatchObject({ stream: "stderr", atMs: 1_002_200, data: Buffer.from("***\n") });
    expect(source.bundle).toMatchObject({ about: ["made at step 2/2", "of ***"], hasState: false });
    const { stdout } = await run("tar", ["tf", file]);
    expect(stdout.split("\n").filter((name) => !/^(blobs\/sha256\/[0-9a-f]{64}|)$/.test(name))).toEqual([
      "index.json",
      "oci-layout",
      "bktui/about.txt",
      "bktui/Dockerfile",
      "bktui/values.json",
    ]);
  });

  test("S26 · has no value of a secret, in whatever part it was", async () => {
    await writeBundle(bundleOf(), { ...order, path: file });
    const whole = gunzipSync(await readFile(file)).toString("latin1");
    expect(whole).not.toContain(SECRET);
    const quoted = Buffer.from(DOCKERFILE).toString("base64");
    expect(whole).not.toContain(quoted);
    expect(whole).toContain("***");
  });

  test("takes a state in and gives it back", async () => {
    const content = Buffer.alloc(3_000_000, "state");
    const state = (path: string) => writeFile(path, content);
    await writeBundle(bundleOf(), { ...order, path: file, state });
    const { bundle } = await openRecordFile(file, { signal });
    const copy = join(directory, "copy");
    await bundle?.unpackState(copy, { signal });
    expect((await readFile(copy)).equals(content)).toBe(true);
    expect(bundle?.hasState).toBe(true);
    // Nothing that is there is written over.
    await expect(bundle?.unpackState(copy, { signal })).rejects.toThrow(/EEXIST/);
    expect((await readdir(directory)).sort()).toEqual(["b.dockerbuild", "copy"]);
  });

  test("S23 · takes the place of a file only when it may, and leaves nothing half-made", async () => {
    await writeFile(file, "mine", { mode: 0o644 });
    await expect(writeBundle(bundleOf(), { ...order, path: file })).rejects.toThrow(AlreadyThere);
    // A link to it is that file too.
    const link = join(directory, "link");
    await symlink(file, link);
    await expect(writeBundle(bundleOf(), { ...order, path: link })).rejects.toThrow(AlreadyThere);
    await expect(writeBundle(bundleOf(), { ...order, path: directory, force: true })).rejects.toThrow(
      /no file/,
    );
    const broken = async () => {
      throw new Error("the engine went away");
    };
    const options = { ...order, path: file, force: true };
    await expect(writeBundle(bundleOf(), { ...options, state: broken })).rejects.toThrow(/went away/);
    // One that comes meanwhile stays.
    const late = join(directory, "late");
    const meanwhile = async (path: string) => {
      await writeFile(path, "state");
      await writeFile(late, "somebody's");
    };
    await expect(writeBundle(bundleOf(), { ...order, path: late, state: meanwhile })).rejects.toThrow(
      AlreadyThere,
    );
    const stopped = AbortSignal.abort(new Error("enough"));
    await expect(writeBundle(bundleOf(), { ...options, signal: stopped })).rejects.toThrow();
    expect(await readFile(file, "utf8")).toBe("mine");
    expect(await readFile(late, "utf8")).toBe("somebody's");
    expect((await readdir(directory)).sort()).toEqual(["b.dockerbuild", "late", "link"]);
    await writeBundle(bundleOf(), options);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test.each([
    [
      "stopped on its way",
      { status: "cancelled", vertex: undefined, exitCode: undefined } as const,
      "cancelled",
    ],
    ["that is done", { status: "completed", vertex: undefined, exitCode: undefined } as const, "completed"],
  ])("of a build %s says so, with its Dockerfile", async (_what, rest, status) => {
    await writeBundle(bundleOf(rest), { ...order, path: file });
    const source = await openRecordFile(file, { signal });
    const [record] = source.records;
    if (record === undefined) throw new Error("no record");
    expect(record.status).toBe(status);
    expect((await source.failure(record, { signal }))?.sources[0]?.text).toContain("RUN one");
  });

  test.each(["../x", "a/b", "", ".x", "a b"])("S20 · is not written with a part named %j", async (name) => {
    const texts = [{ name, text: "x" }];
    await expect(writeBundle(bundleOf({ texts }), { ...order, path: file })).rejects.toThrow(/no plain name/);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("somebody else's bundle", () => {
  const about = { name: "bktui/about.txt", body: "x\n" };
  const opened = async (entries: Parameters<typeof tarOf>[0]) => {
    await writeFile(file, tarOf([...recordEntries(), ...entries]));
    return await openBuildFile(file, { signal });
  };

  test.each([
    ["a name that leads out of it", [about, { name: "bktui/../../evil", body: "x" }], /leads out of it/],
    ["a whole path", [about, { name: "/etc/evil", body: "x" }], /leads out of it/],
    [
      "a link as its state",
      [about, { name: "bktui/state.tar", kind: "2", link: "/etc/passwd" }],
      /is a link/,
    ],
    [
      "its state twice",
      [about, ...[1, 2].map(() => ({ name: "bktui/state.tar", body: "x" }))],
      /in it twice/,
    ],
  ])("S20 · is refused with %s", async (_what, entries, why) => {
    await expect(opened(entries)).rejects.toThrow(why);
    expect(await readdir(directory)).toEqual(["b.dockerbuild"]);
  });

  test("tells a bounded number of lines", async () => {
    const body = `${"line ".repeat(5000)}\n`.repeat(100);
    const found = await opened([{ name: "bktui/about.txt", body }]);
    if (!("records" in found)) throw new Error("no record");
    expect(found.bundle?.about).toHaveLength(20);
    expect(found.bundle?.about.every((line) => line.length < 5000)).toBe(true);
  });
});
