import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAnswer, RelayFilter } from "../../../../src/plain/lines/relay-filter.ts";

const esc = "\u001b";

function passed(...chunks: readonly string[]): string {
  const filter = new RelayFilter();
  return chunks.map((chunk) => filter.push(Buffer.from(chunk))).join("");
}

describe("what reaches the terminal", () => {
  test("text, colours, cursor movement and line drawing pass", () => {
    const text = `plain ż ${esc}[1;31mred${esc}[0m${esc}[2J${esc}[H${esc}(0lqk${esc}(B${esc}7${esc}8\r\n\u0007`;
    expect(passed(text)).toBe(text);
  });

  test.each([
    ["the clipboard", `${esc}]52;c;ZXZpbA==\u0007`],
    ["the title", `${esc}]0;evil${esc}\\`],
    ["device control", `${esc}P+q544e\u0007${esc}\\`],
    ["window orders", `${esc}[8;1;1t${esc}[21t`],
    ["8-bit controls", "\u009d52;c;eA\u009c"],
  ])("%s does not", (_name, text) => {
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
