import { describe, expect, test } from "vitest";
import type { LogLine } from "../../../../src/debugger/progress/progress-store.ts";
import type { Digest } from "../../../../src/graph/graph.ts";
import { type LogLabel, type LogModel, logPane, logSummary } from "../../../../src/tui/panes/log/log-pane.ts";
import { LogIndex, type LogRows, rawLogRows, stepLogRows } from "../../../../src/tui/panes/log/log-rows.ts";
import { LogLabels } from "../../../../src/tui/panes/log/log-summary.ts";
import { withOpenLines } from "../../../../src/tui/panes/log/open-rows.ts";
import { colored, digest, seen, Told } from "./picture.ts";

const [a, b] = [digest(1), digest(2)];

function label(vertex: Digest): LogLabel {
  const number = vertex === a ? "#1" : "#2";
  return { number, name: `RUN ${number}`, ended: "done 1.0s", failed: false };
}

function model(rows: LogRows, changes: Partial<LogModel> = {}): LogModel {
  return { rows, top: "end", left: 0, wrap: false, search: "", cursor: undefined, label, ...changes };
}

/** All rows, as they are read. */
function read(rows: LogRows): readonly string[] {
  const size = { columns: 40, rows: rows.end - rows.first };
  return seen(logPane(model(rows), size, colored));
}

function twoSteps(): { readonly store: Told; readonly index: LogIndex } {
  const store = new Told();
  store.tell(a, { startedMs: 1000 });
  store.tell(b, { startedMs: 1500 });
  store.say(a, 1100, "a1");
  store.say(b, 1600, "b1");
  store.say(a, 1700, "a2");
  const index = new LogIndex(store);
  index.update();
  return { store, index };
}

describe("the rows of the log", () => {
  test("S08 · name the characters that hide or reorder what was printed", () => {
    const store = new Told();
    store.tell(a, { startedMs: 1000 });
    store.say(a, 1100, "r\u200bm \u202e-r\u2069 /");
    const index = new LogIndex(store);
    index.update();
    expect(read(index)).toEqual(["#1 RUN #1", "  0.100 r<U+200B>m <U+202E>-r<U+2069> /"]);
  });

  test("name the step whenever another one prints", () => {
    expect(read(twoSteps().index)).toEqual([
      "#1 RUN #1",
      "  0.100 a1",
      "#2 RUN #2",
      "  0.100 b1",
      "#1 RUN #1",
      "  0.700 a2",
    ]);
  });

  test("say when a step has ended, behind its last line, and begin where it begins", () => {
    const { store, index } = twoSteps();
    store.tell(a, { status: "done", completedMs: 2000 });
    store.say(b, 2500, "b2");
    index.update();
    index.note("paused");
    expect(read(index).slice(6)).toEqual(["#1 done 1.0s", "#2 RUN #2", "  1.000 b2", "── paused"]);
  });

  test("end a step behind a last line that has no end yet, and begin nothing before it", () => {
    const store = new Told();
    store.tell(a, { startedMs: 1000 });
    store.ending.add(a);
    store.tell(a, { status: "done", completedMs: 2000 });
    store.tell(b, { startedMs: 2000 });
    const index = new LogIndex(store);
    index.update();
    expect(read(index)).toEqual(["#1 RUN #1"]);
    store.ending.clear();
    store.say(a, 1900, "no end");
    index.update();
    expect(read(index)).toEqual(["#1 RUN #1", "  0.900 no end", "#1 done 1.0s", "#2 RUN #2"]);
  });

  test("have what has been begun at their end, below the name of its step", () => {
    const store = new Told();
    store.tell(a, { startedMs: 1000 });
    store.tell(b, { startedMs: 1000 });
    store.say(a, 1100, "a1");
    const index = new LogIndex(store);
    index.update();
    const before = read(index);
    const begun = (vertex: Digest, text: string): LogLine => ({ vertex, stream: "stdout", atMs: 1500, text });
    store.open = [begun(a, "50%"), begun(b, "Continue? ")];
    const rows = ["#1 RUN #1", "  0.500 50%", "#2 RUN #2", "  0.500 Continue?"];
    expect(before.slice(-1)).toEqual(["#2 RUN #2"]);
    expect(read(withOpenLines(index, store, undefined))).toEqual([...before, ...rows]);
    expect(read(withOpenLines(index, store, b))).toEqual([...before, "  0.500 Continue?"]);
    store.open = [];
    expect(withOpenLines(index, store, undefined)).toBe(index);
  });

  test("mark a line that wrote over itself, and show the whole of it", () => {
    const store = new Told();
    store.tell(a, { startedMs: 1000 });
    store.say(a, 1100, "E: expired", "10%\rE: expired");
    const index = new LogIndex(store);
    index.update();
    expect(read(index)[1]).toBe("  0.100 E: expired  (rewritten)");
    expect(read(rawLogRows(index))[1]).toBe("  0.100 10%␍E: expired");
  });

  test("keep the end and the times of a run whose step was cancelled and runs again", () => {
    const store = new Told();
    store.tell(a, { startedMs: 1000 });
    store.say(a, 1100, "one");
    store.tell(a, { status: "cancelled", startedMs: 1000, completedMs: 2000 });
    const index = new LogIndex(store);
    index.update();
    store.tell(a, { status: "running", startedMs: 5000, completedMs: undefined });
    store.say(a, 5200, "two");
    index.update();
    const labels = new LogLabels(undefined);
    const rows = logPane(
      model(index, { label: (vertex, run) => labels.label(vertex, store, undefined, run) }),
      { columns: 40, rows: index.end - index.first },
      colored,
    );
    expect(seen(rows).map((text) => text.trim())).toEqual([
      expect.any(String),
      "0.100 one",
      expect.stringMatching(/cancelled$/),
      expect.any(String),
      "0.200 two",
    ]);
  });

  test("keep a step together that began and ended since the last look", () => {
    const store = new Told();
    store.tell(b, { status: "done", startedMs: 1000, completedMs: 1300 });
    store.tell(a, { status: "cached", startedMs: 1400, completedMs: 1400 });
    const index = new LogIndex(store);
    index.update();
    expect(read(index)).toEqual(["#1 RUN #1", "#1 done 1.0s", "#2 RUN #2", "#2 done 1.0s"]);
  });

  test("list cached steps in the order of the file, before what runs", () => {
    const store = new Told();
    store.tell(b, { status: "cached", startedMs: 1000, completedMs: 1000 });
    store.tell(digest(3), { status: "running", startedMs: 1500 });
    store.tell(a, { status: "cached", startedMs: 2000, completedMs: 2000 });
    const index = new LogIndex(
      store,
      () => true,
      (vertex) => [a, b].indexOf(vertex),
    );
    index.update();
    const vertices = [0, 2, 4]
      .map((at) => index.row(at))
      .map((row) => (row?.kind === "header" ? row.vertex : ""));
    expect(vertices).toEqual([a, b, digest(3)]);
  });

  test("do not repeat a finished step that a later solve reports as cached", () => {
    const { store, index } = twoSteps();
    store.tell(a, { status: "done", completedMs: 2000 });
    index.update();
    const before = index.end;
    store.tell(a, { status: "cached", startedMs: 3000, completedMs: 3000 });
    index.update();
    expect(index.end).toBe(before);
  });

  test("show a step again that really runs again", () => {
    const { store, index } = twoSteps();
    store.tell(a, { status: "failed", completedMs: 2000 });
    index.update();
    store.tell(a, { status: "running", startedMs: 9000, completedMs: undefined });
    store.say(a, 9100, "again");
    index.update();
    expect(read(index).slice(-2)).toEqual(["#1 RUN #1", "  0.100 again"]);
  });

  test("keep their numbers when the store drops the oldest lines", () => {
    const { store, index } = twoSteps();
    const kept = index.row(5);
    store.log.dropTo(1);
    index.update();
    expect(read(index)).toEqual(["#2 RUN #2", "  0.100 b1", "#1 RUN #1", "  0.700 a2"]);
    expect(index.row(5)).toEqual(kept);
    store.say(a, 1800, "a3");
    index.update();
    store.log.dropTo(3);
    index.update();
    expect(index.first).toBe(6);
    expect(read(index)).toEqual(["  0.800 a3"]);
  });

  test("keep their times when a finished step is reported again with later ones", () => {
    const { store, index } = twoSteps();
    store.tell(a, { status: "cached", startedMs: 90_000, completedMs: 90_000 });
    index.update();
    expect(read(index)[1]).toBe("  0.100 a1");
  });

  test("begin anew with the store, even when the new log is already longer", () => {
    const { store, index } = twoSteps();
    store.restart();
    store.tell(b, { startedMs: 0 });
    for (let line = 1; line <= 4; line += 1) store.say(b, line * 1000, `new ${line}`);
    index.update();
    expect(index.first).toBe(6);
    expect(read(index)).toEqual([
      "#2 RUN #2",
      "  1.000 new 1",
      "  2.000 new 2",
      "  3.000 new 3",
      "  4.000 new 4",
    ]);
  });

  test("can be those of one step only", () => {
    const { store } = twoSteps();
    store.tell(a, { status: "done", completedMs: 2000 });
    expect(read(stepLogRows(store, a))).toEqual(["#1 RUN #1", "  0.100 a1", "  0.700 a2", "#1 done 1.0s"]);
    store.logOf(a).dropTo(1);
    expect(read(stepLogRows(store, a))).toEqual([
      "#1 RUN #1",
      "┄ 1 older line was dropped ┄",
      "  0.700 a2",
      "#1 done 1.0s",
    ]);
  });

  test("hundred thousand lines of one step are two blocks, and each is found", () => {
    const store = new Told();
    store.tell(a, { startedMs: 0 });
    for (let line = 0; line < 100_000; line += 1) store.say(a, line, `line ${line}`);
    const index = new LogIndex(store);
    index.update();
    expect(index.end).toBe(100_001);
    expect(index.row(70_001)).toEqual({ kind: "line", vertex: a, text: "line 70000", sinceStartMs: 70_000 });
  });
});

describe("the log pane", () => {
  const size = { columns: 30, rows: 3 };

  test("follows the newest rows and says how many are below when it does not", () => {
    const { index } = twoSteps();
    expect(seen(logPane(model(index), size, colored))).toEqual(["  0.100 b1", "#1 RUN #1", "  0.700 a2"]);
    expect(logSummary(model(index), size)).toBe("following");
    expect(logSummary(model(index, { top: 0 }), size)).toBe("3 new lines below");
    expect(logSummary(model(index, { top: 2 }), size)).toBe("1 new line below");
    expect(logSummary(model(index, { top: 3 }), size)).toBe("");
  });

  test("cuts long lines, or wraps them behind the time", () => {
    const store = new Told();
    store.tell(a, { startedMs: 0 });
    store.say(a, 5, "0123456789".repeat(4));
    const index = new LogIndex(store);
    index.update();
    expect(seen(logPane(model(index), size, colored))[1]).toBe("  0.005 012345678901234567890…");
    expect(seen(logPane(model(index, { left: 30 }), size, colored))[1]).toBe("  0.005 0123456789");
    expect(seen(logPane(model(index, { wrap: true }), size, colored))).toEqual([
      "#1 RUN #1",
      "  0.005 0123456789012345678901",
      "        234567890123456789",
    ]);
    expect(seen(logPane(model(index, { wrap: true }), { columns: 30, rows: 2 }, colored))[1]).toBe(
      "        234567890123456789",
    );
  });
});
