import { expect, test } from "vitest";
import { drawing } from "../../support/picture.ts";
import type { StyledText } from "../../support/styled-text.ts";

const plain: Omit<StyledText, "text"> = {
  foreground: undefined,
  background: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

test("a drawing puts each text at its cell, as wide as its cells, and leaves out blanks at its ends", () => {
  const row = [
    { ...plain, text: "  a<b " },
    { ...plain, text: "✗ ", bold: true, foreground: 1 },
  ];
  const lines = drawing([row, [{ ...plain, text: "x", inverse: true }]]).split("\n");
  expect(lines[0]).toContain('viewBox="0 0 100.8 60"');
  expect(lines.slice(3)).toEqual([
    '<text x="31.2" y="26" fill="#d0d0d0" textLength="28.8" lengthAdjust="spacingAndGlyphs">a&#60;b</text>',
    '<text x="69.6" y="26" fill="#e05a5a" font-weight="bold" textLength="9.6" lengthAdjust="spacingAndGlyphs">✗</text>',
    '<rect x="12.0" y="30" width="9.6" height="18" fill="#d0d0d0"/>',
    '<text x="12.0" y="44" fill="#16181c" textLength="9.6" lengthAdjust="spacingAndGlyphs">x</text>',
    "</svg>",
    "",
  ]);
});
