import { expect, test } from "vitest";
import { scriptLines } from "../../../src/console/script-lines.ts";

test("comments and blank lines are left out, and each line keeps its number", () => {
  expect(scriptLines("# a script\n\nnext\r\n   # more\n\t\ncontinue\n")).toEqual([
    { number: 3, text: "next" },
    { number: 6, text: "continue" },
  ]);
});

test("a backslash at the end goes on in the next line, whatever stands there", () => {
  expect(scriptLines("shell -c 'a; \\\n# b; \\\n\\\nc'\nnext\\\\\nq \\")).toEqual([
    { number: 1, text: "shell -c 'a; # b; c'" },
    { number: 5, text: "next\\\\" },
    { number: 6, text: "q " },
  ]);
});

test("only a whole line is a comment", () => {
  expect(scriptLines("break /RUN #1/")).toEqual([{ number: 1, text: "break /RUN #1/" }]);
});
