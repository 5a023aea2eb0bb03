import { expect, test } from "vitest";
import { Emulator } from "../../../../src/tui/emulator/emulator.ts";
import { moveHead, nextUnit, selectLine, swapEnds } from "../../../../src/tui/emulator/selection.ts";

const size = { columns: 20, rows: 6 };

function open(scrollback = 100) {
  const clipboard: string[] = [];
  const emulator = new Emulator({
    size,
    color: true,
    scrollback,
    onReply: () => undefined,
    onFlow: () => undefined,
    onChange: () => undefined,
    onClipboard: (text) => clipboard.push(text),
  });
  const print = (text: string): Promise<void> =>
    new Promise((done) => emulator.write(Buffer.from(text), done));
  return { emulator, print, clipboard };
}

test("whole lines are selected upwards, shown inverse, and copied without the terminal's own line breaks", async () => {
  const { emulator, print } = open();
  await print(`first\r\n${"x".repeat(25)}\r\nlast `);
  emulator.select(selectLine(emulator.lastLine));
  const selection = emulator.selection ?? selectLine(0);
  emulator.select(moveHead(selection, { lines: -3, columns: 0 }, { lines: emulator.lineCount, columns: 20 }));
  expect(emulator.selectedText()).toBe(`first\n${"x".repeat(25)}\nlast`);
  expect(emulator.rows(size)[0]).toBe(`\u001b[7m${"first".padEnd(20)}\u001b[0m`);
});

test("characters are selected from one end to the other, in reading order whichever end moves", async () => {
  const { emulator, print } = open();
  await print("one two\r\nthree four");
  const place = { lines: emulator.lineCount, columns: 20 };
  const first = moveHead(selectLine(0), { lines: 0, columns: 4 }, place);
  const second = moveHead(swapEnds(swapEnds(first)), { lines: 1, columns: 0 }, place);
  emulator.select(second);
  expect(second.unit).toBe("characters");
  expect(emulator.selectedText()).toBe("one two\nthree");
  emulator.select(swapEnds(second));
  expect(emulator.selectedText()).toBe("one two\nthree");
  expect(nextUnit(second)).toBeUndefined();
});

test("a selection stays on its text while output goes on, and ends when its lines are dropped", async () => {
  const { emulator, print } = open(10);
  await print("a\r\nb\r\nkeep me\r\nc\r\nd\r\n");
  emulator.select(selectLine(2));
  await print("e\r\n".repeat(10));
  expect(emulator.selectedText()).toBe("keep me");
  await print("f\r\n".repeat(20));
  expect(emulator.selectedText()).toBeUndefined();
});

test("hits are marked where they stand, behind wide characters too", async () => {
  const { emulator, print } = open();
  await print("宽 ERROR x");
  emulator.highlight("error");
  expect(emulator.rows(size)[0]).toBe("宽 \u001b[7mERROR\u001b[0m x          ");
  emulator.highlight("");
  expect(emulator.rows(size)[0]).toBe("宽 ERROR x");
});

test("a program's copy is handed over whole, its questions and damaged ones are not", async () => {
  const { print, clipboard } = open();
  const osc = (content: string): string => `\u001b]52;c;${content}\u0007`;
  const long = "y".repeat(20_000);
  await print(osc(Buffer.from("hello").toString("base64")) + osc("?") + osc("") + osc("%%%"));
  for (const half of osc(Buffer.from(long).toString("base64")).match(/[\s\S]{1,5000}/g) ?? [])
    await print(half);
  await print(osc("A".repeat(200_000)));
  expect(clipboard).toEqual(["hello", long]);
});
