import { describe, expect, test } from "vitest";
import { completionPlace, typedBefore } from "../../../../src/dap/values/completion-place.ts";

describe("the place", () => {
  test("is in the first line where none is said, and never outside of the text", () => {
    expect(completionPlace("next", undefined, 2)).toEqual({ before: "ne", lineStart: 0 });
    expect(completionPlace("next", undefined, 99)).toEqual({ before: "next", lineStart: 0 });
    expect(completionPlace("next", undefined, -5)).toEqual({ before: "", lineStart: 0 });
    expect(completionPlace("", undefined, 0)).toEqual({ before: "", lineStart: 0 });
  });

  test("of a later line begins behind the lines before it", () => {
    expect(completionPlace("steps\ncat /et", 1, 7)).toEqual({ before: "cat /et", lineStart: 6 });
    expect(completionPlace("a\nb\nc", 9, 1)).toEqual({ before: "c", lineStart: 4 });
    expect(completionPlace("a\nb", -3, 1)).toEqual({ before: "a", lineStart: 0 });
  });

  test("counts as editors do: a character outside of the plane is two", () => {
    expect(completionPlace("! 😀 $A", undefined, 7)).toEqual({ before: "! 😀 $A", lineStart: 0 });
  });
});

describe("what is typed", () => {
  test.each([
    ["", { kind: "command" }, ""],
    ["fi", { kind: "command" }, "fi"],
    [":fi", { kind: "command" }, "fi"],
    ["target ", { kind: "argument", command: "target" }, ""],
    ["target ap", { kind: "argument", command: "target" }, "ap"],
    ["arg NAME", { kind: "argument", command: "arg" }, "NAME"],
    ["! echo $GRE", { kind: "variable", scope: "any" }, "GRE"],
    ["! echo ${GRE", { kind: "variable", scope: "any" }, "GRE"],
    ["$", { kind: "variable", scope: "any" }, ""],
    ["ENV.PA", { kind: "variable", scope: "ENV" }, "PA"],
    ["ARG.", { kind: "variable", scope: "ARG" }, ""],
    ["cat /et", { kind: "path", directory: "/" }, "et"],
    ["cat 3 /etc/pa", { kind: "path", directory: "/etc/" }, "pa"],
    ["file /etc/", { kind: "path", directory: "/etc/" }, ""],
    ["exec ls /usr/b", { kind: "path", directory: "/usr/" }, "b"],
    ["!ls /usr/b", { kind: "path", directory: "/usr/" }, "b"],
    ["break data:/app/o", { kind: "path", directory: "/app/" }, "o"],
    ["/etc/pass", { kind: "path", directory: "/etc/" }, "pass"],
    ["BASE:/etc/pass", { kind: "path", directory: "/etc/" }, "pass"],
    ["log /et", { kind: "argument", command: "log" }, "/et"],
  ])("%j", (before, wanted, word) => {
    expect(typedBefore(before)).toEqual({ wanted, word });
  });
});
