import { describe, expect, test } from "vitest";
import { helpLines, readWish, WORDS, wordOf } from "../../../../src/plain/lines/read-line.ts";
import { KEYMAP } from "../../../../src/tui/commands/keymap.ts";

function wishOf(text: string): unknown {
  return readWish(text).wish;
}

test.each([
  ["n", { kind: "move", command: "next" }],
  ["into", { kind: "move", command: "into" }],
  ["fin", { kind: "move", command: "finish" }],
  ["Continue", { kind: "move", command: "continue" }],
  [":c", { kind: "move", command: "continue" }],
  ["to 12", { kind: "to", line: 12 }],
  ["r", { kind: "rerun", here: true }],
  ["R", { kind: "rerun", here: false }],
  ["b", { kind: "break", spec: undefined }],
  ["break 11", { kind: "break", spec: { kind: "line", line: 11 } }],
  ["break Dockerfile:11", { kind: "break", spec: { kind: "line", line: 11 } }],
  ["break app:end", { kind: "break", spec: { kind: "stage-end", stage: "app" } }],
  ["break end app", { kind: "break", spec: { kind: "stage-end", stage: "app" } }],
  ["delete 2", { kind: "delete", number: 2 }],
  ["!", { kind: "shell", step: undefined, debugRoot: false, how: "return", retry: false }],
  ["!3", { kind: "shell", step: 3, debugRoot: false, how: "return", retry: false }],
  ["debug-shell 3", { kind: "shell", step: 3, debugRoot: true, how: "return", retry: false }],
  ["log", { kind: "log", step: undefined, raw: false }],
  ["log 3", { kind: "log", step: 3, raw: false }],
  ["log raw", { kind: "log", step: undefined, raw: true }],
  ["log --raw 3", { kind: "log", step: 3, raw: true }],
  ["log 3 raw", { kind: "log", step: 3, raw: true }],
  ["files", { kind: "files", step: undefined, path: undefined }],
  ["files /etc/my app", { kind: "files", step: undefined, path: "/etc/my app" }],
  ["files 3", { kind: "files", step: { kind: "number", number: 3 }, path: undefined }],
  ["files step 3 /etc", { kind: "files", step: { kind: "number", number: 3 }, path: "/etc" }],
  ["files 3/8 my dir", { kind: "files", step: { kind: "number", number: 3 }, path: "my dir" }],
  ["files line 12.2 /", { kind: "files", step: { kind: "line", line: 12, nth: 2 }, path: "/" }],
  ["files app:end", { kind: "files", step: { kind: "stage-end", stage: "app" }, path: undefined }],
  ["files ./3", { kind: "files", step: undefined, path: "./3" }],
  ["files 3.txt", { kind: "files", step: undefined, path: "3.txt" }],
  ["diff app/a.txt", { kind: "diff", step: undefined, path: "app/a.txt" }],
  [
    "diff line 4 app/a.txt",
    { kind: "diff", step: { kind: "line", line: 4, nth: undefined }, path: "app/a.txt" },
  ],
  ["  list   4 ", { kind: "list", line: 4 }],
  ["", { kind: "nothing" }],
])("%j is read as %j", (text, wish) => {
  expect(wishOf(text)).toEqual(wish);
});

test.each([
  ["nxet", 'no command "nxet"; did you mean next?'],
  ["re", 'no command "re"; did you mean rerun or restart or reconnect or retry?'],
  ["frobnicate", 'no command "frobnicate"; help lists them'],
  ["to", "a number is missing"],
  ["diff", "a path is missing"],
  ["diff 3", "a path is missing"],
  ["delete all", '"all" is not a number'],
  ["next 3", "next takes nothing after it"],
  [
    "break somewhere",
    '"somewhere" is not a place to stop; places are 11, app:end, stage:deps, /RUN npm/, miss, first; with :after, :miss or :hit',
  ],
  ["x\u001b]52;c;eA\u0007y", 'no command "x^[]52;c;eA^Gy"; help lists them'],
])("a wrong line, %j, is answered with %j", (text, why) => {
  expect(wishOf(text)).toEqual({ kind: "unknown", why });
});

describe("while the build runs", () => {
  test("what stops it is not kept waiting, what moves it is", () => {
    expect(["pause", "cancel", "help", "nonsense"].map((text) => readWish(text).when)).toEqual(
      Array(4).fill("always"),
    );
    expect(["next", "shell", "quit", "rerun"].map((text) => readWish(text).when)).toEqual(
      Array(4).fill("at-rest"),
    );
  });
});

test("a word of the screen's has the screen's letter", () => {
  for (const { name, letter } of WORDS) {
    const binding = KEYMAP.find((candidate) => candidate.name === name && candidate.panes === undefined);
    // `steps`, `log` and `info` are panes there, with digits.
    if (binding === undefined || binding.keys.join("") === "" || binding.group === "Look") continue;
    expect([name, ...binding.keys]).toContain(letter);
  }
});

test("no two words share a name or a letter", () => {
  const names = WORDS.flatMap(({ name, letter, also }) => [name, letter, ...also]).filter(
    (text) => text !== "",
  );
  expect(new Set(names).size).toBe(names.length);
});

test("every word is found by its own names and stands in the help", () => {
  for (const word of WORDS) {
    expect(wordOf(word.name)).toBe(word);
    if (word.letter !== "") expect(wordOf(word.letter)).toBe(word);
    expect(helpLines("").some((line) => line.startsWith(word.name))).toBe(true);
  }
});
