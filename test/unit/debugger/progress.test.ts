import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineRing } from "../../../src/debugger/line-ring.ts";
import { LineSplitter } from "../../../src/debugger/line-splitter.ts";
import { ProgressLog } from "../../../src/debugger/progress.ts";
import type { LogView } from "../../../src/debugger/progress-store.ts";
import type { Progress } from "../../../src/engine/engine.ts";
import { digestOf, makeGraph } from "../../support/graphs.ts";

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

describe("LineSplitter", () => {
  it("puts together lines and characters that were cut anywhere", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zä€😀]{0,5}$/u), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
        (lines, sizes) => {
          const data = bytes(lines.join("\r\n"));
          const splitter = new LineSplitter();
          const found: string[] = [];
          for (let at = 0, turn = 0; at < data.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            found.push(...splitter.push(data.subarray(at, at + size)));
            at += size;
          }
          const rest = splitter.end();
          expect([...found, ...(rest === undefined ? [] : [rest])]).toEqual(
            lines.at(-1) === "" ? lines.slice(0, -1) : lines,
          );
        },
      ),
    );
  });

  it("cuts a line that does not end, never through a character", () => {
    const splitter = new LineSplitter();
    const lines = splitter.push(bytes(`a${"😀".repeat(20_000)}`));
    expect(lines.every((line) => line.length <= 16 * 1024 && !/[\ud800-\udbff]$/.test(line))).toBe(true);
    expect(lines.join("") + splitter.end()).toBe(`a${"😀".repeat(20_000)}`);
  });
});

describe("LineRing", () => {
  it("keeps the newest lines and their indexes", () => {
    const ring = new LineRing({ lines: 3, bytes: 1000 });
    for (let index = 0; index < 100; index++) {
      ring.push({ vertex: digestOf("a"), stream: "stdout", atMs: index, text: `${index}` });
    }
    expect([ring.first, ring.end]).toEqual([97, 100]);
    expect([96, 97, 99, 100].map((index) => ring.line(index)?.text)).toEqual([
      undefined,
      "97",
      "99",
      undefined,
    ]);
  });

  it("keeps within its bytes, and at least the newest line", () => {
    const ring = new LineRing({ lines: 100, bytes: 10 });
    for (const text of ["aaaa", "bbbb", "cccc", "x".repeat(50)]) {
      ring.push({ vertex: digestOf("a"), stream: "stdout", atMs: 0, text });
    }
    expect(texts(ring)).toEqual(["x".repeat(50)]);
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

  it("shows the last line of a command that ended without a line end, even when it comes late", () => {
    using store = new ProgressLog();
    store.apply(log("a", "almost"));
    expect(texts(store.log)).toEqual([]);
    store.apply(vertex("a", { startedMs: 1, completedMs: 2 }));
    store.apply(log("a", "late"));
    expect(texts(store.log)).toEqual(["almost", "late"]);
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
});
