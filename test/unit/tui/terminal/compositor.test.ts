import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Rect, RowSource, Size } from "../../../../src/tui/cells/rect.ts";
import { slice } from "../../../../src/tui/cells/width.ts";
import { Compositor, type Layer } from "../../../../src/tui/terminal/compositor.ts";
import { HeadlessScreen } from "./headless-screen.ts";

const size = { columns: 40, rows: 10 };

function open(at: Size = size) {
  const screen = new HeadlessScreen(at);
  const compositor = new Compositor({
    output: screen,
    size: at,
    onError: (error) => {
      throw error;
    },
  });
  return { screen, compositor };
}

function layer(rect: Rect, rows: readonly string[]): Layer {
  return { rect, content: { rows: () => rows } };
}

/** Until nothing is scheduled and the emulator has parsed everything. */
async function settled(screen: HeadlessScreen): Promise<void> {
  await vi.advanceTimersByTimeAsync(40);
  await new Promise<void>((resolve) => {
    screen.terminal.write("", resolve);
    void vi.advanceTimersByTimeAsync(5);
  });
}

describe("compositor", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("layers cover the base and each other, also partly outside the screen", async () => {
    const { screen, compositor } = open();
    const left = layer({ x: 0, y: 1, columns: 10, rows: 3 }, ["one", "two"]);
    const dialog = layer({ x: 5, y: 2, columns: 8, rows: 1 }, ["[dialog]"]);
    const outside = layer({ x: 36, y: 9, columns: 10, rows: 4 }, ["corner"]);
    compositor.show({ base: ["title", "-".repeat(40), "=".repeat(40)], layers: [left, dialog, outside] });
    await settled(screen);
    expect(screen.rows().slice(0, 3)).toEqual([
      "title",
      `one       ${"-".repeat(30)}`,
      `two  [dialog]${"=".repeat(27)}`,
    ]);
    expect(screen.row(9)).toBe(`${" ".repeat(36)}corn`);
  });

  test("after any updates and resizes the terminal shows what was composed", async () => {
    const word = fc.constantFrom(
      "a",
      "宽",
      "👍",
      "─",
      "\u001b[31mred\u001b[0m",
      "e\u0301",
      "  ",
      "\u001b[7m inv \u001b[0m",
    );
    const row = fc.array(word, { maxLength: 14 }).map((words) => words.join(""));
    const rect = fc.record({
      x: fc.integer({ min: 0, max: 30 }),
      y: fc.nat(8),
      columns: fc.integer({ min: 1, max: 30 }),
      rows: fc.integer({ min: 1, max: 5 }),
    });
    const frame = fc.record({
      base: fc.array(row, { maxLength: 10 }),
      layers: fc.array(fc.tuple(rect, fc.array(row, { maxLength: 5 })), { maxLength: 3 }),
      columns: fc.constantFrom(40, 40, 40, 25, 60),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 4 }), async (frames) => {
        const { screen, compositor } = open();
        for (const { base, layers, columns } of frames) {
          if (columns !== compositor.size.columns) {
            screen.terminal.resize(columns, size.rows);
            compositor.resize({ columns, rows: size.rows });
          }
          const composed = layers.map(([place, rows]) => layer(place, rows));
          compositor.show({ base, layers: composed });
          await settled(screen);
          expect(screen.rows().map((row) => row.trimEnd())).toEqual(expected(base, composed, columns));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a frame that changes nothing writes nothing, a changed cell writes its row only", async () => {
    const { screen, compositor } = open();
    const base = Array.from({ length: 10 }, (_, index) => `row ${index}`);
    compositor.show({ base, layers: [] });
    await settled(screen);
    compositor.show({ base: [...base], layers: [] });
    await settled(screen);
    expect(screen.writes).toHaveLength(1);
    compositor.show({ base: base.with(4, "changed"), layers: [] });
    await settled(screen);
    expect(screen.writes).toHaveLength(2);
    expect(stripVTControlCharacters(screen.writes[1] ?? "")).toBe("changed");
  });

  test("many changes at once are two paints and one more", async () => {
    const { screen, compositor } = open();
    for (let index = 0; index < 50; index++) {
      compositor.show({ base: [`line ${index}`], layers: [] });
      await vi.advanceTimersByTimeAsync(0);
    }
    await settled(screen);
    expect(screen.writes.length).toBeLessThanOrEqual(3);
    expect(screen.row(0)).toBe("line 49");
  });

  test("frames are dropped, not queued, while the terminal is stopped", async () => {
    const { screen, compositor } = open();
    screen.stall();
    for (let index = 0; index < 100; index++) {
      compositor.show({ base: [`line ${index}`], layers: [] });
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(screen.writes).toHaveLength(1);
    screen.release();
    await settled(screen);
    expect(screen.writes).toHaveLength(2);
    expect(screen.row(0)).toBe("line 99");
  });

  test("the cursor is where the surface with the keyboard wants it, and hidden otherwise", async () => {
    const { screen, compositor } = open();
    const shell: RowSource = { rows: () => ["$ "], cursor: () => ({ x: 2, y: 0 }) };
    const layers = [{ rect: { x: 4, y: 3, columns: 20, rows: 2 }, content: shell }];
    compositor.show({ base: [], layers, cursor: shell });
    await settled(screen);
    expect([screen.terminal.buffer.active.cursorX, screen.terminal.buffer.active.cursorY]).toEqual([6, 3]);
    expect(screen.writes.at(-1)).toMatch(/\?25h.*\?2026l$/);
    compositor.show({ base: [], layers });
    await settled(screen);
    expect(screen.writes.at(-1)).not.toContain("?25h");
  });

  test("suspended, nothing is written; resumed, everything is, without touching the scrollback", async () => {
    const { screen, compositor } = open();
    compositor.show({ base: ["before"], layers: [] });
    await settled(screen);
    await compositor.suspend();
    compositor.show({ base: ["after"], layers: [] });
    await settled(screen);
    expect(screen.writes).toHaveLength(1);
    screen.terminal.write("\u001b[Heditor was here");
    compositor.resume();
    await settled(screen);
    expect(screen.row(0)).toBe("after");
    for (let index = 0; index < 20; index++) compositor.resize({ columns: 30 + index, rows: 10 });
    await settled(screen);
    expect(screen.writes.join("")).not.toContain("\u001b[3J");
  });

  test("no pane can move the cursor, set the title or write the clipboard", async () => {
    const { screen, compositor } = open();
    const hostile = "a\u001b]0;owned\u0007b\u001b[5;5Hc\u001b]52;c;eA==\u001b\\d\u001b[2J";
    let title = "";
    screen.terminal.onTitleChange((value) => {
      title = value;
    });
    compositor.show({
      base: [hostile, "second"],
      layers: [layer({ x: 0, y: 2, columns: 40, rows: 1 }, [hostile])],
    });
    compositor.setTitle("bktui: running\u001b]0;x\u0007");
    await settled(screen);
    expect(title).toBe("bktui: running?]0;x?");
    expect(screen.row(0)).toMatch(/^a.*owned.*b.*c.*d/);
    expect(screen.row(1)).toBe("second");
    expect(screen.writes.join("")).not.toContain("52;c;eA==\u001b");
    compositor.copy("héllo", "none");
    await settled(screen);
    expect(screen.writes.at(-1)).toContain("\u001b]52;c;aMOpbGxv\u001b\\");
  });
});

function expected(base: readonly string[], layers: readonly Layer[], columns: number): string[] {
  return Array.from({ length: size.rows }, (_, y) => {
    let row = slice(base[y] ?? "", 0, columns);
    for (const { rect, content } of layers) {
      const source = content.rows(rect)[y - rect.y] ?? "";
      const width = Math.min(rect.columns, columns - rect.x);
      if (y < rect.y || y >= rect.y + rect.rows || width <= 0) continue;
      const right = rect.x + width;
      row = slice(row, 0, rect.x) + slice(source, 0, width) + slice(row, right, columns - right);
    }
    return stripVTControlCharacters(row).trimEnd();
  });
}
