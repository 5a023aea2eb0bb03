import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { clip, fitRight, fit as fitted, slice, textWidth } from "../../../../src/tui/cells/width.ts";

const red = "\u001b[31m";
const reset = "\u001b[0m";
const cells = fc
  .array(fc.constantFrom("a", "b ", "宽", "é", "👍🏽", "─", `${red}r${reset}`, "e\u0301"))
  .map((list) => list.join(""));

describe("cell widths", () => {
  test("fit gives exactly the columns asked for, whatever the text", () => {
    fc.assert(
      fc.property(cells, fc.nat(30), (text, columns) => {
        expect(stringWidth(fitted(text, columns))).toBe(columns);
        expect(stringWidth(fitRight(text, columns))).toBe(columns);
        expect(stringWidth(slice(text, 3, columns))).toBe(columns);
      }),
    );
  });

  test("characters measured by their number have the width that string-width gives them", () => {
    for (let code = 0xa0; code < 0x2_0000; code += code < 0x3000 ? 1 : 13) {
      const character = String.fromCodePoint(code);
      const joined = `a${character}${character}e`;
      if (textWidth(joined) !== stringWidth(joined)) expect.fail(`U+${code.toString(16)}`);
    }
  });

  test("clusters have the width that string-width gives them", () => {
    const parts = fc.constantFrom(
      ..."a1#가각각ꥠힰퟋ宽ｶﾞｰкกำनिঅা👍❤☺↔🇩🇪👩🚀x",
      ..."\u200d \ufe0f \ufe0e \u20e3 \u0301 \u0903 \u{1f3fd} \u{e0067} \u{e007f} \u200b \u00ad \ud83d \u0001".split(
        " ",
      ),
    );
    const texts = fc.array(parts, { maxLength: 8 }).map((list) => list.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        expect(textWidth(text)).toBe(stringWidth(text, { countAnsiEscapeCodes: true }));
      }),
      { numRuns: 3000 },
    );
  });

  test("a row cut in pieces shows the same cells as the whole row, apart from cut wide characters", () => {
    fc.assert(
      fc.property(cells, fc.nat(20), (text, at) => {
        const width = textWidth(text);
        const bare = (row: string): string => stripVTControlCharacters(row).trimEnd();
        const halves = slice(text, 0, at) + slice(text, at, Math.max(0, width - at));
        const whole = bare(text);
        if (!/宽|👍/.test(text)) expect(bare(halves)).toBe(whole);
        expect(stringWidth(halves)).toBe(Math.max(width, at));
      }),
    );
  });

  test.each([
    ["a cut shows the ellipsis", clip("abcdef", 4), "abc…"],
    ["a wide character is not split", clip("a宽宽", 3), "a…"],
    ["SGR is closed at the cut", clip(`${red}abcdef${reset}`, 3), `${red}ab…${reset}`],
    ["text that fits is not touched", clip(`${red}ab${reset}`, 2), `${red}ab${reset}`],
    ["the end of a path is kept", fitRight("/a/long/path", 6), "…/path"],
    [
      "a style that began before the slice goes on in it",
      slice(`${red}abcd${reset}`, 2, 2),
      `${red}cd${reset}`,
    ],
    ["half of a wide character is blank", slice("a宽b", 2, 2), " b"],
  ])("%s", (_name, actual, expected) => {
    expect(actual).toBe(expected);
  });

  test("clipping a 1 MB line costs what its visible part costs", () => {
    const line = "宽".repeat(500_000);
    // Of the processor, which a busy machine gives to others meanwhile.
    const startedAt = process.cpuUsage();
    for (let round = 0; round < 20; round++) clip(line, 80);
    const { user } = process.cpuUsage(startedAt);
    expect(user / 1000).toBeLessThan(500);
  });
});
