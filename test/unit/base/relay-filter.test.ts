import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAnswer, RelayFilter } from "../../../src/base/relay-filter.ts";

const esc = "\u001b";

function passed(...chunks: readonly string[]): string {
  const filter = new RelayFilter();
  return chunks.map((chunk) => filter.push(Buffer.from(chunk))).join("");
}

describe("what reaches the terminal", () => {
  test("text, colours, cursor movement, questions and line drawing pass", () => {
    const text = `plain${esc}[6n${esc}[>c ż ${esc}[1;31mred${esc}[0m${esc}[2J${esc}[H${esc}(0lqk${esc}(B${esc}7${esc}8\r\n\u0007`;
    expect(passed(text)).toBe(text);
  });

  test.each([
    ["the clipboard", `${esc}]52;c;ZXZpbA==\u0007`],
    ["the title", `${esc}]0;evil${esc}\\`],
    ["device control", `${esc}P+q544e\u0007${esc}\\`],
    ["window orders", `${esc}[8;1;1t${esc}[21t`],
    ["8-bit controls", "\u009d52;c;eA\u009c"],
    ["other codes for keys", `${esc}[>4;2m${esc}[>1u${esc}[=1;1u${esc}[<u`],
    ["8-bit answers, another level and another character set", `${esc} G${esc}[62;1"p${esc}%@`],
    ["the printer", `${esc}[5i${esc}[?4i`],
  ])("S55 · %s does not", (_name, text) => {
    expect(passed(`a${text}b`).replaceAll(`${esc}\\`, "")).toMatch(/^a(52;c;eA)?b$/);
  });

  test("it does not matter where chunks are cut", () => {
    const text = `a${esc}[1;31mb${esc}]52;c;eA${esc}\\c${esc}[?1049h${esc}[3tż`;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((one, other) => one - other), text.length];
        const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(passed(...chunks)).toBe(passed(text));
      }),
    );
  });
});

describe("when the keyboard comes back", () => {
  test("what was switched on is switched off, and the cursor is shown again", () => {
    const filter = new RelayFilter();
    filter.push(Buffer.from(`${esc}[?1049h${esc}[?1000;1006h${esc}[?25l${esc}[?2004h${esc}[?2004l`));
    const restored = filter.restore();
    for (const mode of ["?1049l", "?1000l", "?1006l", "?25h"]) expect(restored).toContain(`${esc}[${mode}`);
    expect(restored).not.toContain("2004");
  });

  test("scrolling, character sets, inserting and the cursor's shape are as before, and the cursor is where it was", () => {
    const filter = new RelayFilter();
    filter.push(Buffer.from(`${esc}[2;5r${esc}(0\u000e${esc}[4h${esc}[5 q`));
    const restored = filter.restore();
    expect(restored).toContain(`${esc}7${esc}[r${esc}8${esc}(B\u000f${esc}[4l`);
    expect(restored).toContain(`${esc}[0 q`);
    expect(restored).toMatch(/\[0m$/);
  });

  test("a cursor of no other shape keeps its own", () => {
    const filter = new RelayFilter();
    filter.push(Buffer.from(`${esc}[1mbold`));
    expect(filter.restore()).not.toContain(" q");
  });

  test("nothing is sent after plain text", () => {
    const filter = new RelayFilter();
    filter.push(Buffer.from("plain\n"));
    expect(filter.restore()).toBe("");
  });
});

test("answers of the terminal are no input of its user", () => {
  const is = (text: string): boolean => isAnswer(Buffer.from(text));
  expect([`${esc}[60;24R`, `${esc}[?62;4c${esc}[1;1R`, `${esc}[0n`].map(is)).toEqual([true, true, true]);
  expect(["ls\r", `${esc}[A`, `${esc}[60;24Rls`, esc, ""].map(is)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
