import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScreenFilter } from "../../../../src/tui/terminal/screen-filter.ts";
import { clipboardCopy } from "../../../../src/tui/terminal/sequences.ts";

const sequences =
  "\u001b[?2026h\u001b[?25l\u001b[0m\u001b[3;14H\u001b[K\u001b[12G\u001b[2J\u001b[?1h\u001b=\u001b[?1002h\u001b[?25h\u001b[?2026l";

describe("screen filter", () => {
  test("text, SGR and bktui's own sequences pass unchanged", () => {
    const output = `${sequences}\u001b[1;38;5;208mtext 宽 ✓ 👨‍👩‍👧 e\u0301\u001b[0m`;
    expect(new ScreenFilter().stream(output)).toBe(output);
  });

  test.each([
    ["scrollback erase", "\u001b[3J"],
    ["reset", "\u001bc"],
    ["a title that bktui did not set", "\u001b]0;x\u001b\\"],
    ["a clipboard write that bktui did not make", "\u001b]52;c;eA==\u001b\\"],
    ["device attributes", "\u001b[c"],
    ["cursor report", "\u001b[6n"],
    ["a device control string", "\u001bP+q544e\u001b\\"],
    ["an 8-bit introducer", "\u009b2J"],
    ["bell", "\u0007"],
    ["line feed", "\n"],
    ["right-to-left override", "\u202e"],
    ["an unpaired surrogate", "\ud800"],
    ["an unfinished sequence", "\u001b[12"],
  ])("%s does not pass", (_name, hostile) => {
    for (const filtered of [
      new ScreenFilter().stream(`a${hostile}b`),
      new ScreenFilter().row(`a${hostile}b`),
    ]) {
      expect(filtered).toMatch(/^a\ufffd.*b$/u);
      expect(filtered).not.toContain(hostile);
    }
  });

  test.each([
    ["none", [`\u001b]52;c;${Buffer.from("text").toString("base64")}\u001b\\`]],
    ["tmux", undefined],
    ["screen", undefined],
  ] as const)("a copy for %s passes once, and only as it was issued", (multiplexer, expected) => {
    const filter = new ScreenFilter();
    const text = "text".repeat(multiplexer === "none" ? 1 : 500);
    const sequences = clipboardCopy(text, multiplexer);
    if (expected !== undefined) expect(sequences).toEqual(expected);
    for (const sequence of sequences) filter.permit(sequence);
    expect(filter.stream(`a${sequences.join("")}b`)).toBe(`a${sequences.join("")}b`);
    expect(filter.stream(`a${sequences.join("")}b`)).not.toContain("\u001bP");
    expect(filter.stream(`a${sequences.join("")}b`)).not.toContain("\u001b]");
  });

  test("what is copied through tmux and screen arrives whole", () => {
    const text = "héllo\n".repeat(400);
    const [, wrapped = ""] = clipboardCopy(text, "tmux");
    const inner = wrapped.slice("\u001bPtmux;".length, -2).replaceAll("\u001b\u001b", "\u001b");
    const joined = clipboardCopy(text, "screen")
      .map((piece) => piece.slice(2, -2))
      .join("");
    for (const sequence of [inner, joined]) {
      const content = sequence.slice("\u001b]52;c;".length, -1);
      expect(Buffer.from(content, "base64").toString("utf8")).toBe(text);
    }
  });

  test("a row of a pane may colour text and nothing else", () => {
    expect(new ScreenFilter().row(`\u001b[31mred\u001b[0m${"\u001b[2;2H"}`)).toBe(
      "\u001b[31mred\u001b[0m\ufffd[2;2H",
    );
  });

  test("a permitted string passes once and only as it is", () => {
    const title = "\u001b]0;bktui\u001b\\";
    const filter = new ScreenFilter();
    filter.permit(title);
    expect(filter.stream(title)).toBe(title);
    expect(filter.stream(title)).not.toBe(title);
  });

  test("whatever goes in, no forbidden control comes out", () => {
    const piece = fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "0;",
      "m",
      "H",
      "\u0007",
      "\u001b\\",
      "\u009d",
      "a",
      "?25",
      "h",
      "31",
      ";",
    );
    const allowed = new RegExp(
      `${"\u001b"}(?:\\[[0-9;:]*m|\\[\\d+;\\d+H|\\[\\d+G|\\[[012]?K|\\[2J|\\[\\?(?:1|7|25|100[023467]|1049|2004|2026)[hl]|[=>])`,
      "g",
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((list) => list.join("")),
        (text) => {
          expect(new ScreenFilter().stream(text).replace(allowed, "")).not.toMatch(/\p{Cc}/u);
        },
      ),
      { numRuns: 150 },
    );
  });
});
