import { beforeEach, describe, expect, test } from "vitest";
import type {
  LogLine,
  LogView,
  ProgressStore,
  VertexProgress,
} from "../../../src/debugger/progress/progress-store.ts";
import type { Digest } from "../../../src/graph/graph.ts";
import { PlainProgress } from "../../../src/plain/plain-progress.ts";
import { DebugDriver, failureOf } from "../../support/debug-driver.ts";
import { fxProgram } from "../../support/graphs.ts";

/** A progress store filled by hand; it tells its one reader at each change. */
class HandMadeStore implements ProgressStore {
  version = 0;
  readonly warnings = [];
  readonly ending = new Set<Digest>();
  readonly #vertices = new Map<Digest, VertexProgress>();
  readonly #lines: LogLine[] = [];
  #listener: () => void = () => undefined;

  set(name: string, change: Partial<VertexProgress>): void {
    this.setQuietly(name, change);
    this.#changed();
  }

  /** Without telling the reader. */
  setQuietly(name: string, change: Partial<VertexProgress>): void {
    const before = this.#vertices.get(digestOf(name)) ?? waiting(name);
    this.#vertices.set(digestOf(name), { ...before, ...change });
  }

  print(name: string, atMs: number, text: string): void {
    this.#lines.push({ vertex: digestOf(name), stream: "stdout", atMs, text });
    this.#changed();
  }

  vertex(digest: Digest): VertexProgress | undefined {
    return this.#vertices.get(digest);
  }

  vertices(): readonly (readonly [Digest, VertexProgress])[] {
    return [...this.#vertices];
  }

  get running(): ReadonlySet<Digest> {
    return new Set(
      [...this.#vertices].flatMap(([digest, { status }]) => (status === "running" ? [digest] : [])),
    );
  }

  get log(): LogView {
    return viewOf(this.#lines);
  }

  heardMs(): undefined {
    return undefined;
  }

  clipOf(): undefined {
    return undefined;
  }

  logOf(vertex: Digest): LogView {
    return viewOf(this.#lines.filter((line) => line.vertex === vertex));
  }

  openLines(): readonly LogLine[] {
    return [];
  }

  isEnding(vertex: Digest): boolean {
    return this.ending.has(vertex);
  }

  subscribe(listener: () => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = () => undefined;
    };
  }

  #changed(): void {
    this.version++;
    this.#listener();
  }
}

function viewOf(lines: readonly LogLine[]): LogView {
  return { first: 0, end: lines.length, line: (index) => lines[index] };
}

function digestOf(name: string): Digest {
  return `sha256:${Buffer.from(name).toString("hex").padStart(64, "0")}` as Digest;
}

function waiting(name: string): VertexProgress {
  return {
    status: "waiting",
    name,
    startedMs: undefined,
    completedMs: undefined,
    error: "",
    transfer: undefined,
  };
}

describe("plain progress", () => {
  let store: HandMadeStore;
  let lines: string[];
  let nowMs: number;
  let progress: PlainProgress;

  beforeEach(() => {
    store = new HandMadeStore();
    lines = [];
    nowMs = 0;
    progress = new PlainProgress(store, (line) => lines.push(line), {
      nowMs: () => nowMs,
      placeOf: (vertex) => {
        const place = ["step 1", "step 2"].map(digestOf).indexOf(vertex);
        return place < 0 ? undefined : place;
      },
    });
  });

  test("a step prints its name, its lines with the time since it began, and its end", () => {
    store.set("[2/2] RUN make", { status: "running", startedMs: 1_000 });
    store.print("[2/2] RUN make", 1_412, "cc main.c");
    store.set("[2/2] RUN make", { status: "done", completedMs: 2_240 });
    expect(lines).toEqual(["#1 [2/2] RUN make", "#1 0.412 cc main.c", "#1 DONE 1.2s"]);
  });

  test("what a failure interrupted is cancelled when it is told, and begins anew when it runs again", () => {
    const { state } = DebugDriver.launched(fxProgram(), { run: true });
    const failed = DebugDriver.launched(fxProgram(), { run: true }).failed(failureOf("two")).state;
    store.set("a", { status: "running", startedMs: 1_000 });
    progress.settle(state);
    expect(lines).toEqual(["#1 a"]);
    progress.settle(failed);
    progress.settle(failed);
    expect(lines).toEqual(["#1 a", "#1 CANCELED"]);
    store.set("a", { status: "cancelled", completedMs: 1_500, error: "context canceled" });
    expect(lines).toEqual(["#1 a", "#1 CANCELED"]);
    store.set("a", { status: "running", startedMs: 2_000, completedMs: undefined });
    store.print("a", 2_100, "again");
    store.set("a", { status: "done", completedMs: 3_000 });
    expect(lines.slice(2)).toEqual(["#1 a", "#1 0.100 again", "#1 DONE 1.0s"]);
  });

  test("steps are numbered in the order in which they begin, and a cached one needs two lines", () => {
    store.set("a", {});
    store.set("b", { status: "cached", startedMs: 5, completedMs: 5 });
    store.set("a", { status: "running", startedMs: 6 });
    expect(lines).toEqual(["#1 b", "#1 CACHED", "", "#2 a"]);
  });

  test("steps that begin together come in the order of the file, between what came before and after them", () => {
    const cachedAt = (startedMs: number) =>
      ({ status: "cached", startedMs, completedMs: startedMs }) as const;
    store.setQuietly("step 2", cachedAt(11));
    store.setQuietly("step 1", cachedAt(12));
    store.setQuietly("exporting", cachedAt(13));
    store.set("loading", cachedAt(10));
    expect(lines.filter((line) => /^#\d (?!CACHED)/.test(line))).toEqual([
      "#1 loading",
      "#2 step 1",
      "#3 step 2",
      "#4 exporting",
    ]);
  });

  test("a failed and a cancelled step say so", () => {
    store.set("a", { status: "failed", startedMs: 0, completedMs: 1, error: "exit code: 2" });
    store.set("b", { status: "cancelled", startedMs: 0 });
    expect(lines).toEqual(["#1 a", "#1 ERROR: exit code: 2", "", "#2 b", "#2 CANCELED"]);
  });

  test("a line that comes after the end of its step is printed", () => {
    store.set("a", { status: "done", startedMs: 0, completedMs: 100 });
    store.print("a", 90, "late");
    expect(lines).toEqual(["#1 a", "#1 DONE 0.1s", "#1 0.090 late"]);
  });

  test("a step whose last line has no end yet ends behind it, and what comes after it waits", () => {
    store.set("a", { status: "running", startedMs: 0 });
    store.ending.add(digestOf("a"));
    store.set("a", { status: "done", completedMs: 100 });
    store.set("b", { status: "running", startedMs: 100 });
    expect(lines).toEqual(["#1 a"]);
    store.ending.clear();
    store.print("a", 90, "no end");
    expect(lines).toEqual(["#1 a", "#1 0.090 no end", "#1 DONE 0.1s", "", "#2 b"]);
  });

  test("disposing waits for no line end", () => {
    store.set("a", { status: "running", startedMs: 0 });
    store.ending.add(digestOf("a"));
    store.set("a", { status: "done", completedMs: 100 });
    progress[Symbol.dispose]();
    expect(lines).toEqual(["#1 a", "#1 DONE 0.1s"]);
  });

  test("no control byte of a build gets through", () => {
    store.set("\u001b]0;x\u0007name", { status: "running", startedMs: 0 });
    store.print("\u001b]0;x\u0007name", 0, "\u001b[31mred\u001b[0m\u001b[2J 10%\r100%\r");
    store.set("\u001b]0;x\u0007name", { status: "failed", error: "bad\u009b\nthing" });
    expect(lines).toEqual([
      "#1 ^[]0;x^Gname",
      "#1 0.000 red^[[2J 10%^M100%^M",
      "#1 ERROR: bad<U+009B> thing",
    ]);
  });

  test("a transfer is reported every five seconds and at its end", () => {
    store.set("pull", {
      status: "running",
      startedMs: 0,
      transfer: { label: "layer", current: 1, total: 9e6 },
    });
    nowMs = 5_000;
    store.set("pull", { transfer: { label: "layer", current: 38_210_000, total: 112_000_000 } });
    nowMs = 6_000;
    store.set("pull", { transfer: { label: "layer", current: 90_000_000, total: 112_000_000 } });
    store.set("pull", {
      status: "done",
      completedMs: 7_000,
      transfer: { label: "layer", current: 112e6, total: 112e6 },
    });
    expect(lines).toEqual([
      "#1 pull",
      "#1 layer 38.21MB / 112.00MB",
      "#1 layer 112.00MB done",
      "#1 DONE 7.0s",
    ]);
  });

  test("disposing prints nothing twice and stops listening", () => {
    store.set("a", { status: "running", startedMs: 0 });
    progress[Symbol.dispose]();
    store.print("a", 1, "unheard");
    expect(lines).toEqual(["#1 a"]);
  });
});
