import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sanitizeLine, sanitizeText } from "../../../../src/tui/cells/sanitize.ts";
import { textWidth } from "../../../../src/tui/cells/width.ts";

const strip = { sgr: "strip" } as const;
const keep = { sgr: "keep" } as const;
const bare = stripVTControlCharacters;

describe("untrusted text", () => {
  test("never yields a control, bidi, zero-width or unpaired character, whatever it holds", () => {
    const forbidden = /[\p{Cc}\p{Cs}\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;
    const pieces = fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "31m",
      "\u0007",
      "\r",
      "\t",
      "\u009b",
      "\u202e",
      "é",
      "宽",
      "a",
      ";",
      "8",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (line, ascii) => {
        expect(bare(sanitizeLine(line, { sgr: "keep", ascii }))).not.toMatch(forbidden);
        expect(sanitizeLine(line, { sgr: "strip", ascii })).not.toMatch(forbidden);
        if (ascii) expect(sanitizeLine(line, { sgr: "strip", ascii })).toMatch(/^[\x20-\x7e]*$/);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ["S07 · a carriage return hides nothing", "ERROR\rDONE", "ERROR␍DONE"],
    ["S07 · backspaces hide nothing", "rm\b\bls", "rm␈␈ls"],
    ["a carriage return at the end is seen", "illegal option -\r", "illegal option -␍"],
    ["clipboard writes are text", "\u001b]52;c;ZXZpbA==\u0007", "␛]52;c;ZXZpbA==␇"],
    ["8-bit introducers are named", "\u009d0;title\u009c", "<U+009D>0;title<U+009C>"],
    ["other CSI sequences leave one mark", "a\u001b[2J\u001b[1;1Hb", "a␛␛b"],
    ["bidi controls are named", "a\u202eb", "a<U+202E>b"],
    ["tabs go to the next stop, wide characters counted", "宽\tx", "宽      x"],
    ["a family stays one emoji", "👨‍👩‍👧", "👨‍👩‍👧"],
    ["a joiner between letters is named", "a\u200db", "a<U+200D>b"],
    ["colours are stripped outside logs", "\u001b[31mred\u001b[0m", "red"],
  ])("%s", (_name, input, output) => {
    expect(sanitizeLine(input, strip)).toBe(output);
  });

  test("log lines keep colours, closed at the end, and lose blink and conceal", () => {
    expect(sanitizeLine("\u001b[1;31mred", keep)).toBe("\u001b[1;31mred\u001b[0m");
    expect(sanitizeLine("\u001b[38;5;208mx\u001b[m", keep)).toBe("\u001b[38;5;208mx\u001b[0m");
    expect(sanitizeLine("\u001b[8;32mx", keep)).toBe("\u001b[32mx\u001b[0m");
    expect(sanitizeLine("\u001b[8mhidden", keep)).toBe("hidden");
    expect(sanitizeLine("\u001b[38;5;999mx", keep)).toBe("x");
  });

  test("ASCII mode uses carets, and a question mark per cell", () => {
    expect(sanitizeLine("a\r\u001bc宽é", { sgr: "strip", ascii: true })).toBe("a^M^[c???");
  });

  test("lines are split, never joined", () => {
    expect(sanitizeText("one\ntwo\u0007")).toEqual(["one", "two␇"]);
  });

  test("a 1 MB line takes the time of its first 16 KiB and says how much is missing", () => {
    const unit = "\u001b[31mx\t\u202e";
    const line = sanitizeLine(unit.repeat(120_000), keep);
    // Beside a line that is looked at as a whole, in time of a processor: the machine may be busy.
    const tookMs = (repeated: number): number => {
      const before = process.cpuUsage();
      for (let round = 0; round < 5; round += 1) sanitizeLine(unit.repeat(repeated), keep);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    tookMs(2_000);
    expect(tookMs(120_000)).toBeLessThan(15 * tookMs(2_000) + 20);
    expect(line).toMatch(/\(\+\d+ characters\)$/);
    expect(textWidth(line)).toBeLessThan(60_000);
  });
});
