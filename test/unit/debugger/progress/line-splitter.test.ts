import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "../../../../src/debugger/progress/line-splitter.ts";
import type { ShownLine } from "../../../../src/debugger/progress/terminal-line.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("LineSplitter", () => {
  it("puts together lines and characters that were cut anywhere", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zä€😀]{0,5}$/u), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
        (lines, sizes) => {
          const data = bytes(lines.join("\r\n"));
          const splitter = new LineSplitter();
          const found: ShownLine[] = [];
          for (let at = 0, turn = 0; at < data.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            found.push(...splitter.push(data.subarray(at, at + size)));
            at += size;
          }
          expect([...found, ...splitter.end()]).toEqual(lines.at(-1) === "" ? lines.slice(0, -1) : lines);
        },
      ),
    );
  });

  it("cuts a line that does not end, never through a character", () => {
    const splitter = new LineSplitter();
    const lines = splitter.push(bytes(`a${"😀".repeat(20_000)}`));
    const texts = lines.map((line) => (typeof line === "string" ? line : line.text));
    expect(texts.every((line) => line.length <= 16 * 1024 && !/[\ud800-\udbff]$/.test(line))).toBe(true);
    expect(texts.join("") + splitter.end()).toBe(`a${"😀".repeat(20_000)}`);
  });
});
