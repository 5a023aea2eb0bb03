import { describe, expect, test } from "vitest";
import { orderText, parseOrder } from "../../../../src/debugger/breakpoints/break-order.ts";

describe("a breakpoint as it is typed", () => {
  test.each([
    ["11", { spec: { kind: "line", line: 11 } }],
    ['11 if ENV.CI == "1"', { spec: { kind: "line", line: 11 }, rule: { condition: 'ENV.CI == "1"' } }],
    ["/RUN npm/ hits 3", { spec: { kind: "pattern", pattern: "RUN npm" }, rule: { hits: "3" } }],
    [
      "/a/b/:after if text =~ /npm/ hits >= 2",
      {
        spec: { kind: "pattern", pattern: "a/b", when: "after" },
        rule: { condition: "text =~ /npm/", hits: ">= 2" },
      },
    ],
    ["/x if y/", { spec: { kind: "pattern", pattern: "x if y" } }],
    ["11 text CI is {CI}", { spec: { kind: "line", line: 11 }, rule: { log: "CI is {CI}" } }],
    [
      "RUN if cached hits % 2 text {text} if hits 3",
      {
        spec: { kind: "instruction", keyword: "RUN" },
        rule: { condition: "cached", hits: "% 2", log: "{text} if hits 3" },
      },
    ],
    [
      "RUN if !cached hits != 3",
      { spec: { kind: "instruction", keyword: "RUN" }, rule: { condition: "!cached", hits: "!= 3" } },
    ],
    ["11 hits !=3", { spec: { kind: "line", line: 11 }, rule: { hits: "!=3" } }],
    ["COPY:after", { spec: { kind: "instruction", keyword: "COPY", when: "after" } }],
    ["first-miss", { spec: { kind: "first-miss" } }],
    ["data:/app/dist changed", { spec: { kind: "data", path: "/app/dist", change: "changed" } }],
    ["data:/app/dist", { spec: { kind: "data", path: "/app/dist", change: "any" } }],
    [
      "data:/etc/motd matches /a b/ if stage == 'app'",
      {
        spec: { kind: "data", path: "/etc/motd", change: "any", matches: "a b" },
        rule: { condition: "stage == 'app'" },
      },
    ],
    ['data:"/a b\\"c" removed', { spec: { kind: "data", path: '/a b"c', change: "removed" } }],
    [
      "end app if user == 'root'",
      { spec: { kind: "stage-end", stage: "app" }, rule: { condition: "user == 'root'" } },
    ],
  ])("%s", (text, order) => {
    const typed = parseOrder(text);
    expect(typed).toEqual(order);
    if (!("spec" in typed)) throw new Error("it is none");
    expect(parseOrder(orderText(typed))).toEqual(typed);
  });

  test("a directory is the same with a slash behind it", () => {
    expect(parseOrder("data:/app/")).toEqual(parseOrder("data:/app"));
  });

  test.each([
    ["11 if ENV.CI = 1", "column 8"],
    ["11 if", "is not a place"],
    ["11 if ", "is not a place"],
    ["11 if cached nonsense", "is not understood behind this place"],
    ["11 hits many", "counts no hits"],
    ["11 hits ! 3", "counts no hits"],
    ["11 hits 3 if cached", "is not understood behind this place"],
    ["11 text {", "column 2"],
    ["none if cached", "none is no place"],
    ["data:", "names no path"],
    ["data:app", "begins with /"],
    ["data:/", "name a path"],
    ["data:/a/../b", '"." and ".."'],
    ["data:/a touched", "names no path"],
    ["data:/a removed matches /x/", "what is removed has no content"],
    ["data:/a matches /(/", "not a pattern"],
    ["run", "is not a place"],
    [`11 if ${"x".repeat(100_000)}`, "8000 characters"],
  ])("%s is refused", (text, why) => {
    expect(() => parseOrder(text)).toThrow(why);
  });
});
