import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { limits } from "../../../../src/base/limits.ts";
import { LineSplitter } from "../../../../src/debugger/progress/line-splitter.ts";
import type { ShownLine } from "../../../../src/debugger/progress/terminal-line.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The lines that come out, whatever the output is cut into. */
function linesOf(output: string, ...sizes: readonly number[]): readonly ShownLine[] {
  const data = bytes(output);
  const splitter = new LineSplitter();
  const lines: ShownLine[] = [];
  for (let at = 0, turn = 0; at < data.length; turn++) {
    const size = sizes[turn % Math.max(1, sizes.length)] ?? data.length;
    lines.push(...splitter.push(data.subarray(at, at + size)));
    at += size;
  }
  return [...lines, ...splitter.end()];
}

const textOf = (line: ShownLine): string => (typeof line === "string" ? line : line.text);
const rawOf = (line: ShownLine | undefined): string | undefined =>
  line === undefined || typeof line === "string" ? undefined : line.raw;

const bar = Array.from({ length: 100 }, (_, index) => `\rfetching package index ${index}%`).join("");

describe("a line that writes over itself", () => {
  test.each([
    ["a rewritten line", "abc\rxyz\n", ["xyz"]],
    ["what is longer below stays", "abcdef\rXY\n", ["XYcdef"]],
    [
      "a bar and the error in its line",
      `${bar}\rE: the index is signed by a key that expired\n`,
      ["E: the index is signed by a key that expired"],
    ],
    ["blanks that wipe a line", "downloading\r           \rdone\n", ["done"]],
    ["erasing to the end", "abcdef\rXY\u001b[K\n", ["XY"]],
    ["erasing to the end, with its number", "abcdef\rXY\u001b[0K\n", ["XY"]],
    ["erasing to the beginning", "abcdef\u001b[3D\u001b[1K\n", ["    ef"]],
    ["erasing the line", "\u001b[2Kabc\r\u001b[2Kdef\n", ["def"]],
    [
      "the column",
      "\u001b[1G\u001b[0K⠙\u001b[1G\u001b[0K⠹\u001b[1G\u001b[0Kadded 5 packages\n",
      ["added 5 packages"],
    ],
    ["backspaces", " 10%\b\b\b\b 20%\b\b\b\b 30%\n", [" 30%"]],
    ["backspaces beyond the start", "a\b\b\bb\n", ["b"]],
    ["left and right", "abc\u001b[2DX\u001b[1CY\n", ["aXcY"]],
    ["deleted characters", "abcdef\u001b[5D\u001b[2P\n", ["adef"]],
    ["characters made blank", "abcdef\u001b[5D\u001b[2X\n", ["a  def"]],
    ["a tab, which writes nothing", "abcdefghij\r\tX\n", ["abcdefghXj"]],
    ["wide characters", "下载下载\rab\n", ["ab载下载"]],
    ["half a wide character", "下载\ra\n", ["a 载"]],
    ["marks on a letter", "e\u0301e\u0301\rx\n", ["xe\u0301"]],
    [
      "colours go with their text",
      "\u001b[31mred\u001b[0m\r\u001b[32mG\u001b[0m\n",
      ["\u001b[32mG\u001b[0m\u001b[31med\u001b[0m"],
    ],
    ["the cursor's look, which says nothing", "\u001b[?25labc\u001b[?25h\n", ["abc"]],
    ["line ends of other systems", "one\r\ntwo\r\r\nthree\r\n", ["one", "two", "three"]],
    ["erasing below", "abc\r\u001b[J\n", [""]],
    ["wiping the screen, which a log does not do", "abc\u001b[H\u001b[2Jdef\n", ["abc\u001b[H\u001b[2Jdef"]],
    ["no line end", `${bar}\rdone`, ["donehing package index 99%"]],
    ["a bar that goes away", "10%\r\u001b[K\nnext\n", ["", "next"]],
    [
      "the next line is one of its own",
      "10%\r20%\nplain\n\u001b[1mbold\u001b[0m\n",
      ["20%", "plain", "\u001b[1mbold\u001b[0m"],
    ],
  ])("%s", (_name, output, lines) => {
    for (const size of [1, 2, 3, 7, 1000]) expect(linesOf(output, size).map(textOf)).toEqual(lines);
  });

  test.each([
    ["env: 'bash\r': No such file or directory\n", "env: 'bash\r': No such file or directory"],
    [
      "/x.sh: line 1: set: pipefail\r: invalid option name\n",
      "/x.sh: line 1: set: pipefail\r: invalid option name",
    ],
    [
      "./x.sh: /bin/sh\r: bad interpreter: No such file\n",
      "./x.sh: /bin/sh\r: bad interpreter: No such file",
    ],
    ["sh: set: line 1: illegal option -\r\n", "sh: set: line 1: illegal option -\r"],
    ["E: Unable to locate package curl\r\n", "E: Unable to locate package curl\r"],
    ["  curl\r (no such package):\n", "  curl\r (no such package):"],
    ["    required by: world[curl\r]\n", "    required by: world[curl\r]"],
    ["syntax error near unexpected token `do\r'\n", "syntax error near unexpected token `do\r'"],
    ["exec: ‘python\r’: not found\n", "exec: ‘python\r’: not found"],
  ])("keeps the carriage return that %j is about", (output, line) => {
    for (const size of [1, 2, 5, 1000]) expect(linesOf(output, size)).toEqual([line]);
  });

  test.each([
    ["HTTP/1.1 401\r\nX-Error: token is not valid\r\n", ["HTTP/1.1 401", "X-Error: token is not valid"]],
    ["\r\nE: Unable to locate package curl\r\n", ["", "E: Unable to locate package curl"]],
    ["a\r\nsh: set: illegal option -\r\n", ["a", "sh: set: illegal option -\r"]],
    ["a\r\nsh: foo\r: not found\r\n", ["a", "sh: foo\r: not found"]],
  ])("takes the line ends for what they are where others end so: %j", (output, lines) => {
    for (const size of [1, 2, 5, 1000]) expect(linesOf(output, size)).toEqual(lines);
  });

  it("S07 · keeps what was written over, and only that", () => {
    const [line] = linesOf(`${bar}\rE: expired\n`, 13);
    expect(rawOf(line)).toBe(`${bar}\rE: expired`);
    for (const output of ["abc\r\n", "\rabc\n", "\r\u001b[Kabc\n", "ab\bb\n", "   \rabc\n"])
      expect(rawOf(linesOf(output)[0])).toBeUndefined();
  });

  it("says how it stands while more may come", () => {
    const splitter = new LineSplitter();
    const shown = ["plain", "\r10%", "\r2", "0%", "\r", "30%\u001b[", "K"].map((text) => {
      splitter.push(bytes(text));
      return splitter.soFar();
    });
    expect(shown).toEqual(["plain", "10%in", "20%in", "20%in", "20%in", "30%in", "30%"]);
    expect(splitter.push(bytes("\n")).map(textOf)).toEqual(["30%"]);
    expect(splitter.soFar()).toBe("");
  });

  it("is the same wherever the output is cut", () => {
    const piece = fc.constantFrom(
      ..."\r|\b|\n|\t|\r\n|\u001b[K|\u001b[2K|\u001b[3D|\u001b[1G|\u001b[9C|\u001b[31m|\u001b[0m|ab|10%|': |下|é|e\u0301|👍🏽| ".split(
        "|",
      ),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (pieces, sizes) => {
          expect(linesOf(pieces.join(""), ...sizes)).toEqual(linesOf(pieces.join("")));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("S07 · holds little, however often a line is written anew", () => {
    const splitter = new LineSplitter();
    let most = 0;
    for (let index = 0; index < 200_000; index += 100) {
      splitter.push(
        bytes(Array.from({ length: 100 }, (_, at) => `\rfetching ${index + at} of 200000`).join("")),
      );
      most = Math.max(most, splitter.pending);
    }
    expect(most).toBeLessThan(3 * limits.rawCharacters);
    const [line] = splitter.push(bytes("\rerror: the disk of the engine is full\n"));
    expect(line === undefined ? "" : textOf(line)).toBe("error: the disk of the engine is full");
    const raw = rawOf(line) ?? "";
    expect(raw.length).toBeLessThan(limits.rawCharacters + 100);
    expect(raw).toMatch(
      /^\rfetching 0 of 200000\rfetching 1 of[\s\S]* … \(\d+ characters left out\) … [\s\S]*\rerror: the disk of the engine is full$/,
    );
  });

  it("cuts what does not end, as it does a plain line", () => {
    const long = "x".repeat(3 * limits.lineCharacters);
    const lines = linesOf(`abc\r${long}\n`, 5000).map(textOf);
    expect(lines.join("")).toBe(long);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(limits.lineCharacters);
  });

  it("is not moved far by a number", () => {
    const [line] = linesOf("a\u001b[999999999CX\u001b[999999999DY\n");
    expect(textOf(line ?? "")).toBe(`Y${" ".repeat(78)}X`);
  });

  test.each([
    ["the line, again and again", "\u001b[2K", ""],
    ["to the beginning, again and again", "\u001b[1K", ""],
    ["to the beginning, from its middle", "\b\u001b[1K", ""],
    ["to the end, from the start", "\r\u001b[K", ""],
  ])("erases %s without going over what is blank", (_name, erasing, text) => {
    const [line] = linesOf(`${"x".repeat(16_000)}${erasing.repeat(12_500)}\n`);
    expect(textOf(line ?? "")).toBe(text);
  });

  it("follows no more than a part of what costs much, and shows the rest as it is", () => {
    const writes = "\u001b[2Kx".repeat(2000);
    const lines = linesOf(`${"x".repeat(16_000)}${writes}\n`).map(textOf);
    expect(lines[0]?.startsWith(" ".repeat(16_000))).toBe(true);
    expect(lines.join("").endsWith("\u001b[2Kx".repeat(1800))).toBe(true);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(limits.lineCharacters);
  });

  test.each([
    ["a new colour takes the old one's place", "\u001b[31m\u001b[38;2;1;2;3m\u001b[32mx", "\u001b[32mx"],
    ["of each kind one is kept", "\u001b[48;5;1;1;4m\u001b[31m\u001b[44mx", "\u001b[31;44;1;4mx"],
    ["what is turned off is gone", "\u001b[1;31;7m\u001b[22;39mx", "\u001b[7mx"],
    ["a reset among others", "\u001b[31;1m\u001b[44;0;32mx", "\u001b[32mx"],
    ["with colons", "\u001b[38:2::9:8:7m\u001b[4:3mx", "\u001b[38:2::9:8:7;4:3mx"],
    ["what is no colour", "\u001b[31m\u001b[>4;2mx", "\u001b[31mx"],
  ])("colours: %s", (_name, output, text) => {
    expect(linesOf(`abc\r\u001b[K${output}\n`).map(textOf)).toEqual([`${text}\u001b[0m`]);
  });

  it("does not become longer through its colours, and says how much it holds", () => {
    const pixel = (at: number): string => `\u001b[38;2;${at % 256};1;2m\u001b[48;2;3;${at % 256};4mx`;
    const picture = `ab\r${Array.from({ length: 8000 }, (_, at) => pixel(at)).join("")}`;
    const splitter = new LineSplitter();
    splitter.push(bytes(picture));
    expect(splitter.pending).toBeGreaterThan(8000 * 30);
    const lines = splitter.push(bytes("\n")).map(textOf);
    expect(lines.map((line) => line.split("x").length - 1)).toEqual([8000]);
    expect(lines[0]?.length).toBeLessThanOrEqual(limits.lineCharacters);
    const first = "\u001b[38;2;0;1;2;48;2;3;0;4mx\u001b[0m\u001b[38;2;1;1;2;48;2;3;1;4mx\u001b[0m";
    expect(lines[0]?.startsWith(first)).toBe(true);
    expect(lines[0]?.endsWith("x".repeat(5000))).toBe(true);
  });

  it("takes so many marks as a line has characters", () => {
    const lines = linesOf(`a\r${`e${"\u0301".repeat(31)}`.repeat(9000)}\n`).map(textOf);
    expect(lines.length).toBeLessThan(4);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(limits.lineCharacters);
  });
});
