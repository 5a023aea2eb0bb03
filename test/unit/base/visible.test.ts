import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHarmful, visibleLine, visibleSource, visibleText } from "../../../src/base/visible.ts";

describe("visibleText", () => {
  test.each([
    ["plain text passes", "npm ci\tdone ✓ äöü 漢字", "npm ci\tdone ✓ äöü 漢字"],
    ["colours are dropped", "\u001b[1;32mok\u001b[0m \u001b[38:5:4mblue\u001b[m", "ok blue"],
    ["an operating system command shows", "\u001b]52;c;aGk=\u0007", "^[]52;c;aGk=^G"],
    ["a cursor order shows", "a\u001b[2Jb\u001b[1;1H", "a^[[2Jb^[[1;1H"],
    ["an unfinished colour shows", "a\u001b[31", "a^[[31"],
    ["a carriage return cannot overwrite", "good\rbad", "good^Mbad"],
    ["8-bit controls show", "\u009b2J\u007f", "<U+009B>2J^?"],
    ["bidi and zero-width characters show", "a\u202eb\u200bc\ufeff", "a<U+202E>b<U+200B>c<U+FEFF>"],
    ["a lone surrogate shows", "\ud83d!", "<U+D83D>!"],
  ])("%s", (_name, text, expected) => {
    expect(visibleText(text)).toBe(expected);
  });

  test("whatever comes in, nothing harmful comes out", () => {
    const nasty = fc.constantFrom("\u001b", "[", "31", "m", "]", "\u009b", "\r", "x", "\u202e", "\ud83d");
    const anything = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, anything)), (parts) => {
        const shown = visibleText(parts.join(""));
        return [...shown].every((character) => !isHarmful(character.codePointAt(0) ?? 0));
      }),
    );
  });

  test("200,000 unfinished colour sequences takes linear time", () => {
    const started = performance.now();
    visibleText("\u001b[".repeat(200_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("visibleSource", () => {
  test.each([
    ["plain text passes", "FROM a\n\tRUN b\n", "FROM a\n\tRUN b\n"],
    ["both kinds of line ends stay", "a\r\n\r\nü\nb", "a\r\n\r\nü\nb"],
    ["a carriage return alone is no line end", "a\rb\r\r\nc\r", "a␍b␍\r\nc␍"],
    ["colours show, in as many columns", "a\u001b[31mb\u001b[0m", "a␛[31mb␛[0m"],
    ["other controls too", "\u0000\u0007\b\f\u007f", "␀␇␈␌␡"],
    ["what has no picture is named", "\u009b2J\u202e\u2028\ud83d!", "<U+009B>2J<U+202E><U+2028><U+D83D>!"],
  ])("%s", (_name, text, expected) => {
    expect(visibleSource(text)).toBe(expected);
  });

  test("whatever comes in, nothing harmful but line ends comes out, in the same lines", () => {
    const nasty = fc.constantFrom("\u001b", "\r", "\n", "\r\n", "\u009b", "\u2029", "x", "\ud83d");
    fc.assert(
      fc.property(fc.array(nasty), (parts) => {
        const text = parts.join("");
        const lines = visibleSource(text).split(/\r\n|\r|\n/);
        expect(lines).toHaveLength(text.split("\n").length);
        for (const line of lines)
          expect([...line].some((character) => isHarmful(character.codePointAt(0) ?? 0))).toBe(false);
      }),
    );
  });
});

test("visibleLine folds line breaks", () => {
  expect(visibleLine(" RUN a \\\r\n   b\n")).toBe("RUN a \\ b");
});
