import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failedLine, recordedFiles } from "../../../../src/cli/open/recorded-files.ts";
import type { RecordFacts } from "../../../../src/console/records/record-facts.ts";
import type { BuildRecord } from "../../../../src/engine/record.ts";
import { lineOf } from "../../../../src/graph/graph.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-record-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const TEXT = "FROM a\nRUN one\nRUN two\n";

function recorded(part: Partial<BuildRecord> = {}): BuildRecord {
  const steps = { total: 0, completed: 0, cached: 0 };
  const none = { logs: undefined, failure: undefined, platform: undefined, places: undefined };
  const times = { startedMs: 0, completedMs: 0 };
  return {
    ref: "r",
    status: "failed",
    attributes: {},
    exporters: [],
    error: "e",
    steps,
    warnings: 0,
    ...times,
    ...none,
    ...part,
  };
}

function facts(text: string | undefined, line = 3): RecordFacts {
  const ranges = [{ source: 0, start: lineOf(line), end: lineOf(line) }];
  return {
    failure: undefined,
    source: { filename: "Dockerfile", text, ranges },
    platform: undefined,
    commit: undefined,
  };
}

const find = async (
  record: BuildRecord,
  text: string | undefined,
  part: { context?: string; isOwn?: boolean } = {},
) =>
  await recordedFiles(record, facts(text), {
    given: {
      context: part.context === undefined ? undefined : { text: part.context, path: part.context },
      file: undefined,
    },
    cwd: directory,
    isOwn: part.isOwn ?? true,
    command: "bktui last",
  });

test("files are where the record says, and a change since is told", async () => {
  const file = join(directory, "Df");
  await writeFile(file, TEXT);
  const record = recorded({ places: { context: directory, dockerfile: file } });
  expect(await find(record, TEXT)).toEqual({
    words: [`--file=${file}`, directory],
    inline: undefined,
    text: TEXT,
    notes: [],
  });
  await writeFile(file, `# more\n${TEXT}`);
  expect((await find(record, TEXT)).notes.join()).toMatch(/it has been changed since/);
});

test("the current directory is the context only with the record's own Dockerfile in it", async () => {
  await writeFile(join(directory, "Dockerfile"), TEXT);
  expect((await find(recorded(), TEXT)).words).toEqual([
    `--file=${join(directory, "Dockerfile")}`,
    directory,
  ]);
  await expect(find(recorded(), "FROM b\n")).rejects.toMatchObject({
    hint: expect.stringContaining("--context DIRECTORY"),
  });
  await expect(find(recorded(), undefined)).rejects.toMatchObject({ code: "not-found" });
  const gone = recorded({ places: { context: join(directory, "gone"), dockerfile: "" } });
  await expect(find(gone, TEXT)).rejects.toThrow(/gone of the record is gone/);
});

test("a record from elsewhere names no file of this machine", async () => {
  await mkdir(join(directory, "context"));
  await writeFile(join(directory, "secret"), TEXT);
  const context = join(directory, "context");
  for (const filename of ["../secret", join(directory, "secret")])
    expect(
      await find(recorded({ attributes: { filename, "vcs:localdir:dockerfile": ".." } }), TEXT, {
        context,
        isOwn: false,
      }),
    ).toMatchObject({ words: ["--file=-", context], inline: TEXT });
  const places = { context: directory, dockerfile: join(directory, "secret") };
  await expect(find(recorded({ places }), TEXT, { isOwn: false })).rejects.toMatchObject({
    code: "not-found",
  });
  const git = recorded({ attributes: { context: "https://h/r.git", filename: "/etc/passwd" } });
  expect((await find(git, TEXT, { isOwn: false })).words).toEqual(["--file=etc/passwd", "https://h/r.git"]);
});

test("what came on standard input is the record's own text, or asked for", async () => {
  const piped = recorded({ places: { context: directory, dockerfile: "-" } });
  expect(await find(piped, TEXT)).toMatchObject({ words: ["--file=-", directory], inline: TEXT });
  await expect(find(piped, undefined)).rejects.toMatchObject({ hint: expect.stringContaining("-f FILE") });
  const alone = recorded({ places: { context: "-", dockerfile: "" } });
  expect(await find(alone, TEXT)).toMatchObject({ words: ["-"], inline: TEXT });
  const tar = recorded({ attributes: { context: "http://buildkit-session/x" } });
  await expect(find(tar, TEXT)).rejects.toThrow(/a tar on standard input/);
});

test("the failed instruction is followed to where it stands now", () => {
  expect(failedLine(facts(TEXT), TEXT)).toBe(3);
  expect(failedLine(facts(TEXT), `# more\n${TEXT}`)).toBe(4);
  expect(failedLine(facts(TEXT), "FROM a\nRUN other\n")).toBeUndefined();
  expect(failedLine(facts(TEXT), "FROM a\nRUN two\nRUN two\n")).toBe(3);
  expect(failedLine(facts(undefined), TEXT)).toBeUndefined();
});
