import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { limits } from "../../../../src/base/limits.ts";
import type { LineArchive } from "../../../../src/debugger/progress/line-archive.ts";
import { LineLog, VertexLines } from "../../../../src/debugger/progress/line-log.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import type { LogLine, LogView } from "../../../../src/debugger/progress/progress-store.ts";
import { SpillFile } from "../../../../src/debugger/progress/spill-file.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import { lineOf as lineNumber, type SourceRange } from "../../../../src/graph/graph.ts";
import { digestOf, edgeOf, makeGraph } from "../../../support/graphs.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function log(id: string, text: string, stream: "stdout" | "stderr" = "stdout"): Progress {
  return { kind: "log", vertex: digestOf(id), stream, atMs: 1, data: bytes(text) };
}

function vertex(id: string, facts: Partial<Extract<Progress, { kind: "vertex" }>> = {}): Progress {
  return {
    kind: "vertex",
    vertex: digestOf(id),
    name: id,
    startedMs: undefined,
    completedMs: undefined,
    cached: false,
    error: "",
    ...facts,
  };
}

function texts(view: LogView): readonly (string | undefined)[] {
  return Array.from({ length: view.end - view.first }, (_, index) => view.line(view.first + index)?.text);
}

/** An archive in this process; `room` bytes fit in. */
function archiveOf(room: number, oldest = () => 0): LineArchive & { readonly used: () => number } {
  let kept = Buffer.alloc(0);
  return {
    used: () => kept.length,
    get oldest() {
      return oldest();
    },
    append: (data) => {
      if (kept.length + data.length > room) throw new BktuiError("io", "the disk is full");
      kept = Buffer.concat([kept, data]);
      return kept.length - data.length;
    },
    read: (place, count) => kept.subarray(place, place + count),
    [Symbol.dispose]: () => {
      kept = Buffer.alloc(0);
    },
  };
}

function logWith(
  archive: LineArchive,
  memory = { lines: 1000, characters: 1e6 },
): LineLog & { readonly lost: BktuiError[] } {
  const lost: BktuiError[] = [];
  return Object.assign(new LineLog({ memory, archive, onLost: (error) => lost.push(error) }), { lost });
}

const lineOf = (index: number, text = `line ${index} ä😀`): LogLine => ({
  vertex: digestOf(index % 3 === 0 ? "a" : "b"),
  stream: index % 2 === 0 ? "stdout" : "stderr",
  atMs: 1.7e12 + index / 3,
  text,
});

describe("LineLog", () => {
  it("gives every line back as it was, whether it is in memory or not", () => {
    using log = logWith(archiveOf(Number.POSITIVE_INFINITY));
    for (let index = 0; index < 5000; index++) expect(log.push(lineOf(index))).toBe(index);
    expect([log.first, log.end]).toEqual([0, 5000]);
    for (const index of [0, 255, 256, 4999, 1234, 3999, 4000, 0])
      expect(log.line(index)).toEqual(lineOf(index));
    expect([log.line(-1), log.line(5000)]).toEqual([undefined, undefined]);
  });

  it("gives back what a line wrote over", () => {
    using log = logWith(archiveOf(Number.POSITIVE_INFINITY));
    const rewritten = (index: number): LogLine => ({ ...lineOf(index), raw: `10%\r${index} ä` });
    for (let index = 0; index < 3000; index++) log.push(index % 5 === 0 ? rewritten(index) : lineOf(index));
    for (const index of [0, 1, 255, 256, 1280, 2999])
      expect(log.line(index)).toEqual(index % 5 === 0 ? rewritten(index) : lineOf(index));
  });

  it("keeps as many lines and characters in memory as it may", () => {
    const archive = archiveOf(Number.POSITIVE_INFINITY);
    using log = logWith(archive, { lines: 1000, characters: 10_000 });
    for (let index = 0; index < 20; index++) log.push(lineOf(index, "x".repeat(1000)));
    expect(archive.used()).toBeGreaterThan(9000);
    expect(log.line(0)?.text).toHaveLength(1000);
    log.push(lineOf(20, "y".repeat(50_000)));
    expect(log.line(20)?.text).toHaveLength(50_000);
  });

  it("gives up what is on a full disk, says so once, and goes on in memory", () => {
    const archive = archiveOf(20_000);
    using log = logWith(archive);
    for (let index = 0; index < 5000; index++) log.push(lineOf(index));
    expect(log.lost.map(({ message }) => message)).toEqual(["the disk is full"]);
    expect(archive.used()).toBe(0);
    expect(log.end).toBe(5000);
    expect(log.end - log.first).toBeLessThanOrEqual(1000);
    expect(log.line(log.first)).toEqual(lineOf(log.first));
    expect(log.line(log.first - 1)).toBeUndefined();
  });

  it("goes up with the archive's oldest place", () => {
    let oldest = 0;
    using log = logWith(archiveOf(Number.POSITIVE_INFINITY, () => oldest));
    for (let index = 0; index < 3000; index++) log.push(lineOf(index));
    const ofA = new VertexLines(log);
    for (let index = 0; index < 3000; index += 3) ofA.add(index);
    oldest = 1;
    for (let index = 3000; index < 3300; index++) log.push(lineOf(index));
    expect(log.first).toBe(256);
    expect([ofA.first, ofA.end]).toEqual([86, 1000]);
    expect(ofA.line(86)).toEqual(lineOf(258));
    expect(ofA.line(85)).toBeUndefined();
  });
});

describe("SpillFile", () => {
  it("leaves no name behind, and gives back what lies in its newest segments", () => {
    const directory = mkdtempSync(join(tmpdir(), "bktui-spill-"));
    using archive = new SpillFile({ directory, maxBytes: 300, segmentBytes: 100 });
    const places = Array.from({ length: 10 }, (_, index) => archive.append(Buffer.alloc(60, index)));
    expect(readdirSync(directory)).toEqual([]);
    expect(archive.oldest).toBe(700);
    for (const [index, place] of places.entries()) {
      if (place < archive.oldest) expect(() => archive.read(place, 60)).toThrow("cut short");
      else expect(Buffer.from(archive.read(place, 60))).toEqual(Buffer.alloc(60, index));
    }
    rmdirSync(directory);
  });

  it("says where lines cannot be kept", () => {
    using archive = new SpillFile({ directory: "/nonexistent" });
    expect(() => archive.append(Buffer.alloc(1))).toThrow("cannot keep log lines in /nonexistent (ENOENT)");
  });
});

describe("ProgressLog", () => {
  it("keeps lines per vertex and in order of arrival, streams apart", () => {
    using store = new ProgressLog();
    store.apply(log("a", "one\nhal"));
    store.apply(log("b", "other\n"));
    store.apply(log("a", "oops\n", "stderr"));
    store.apply(log("a", "f\n"));
    expect(texts(store.log)).toEqual(["one", "other", "oops", "half"]);
    expect(texts(store.logOf(digestOf("a")))).toEqual(["one", "oops", "half"]);
    expect(texts(store.logOf(digestOf("unknown")))).toEqual([]);
  });

  it("puts a line together that is reported in pieces before and after the end of its command", async () => {
    using store = new ProgressLog();
    store.apply(vertex("a", { startedMs: 1 }));
    store.apply(log("a", "one\nalmost"));
    store.apply(vertex("a", { startedMs: 1, completedMs: 2 }));
    store.apply(log("a", " late\nno end"));
    expect(texts(store.log)).toEqual(["one", "almost late"]);
    await vi.waitFor(() => expect(texts(store.log)).toEqual(["one", "almost late", "no end"]));
  });

  it("shows at a stop what a command printed last, without a line end", () => {
    using store = new ProgressLog();
    store.apply(log("a", "goes on"));
    store.apply(log("b", "almost"));
    store.apply(vertex("b", { startedMs: 1, completedMs: 2 }));
    store.settle();
    expect(texts(store.log)).toEqual(["almost"]);
  });

  it("says that a last line without an end is still to come, and settles each step by itself", async () => {
    using store = new ProgressLog();
    for (const id of ["a", "b"]) {
      store.apply(vertex(id, { startedMs: 1 }));
      store.apply(log(id, `10%\r99% of ${id}`));
    }
    expect(store.isEnding(digestOf("a"))).toBe(false);
    store.apply(vertex("a", { startedMs: 1, completedMs: 2 }));
    store.apply(vertex("b", { startedMs: 1, completedMs: 2 }));
    expect([store.isEnding(digestOf("a")), texts(store.log)]).toEqual([true, []]);
    const going = setInterval(() => store.apply(log("b", "\rmore of b")), 10);
    await vi.waitFor(() => expect(texts(store.log)).toEqual(["99% of a"]));
    expect([store.isEnding(digestOf("a")), store.isEnding(digestOf("b"))]).toEqual([false, true]);
    clearInterval(going);
    await vi.waitFor(() => expect(texts(store.log)).toEqual(["99% of a", "more of b"]));
    expect(store.isEnding(digestOf("b"))).toBe(false);
    expect(store.log.line(0)?.raw).toBe("10%\r99% of a");
  });

  it("knows what running steps have begun to print", () => {
    using store = new ProgressLog();
    for (const id of ["a", "b"]) store.apply(vertex(id, { startedMs: 1 }));
    store.apply(log("a", "one\n10%\r20%"));
    store.apply(log("b", "Continue? [y/N] "));
    store.apply(log("a", "\r30%"));
    expect(store.openLines().map(({ text }) => text)).toEqual(["Continue? [y/N] ", "30%"]);
    store.apply(log("a", "\n"));
    store.apply(vertex("b", { startedMs: 1, completedMs: 2 }));
    expect(store.openLines()).toEqual([]);
    expect(texts(store.log)).toEqual(["one", "30%"]);
  });

  it("tells waiting, running, done, cached, failed and cancelled apart", () => {
    using store = new ProgressLog();
    const reports: readonly Progress[] = [
      vertex("waiting"),
      vertex("running", { startedMs: 1 }),
      vertex("done", { startedMs: 1, completedMs: 2 }),
      vertex("cached", { startedMs: 1, completedMs: 1, cached: true }),
      vertex("failed", { startedMs: 1, completedMs: 2, error: "exit code: 1" }),
      vertex("cancelled", { startedMs: 1, completedMs: 2, error: "exit code: 137: context canceled" }),
    ];
    for (const report of reports) store.apply(report);
    for (const [, { name, status }] of store.vertices()) expect(status).toBe(name);
    store.apply(vertex("running"));
    expect(store.vertex(digestOf("running"))?.status).toBe("running");
    store.apply(vertex("cancelled", { startedMs: 3 }));
    expect(store.vertex(digestOf("cancelled"))).toMatchObject({ status: "running", completedMs: undefined });
    store.apply(vertex("failed", { startedMs: 3, error: "of the run before" }));
    expect(store.vertex(digestOf("failed"))).toMatchObject({ status: "running", error: "" });
  });

  it("lets the answer to a solve decide how a second run ended that is reported with the error of the first", () => {
    using store = new ProgressLog();
    store.adopt(
      makeGraph("FROM scratch\nRUN a\nRUN b\n", [
        { id: "a", at: [2] },
        { id: "b", on: "a", at: [3] },
      ]),
    );
    const error = "executor failed running [/bin/sh -c a]: context canceled";
    const status = (): string | undefined => store.vertex(digestOf("a"))?.status;
    store.apply(vertex("a", { startedMs: 1, completedMs: 2, error }));
    expect(status()).toBe("cancelled");
    store.apply(vertex("a", { startedMs: 3, error }));
    store.apply(vertex("a", { startedMs: 3, completedMs: 4, error }));
    expect(status()).toBe("running");
    store.settle();
    expect(status()).toBe("running");
    store.atRest();
    expect(status()).toBe("cancelled");
    store.apply(vertex("a", { startedMs: 5, error }));
    store.apply(vertex("a", { startedMs: 5, completedMs: 6, error }));
    store.madeOf([edgeOf("b")]);
    expect(store.vertex(digestOf("a"))).toMatchObject({
      status: "done",
      startedMs: 5,
      completedMs: 6,
      error: "",
    });
    // The report may come behind the answer.
    store.apply(vertex("a", { startedMs: 5, completedMs: 6, error }));
    expect(status()).toBe("done");
    store.reset();
    store.apply(vertex("a", { startedMs: 7, completedMs: 8, error }));
    expect(status()).toBe("cancelled");
  });

  it("knows the transfer under way", () => {
    using store = new ProgressLog();
    const status = { kind: "status", vertex: digestOf("a"), total: 9, completed: false } as const;
    store.apply(vertex("a", { startedMs: 1 }));
    store.apply({ ...status, id: "layer", current: 4 });
    expect(store.vertex(digestOf("a"))?.transfer).toEqual({ label: "layer", current: 4, total: 9 });
    store.apply({ ...status, id: "layer", current: 9, completed: true });
    expect(store.vertex(digestOf("a"))?.transfer).toBeUndefined();
  });

  it("counts reports on an equal vertex of another build for the vertex of that name", () => {
    using store = new ProgressLog();
    store.adopt(
      makeGraph("FROM scratch\nRUN a\n", [
        { id: "own", name: "[1/1] RUN a", at: [2] },
        { id: "twin", name: "RUN b" },
        { id: "other twin", name: "RUN b" },
      ]),
    );
    store.apply(vertex("foreign", { name: "[1/1] RUN a", startedMs: 1 }));
    store.apply(log("foreign", "hello\n"));
    store.apply(vertex("unclear", { name: "RUN b", startedMs: 1 }));
    expect(store.vertex(digestOf("own"))?.status).toBe("running");
    expect(texts(store.logOf(digestOf("own")))).toEqual(["hello"]);
    expect(store.vertex(digestOf("twin"))).toBeUndefined();
    store.apply(vertex("own", { startedMs: 1, completedMs: 2 }));
    store.apply(vertex("foreign", { name: "[1/1] RUN a", startedMs: 1, completedMs: 2, cached: true }));
    expect(store.vertex(digestOf("own"))?.status).toBe("done");
  });

  it("tells its listeners once for many changes", async () => {
    using store = new ProgressLog();
    let told = 0;
    const first = new Promise<void>((resolve) => {
      store.subscribe(() => {
        told++;
        resolve();
      });
    });
    for (let index = 0; index < 1000; index++) store.apply(log("a", `${index}\n`));
    await first;
    expect(told).toBe(1);
    expect(store.version).toBe(1000);
  });

  it("forgets everything at the next attempt, but counts on", () => {
    using store = new ProgressLog();
    store.apply(vertex("a", { startedMs: 1 }));
    store.apply(log("a", "one\n"));
    store.reset();
    expect([store.vertices(), store.log.end, store.warnings]).toEqual([[], 0, []]);
    expect(store.version).toBe(3);
  });

  it("keeps every line of a flood, and those of one step by their own numbers", () => {
    using store = new ProgressLog({ memory: { lines: 500, characters: 1e6 } });
    for (let index = 0; index < 5000; index++) store.apply(log(index % 2 === 0 ? "a" : "b", `${index}\n`));
    expect([store.log.first, store.log.end]).toEqual([0, 5000]);
    expect(store.log.line(777)?.text).toBe("777");
    expect(store.logOf(digestOf("b")).line(1000)?.text).toBe("2001");
  });

  it("bounds what an engine can make it keep, and says so", () => {
    using store = new ProgressLog();
    const [own, ownName] = [digestOf("own"), "[1/1] RUN own"];
    store.adopt(makeGraph("FROM scratch\nRUN own\n", [{ id: "own", name: ownName }]));
    const digests = Array.from({ length: limits.vertices + 5 }, (_, index) => digestOf(`v${index}`));
    for (const digest of digests) store.apply({ ...vertex("x"), vertex: digest } as Progress);
    for (const digest of digests) store.apply({ ...log("x", "no end"), vertex: digest } as Progress);
    for (let index = 0; index < limits.warnings + 50; index++) {
      store.apply({ kind: "warning", vertex: digestOf("x"), text: `w${index}`, ranges: [] });
    }
    store.apply({ kind: "warning", vertex: undefined, text: "credentials were given away", ranges: [] });
    store.apply({ ...vertex(ownName, { startedMs: 1 }), vertex: own } as Progress);
    expect(store.vertex(own)?.status).toBe("running");
    expect(store.vertices()).toHaveLength(limits.vertices + 1);
    expect(store.vertex(digests.at(-1) ?? digestOf("none"))).toBeUndefined();
    expect(store.warnings).toHaveLength(limits.warnings + 3);
    expect(store.warnings[0]?.text).toMatch(/more than 20000 vertices were reported/);
    expect(store.warnings.at(-2)?.text).toMatch(/there are more warnings/);
    expect(store.warnings.at(-1)?.text).toBe("credentials were given away");
  });

  it("keeps what is warned of once, however often the frontend says it, with what its rule asks for", () => {
    using store = new ProgressLog();
    const at = (line: number): readonly SourceRange[] => [
      { source: 0, start: lineNumber(line), end: lineNumber(line) },
    ];
    const casing = {
      kind: "warning",
      vertex: digestOf("x"),
      text: "FromAsCasing: no",
      url: "https://x/",
    } as const;
    for (const line of [2, 2, 9, 2]) store.apply({ ...casing, detail: ["Match the case"], ranges: at(line) });
    expect(store.warnings).toEqual(
      [2, 9].map((line) => ({
        text: casing.text,
        detail: ["Match the case"],
        url: "https://x/",
        ranges: at(line),
      })),
    );
  });

  it("cuts lines without end where all of them together are too much", () => {
    using store = new ProgressLog();
    const piece = "x".repeat(limits.lineCharacters - 1);
    const count = limits.unfinishedCharacters / limits.lineCharacters + 10;
    for (let index = 0; index < count; index++) store.apply(log(`v${index}`, piece));
    expect(store.log.end).toBeGreaterThan(1000);
    expect(store.log.line(0)?.text).toBe(piece);
  });
});
