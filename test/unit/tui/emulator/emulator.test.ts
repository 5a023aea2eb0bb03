import { stripVTControlCharacters } from "node:util";
import xterm from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textWidth } from "../../../../src/tui/cells/width.ts";
import { Emulator } from "../../../../src/tui/emulator/emulator.ts";
import { EmulatorFilter } from "../../../../src/tui/emulator/emulator-filter.ts";

const size = { columns: 20, rows: 6 };

function open({ color = true }: { readonly color?: boolean } = {}) {
  const replies: string[] = [];
  const flow: string[] = [];
  const emulator = new Emulator({
    size,
    color,
    onReply: (bytes) => replies.push(Buffer.from(bytes).toString()),
    onFlow: (change) => flow.push(change),
    onChange: () => undefined,
  });
  const print = (text: string): Promise<void> =>
    new Promise((done) => emulator.write(Buffer.from(text), done));
  const text = (): string[] => emulator.rows(size).map((row) => stripVTControlCharacters(row).trimEnd());
  return { emulator, replies, flow, print, text };
}

describe("shell surface", () => {
  test("shows text, colours by palette index, and attributes, each row closed", async () => {
    const { emulator, print } = open();
    await print(
      "plain \u001b[31mred\u001b[0m \u001b[1;94mblue\u001b[0m\r\n\u001b[38;5;208mo\u001b[48;2;1;2;3mx\u001b[0m\r\n\u001b[7minv\u001b[m宽",
    );
    expect(emulator.rows(size)).toEqual([
      "plain \u001b[0;31mred\u001b[0m \u001b[0;1;94mblue\u001b[0m",
      "\u001b[0;38;5;208mo\u001b[0;38;5;208;48;2;1;2;3mx\u001b[0m",
      "\u001b[0;7minv\u001b[0m宽",
      "",
      "",
      "",
    ]);
  });

  test("without colour only attributes stay", async () => {
    const { emulator, print } = open({ color: false });
    await print("\u001b[31;42;1;7mx\u001b[0m");
    expect(emulator.rows(size)[0]).toBe("\u001b[0;1;7mx\u001b[0m");
  });

  test("rows are the emulator's cells for any output, and never wider than the pane", async () => {
    const piece = fc.constantFrom(
      "a",
      "宽",
      "👍",
      "👨‍👩‍👧",
      "\r\n",
      "\u001b[3D",
      "\u001b[2;5H",
      "\u001b[K",
      "\u001b[1m",
      "e\u0301",
      "\u202e",
      "\t",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        const { emulator, print } = open();
        await print(pieces.join(""));
        for (const row of emulator.rows(size)) {
          expect(textWidth(row)).toBeLessThanOrEqual(size.columns);
          expect(stripVTControlCharacters(row)).not.toMatch(/[\p{Cc}\u202e\u200d]/u);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("the cursor follows the program, hides when it asks, and waits inside the last column", async () => {
    const { emulator, print } = open();
    await print("ab\r\ncd");
    expect(emulator.cursor(size)).toEqual({ x: 2, y: 1 });
    await print("\u001b[?25l");
    expect(emulator.cursor(size)).toBeUndefined();
    await print(`\u001b[?25h\r${"x".repeat(20)}`);
    expect(emulator.cursor(size)).toEqual({ x: 19, y: 1 });
  });

  test("scrolled back, the view stays while output goes on", async () => {
    const { emulator, print, text } = open();
    await print(Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\r\n"));
    expect(text().at(-1)).toBe("line 29");
    emulator.scrollBy(-10);
    expect(emulator.linesAboveEnd).toBe(10);
    expect(text().at(-1)).toBe("line 19");
    await print("\r\nmore\r\nmore");
    expect(text().at(-1)).toBe("line 19");
    expect(emulator.linesAboveEnd).toBe(12);
    expect(emulator.cursor(size)).toBeUndefined();
    emulator.scrollToEnd();
    expect(text().at(-1)).toBe("more");
    expect(emulator.lineText(3)).toBe("line 3");
    expect(emulator.lineCount).toBe(32);
  });

  test("S10 · questions to the terminal are answered to the program", async () => {
    const { replies, print } = open();
    await print("ab\u001b[6n\u001b[c");
    expect(replies.join("")).toBe("\u001b[1;3R\u001b[?1;2c");
  });

  test("modes are told, mouse encoding included", async () => {
    const { emulator, print } = open();
    await print("\u001b[?1h\u001b=\u001b[?2004h\u001b[?1002h\u001b[?1049h");
    expect(emulator.modes).toMatchObject({
      applicationCursor: true,
      applicationKeypad: true,
      bracketedPaste: true,
      mouse: "drag",
      alternateScreen: true,
    });
    const rect = { x: 10, y: 5, ...size };
    const press = {
      type: "mouse",
      action: "press",
      button: "left",
      x: 12,
      y: 6,
      ctrl: false,
      alt: false,
      shift: false,
    } as const;
    expect(emulator.encodeMouse(press, rect)).toBe('\u001b[M #"');
    await print("\u001b[?1006h");
    expect(emulator.encodeMouse(press, rect)).toBe("\u001b[<0;3;2M");
    expect(emulator.encodeMouse({ ...press, x: 2 }, rect)).toBeUndefined();
  });

  test("a flood pauses the source above 256 KiB and resumes it below 64 KiB", async () => {
    const { flow, print } = open();
    const writes = Array.from({ length: 10 }, () => print(`${"y".repeat(78)}\r\n`.repeat(800)));
    expect(flow).toEqual(["pause"]);
    await Promise.all(writes);
    expect(flow).toEqual(["pause", "resume"]);
  });

  const bombs: readonly string[] = [
    "a\u001b[2147483647b",
    "a\u001b[2147483647@\u001b[2147483647P\u001b[2147483647X",
    "\u001b[2147483647L\u001b[2147483647M\u001b[2147483647S\u001b[2147483647T",
    "\u001b[2147483647I\u001b[2147483647Z",
    "a\u009b2147483647b",
    "a\u001b[21474\n83647b",
    "a\u001b\n[2147483647b",
    `a\u001b[${"0".repeat(300)}2147483647b`,
    `\u001b]0;${"x".repeat(1 << 20)}`,
    `\u001bP$q${"x".repeat(1 << 20)}\u001b\\`,
    "a\u001b[2147483647宽b\u001b[2147483647\u00a0b",
    "a\u001b]0;x\u001b[2147483647b\u001bP\u0007\u001b[2147483647b",
    "a\u001b[119b".repeat(2000),
    `\u001b[${"\n".repeat(50_000)}`,
    `\u001b[${"1".repeat(50_000)}\u00e9`,
    "\u001b[999M".repeat(2000),
  ];
  test.each(bombs.map((bomb) => [bomb.slice(0, 40), bomb]))(
    "S09 · %j does not freeze the pane",
    async (_name, bomb) => {
      const { print, emulator } = open();
      const startedAt = performance.now();
      await print(bomb);
      await print("\u001b\\\r\n\u001bcstill here");
      expect(performance.now() - startedAt).toBeLessThan(1000);
      expect(emulator.rows(size).join("")).toContain("still here");
    },
  );
});

describe("emulator filter", () => {
  const screen = { columns: 120, rows: 100 };
  const parts = [
    "a",
    "\u001b",
    "[",
    "9",
    "99999",
    ";",
    " ",
    "b",
    "m",
    "M",
    "]0;",
    "P",
    "\u0007",
    "\n",
    "\u0018",
  ];
  const text = fc
    .array(fc.constantFrom(...parts, "\u009b", "\u009d", "\u001b[", "\u001b[99999", "\u001b]", "\\", "宽"), {
      maxLength: 30,
    })
    .map((list) => list.join(""));
  const step = fc.integer({ min: 1, max: 4 });

  function inChunks(whole: string, length: number): string {
    const filter = new EmulatorFilter(screen);
    let out = "";
    for (let at = 0; at < whole.length; at += length) out += filter.push(whole.slice(at, at + length));
    return out;
  }

  test("what it lets through does not depend on where the chunks are cut", () => {
    fc.assert(
      fc.property(text, step, (whole, length) => {
        // The tail ends whatever is open, so that nothing is held back.
        const complete = `${whole}\u0018|`;
        expect(inChunks(complete, length)).toBe(inChunks(complete, complete.length));
      }),
      { numRuns: 200 },
    );
  });

  test("the emulator never executes a number that is larger than its screen", async () => {
    await fc.assert(
      fc.asyncProperty(text, step, async (whole, length) => {
        const terminal = new xterm.Terminal({
          cols: screen.columns,
          rows: screen.rows,
          allowProposedApi: true,
          logLevel: "off",
        });
        const executed: number[] = [];
        for (const final of ["b", "M"]) {
          terminal.parser.registerCsiHandler({ final }, (parameters) => {
            executed.push(...parameters.flat());
            return true;
          });
        }
        const tail = "b\u0018\u001b[3b";
        await new Promise<void>((done) => terminal.write(inChunks(whole + tail, length), done));
        terminal.dispose();
        expect(executed).toContain(3);
        expect(Math.max(...executed)).toBeLessThanOrEqual(screen.columns);
      }),
      { numRuns: 150 },
    );
  });

  test("ordinary output passes unchanged", () => {
    const output =
      "\u001b[1;31mError\u001b[0m\r\n\u001b[38;2;255;200;100mx\u001b[2J\u001b[10;20H\u001b[?1049h\u001b]0;t\u0007";
    expect(new EmulatorFilter({ columns: 80, rows: 24 }).push(output)).toBe(output);
  });
});
