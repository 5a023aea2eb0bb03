import { describe, expect, it, test } from "vitest";
import { BktuiError } from "../../../../../src/base/errors.ts";
import {
  type Facts,
  holds,
  seenWords,
  textOf,
} from "../../../../../src/debugger/breakpoints/expression/evaluate.ts";
import { needsOf } from "../../../../../src/debugger/breakpoints/expression/expression.ts";
import { parseExpression } from "../../../../../src/debugger/breakpoints/expression/parse.ts";
import { filled, parseTemplate } from "../../../../../src/debugger/breakpoints/expression/template.ts";
import { readHits } from "../../../../../src/debugger/breakpoints/rules.ts";

const ENV: Readonly<Record<string, string>> = { CI: "1", EMPTY: "", MODE: "debug", BIG: "10", NPM: "npm/6" };
const FACTS: Facts = {
  fact: (fact) =>
    ({
      user: "root",
      directory: "/src",
      exitCode: 3,
      platform: "linux/amd64",
      cached: false,
      stage: "app",
      instruction: "RUN",
      line: 11,
      text: "RUN npm ci",
    })[fact],
  variable: (scope, name) =>
    scope === "ARG" ? { VERSION: "9" }[name] : (ENV[name] ?? { VERSION: "9" }[name]),
  file: (path) => (path === "/etc/os-release" ? 'NAME="Alpine"\n' : undefined),
  exists: (path) => path === "/etc",
};

describe("a condition", () => {
  test.each([
    ['ENV.CI == "1"', true],
    ["ENV.CI == 1", true],
    ["ENV.CI != 1", false],
    ["ENV.NONE == ''", true],
    ["ENV.NONE", false],
    ["!ENV.NONE", true],
    ["ENV.EMPTY", false],
    ["ENV.MODE", true],
    ["ENV.BIG > 9", true],
    ['"10" < "9"', false],
    ['"b10" < "b9"', true],
    ["ARG.VERSION >= 9", true],
    ["$VERSION == 9", true],
    ["$" + "{MODE} == 'debug'", true],
    ["ENV.MODE contains 'bug'", true],
    ["ENV.MODE =~ /^DE/", true],
    ["ENV.NPM =~ /npm\\/6/", true],
    ["exitCode == 3 && cached == false", true],
    ["cached", false],
    ["cached == 'false'", true],
    ["true || true && false", true],
    ["(true || true) && false", false],
    ["!true == false", true],
    ["!(1 == 2) && !false", true],
    ['file("/etc/os-release") contains "Alpine"', true],
    ['file("/none") == ""', true],
    ["exists('/etc') && !exists('/none')", true],
    ["user == 'root' && directory == '/src' && stage == 'app'", true],
    ["instruction == 'RUN' && line > 10 && text =~ /npm/", true],
    ["platform contains 'amd64'", true],
    [' "a\\"b" == \'a"b\' ', true],
    ['"a\\n" contains "\n"', true],
  ])("%s is %s", (text, value) => {
    expect(holds(parseExpression(text), FACTS)).toBe(value);
  });

  test.each([
    ["", 1, "something is missing"],
    ["ENV.CI =", 8, "== does"],
    ["ENV.CI = 1", 8, "== does"],
    ["ENV.CI & 1", 8, '&& is "and"'],
    ["ENV.CI | 1", 8, '|| is "or"'],
    ["ENV", 4, "ENV.NAME"],
    ["ENV.", 5, "ENV.NAME"],
    ["ENV.1", 5, "ENV.NAME"],
    ["exitcode == 1", 1, '"exitcode" is no name'],
    ["exitCode == ", 13, "something is missing"],
    ["exitCode == abc", 13, '"abc" is no name'],
    ["(cached", 1, "is not closed"],
    ["cached)", 7, "not understood"],
    ["cached cached", 8, "not understood"],
    ["== 1", 1, "a name or a value is missing"],
    ["1 == 1 == 1", 8, "cannot be compared again"],
    ["1 == 1 =~ /a/", 8, "cannot be compared again"],
    ['"open', 1, "not closed"],
    ["user =~ npm", 9, "between slashes"],
    ["user =~ /npm", 9, "not closed by a /"],
    ["user =~ /(/", 6, "not a pattern"],
    ["file(/etc)", 6, "a path in quotes"],
    ["file(etc)", 6, "a path in quotes"],
    ["file('etc')", 6, "begins with /"],
    ["file('/a/../b')", 6, '"." and ".."'],
    ["exists('/a\u0007')", 8, "control characters"],
    ["exists '/a'", 1, "a path in quotes"],
    ["user # 1", 6, "means nothing here"],
    ["$ == 1", 1, "wants a name"],
  ])("%j is refused at column %d", (text, column, why) => {
    let message = "";
    try {
      parseExpression(text);
    } catch (error) {
      expect(error).toBeInstanceOf(BktuiError);
      if (error instanceof BktuiError) ({ message } = error);
    }
    expect(message).toContain(why);
    expect(message).toContain(`column ${column}:`);
  });

  it("S60 · is refused at once when it is 100 kB long, and says what no terminal obeys", () => {
    const started = performance.now();
    for (const text of [
      "a".repeat(100_000),
      "(".repeat(100_000),
      "!".repeat(100_000),
      "1 == ".repeat(20_000),
    ])
      expect(() => parseExpression(text)).toThrow("1000 characters");
    expect(performance.now() - started).toBeLessThan(1000);
    expect(() => parseExpression("\u001b[31m == 1")).toThrow(/^" == 1", column 1: "\^\[" means/);
  });

  it("S60 · goes no deeper than fifty", () => {
    expect(holds(parseExpression(`${"(".repeat(50)}true${")".repeat(50)}`), FACTS)).toBe(true);
    expect(() => parseExpression(`${"(".repeat(51)}true${")".repeat(51)}`)).toThrow("deeper than 50");
    expect(() => parseExpression(`${"!".repeat(51)}true`)).toThrow("deeper than 50");
    expect(holds(parseExpression(Array(150).fill("true").join("&&")), FACTS)).toBe(true);
  });

  it("S60 · is bounded in time whatever its pattern and the text are", () => {
    const slow = parseExpression("file('/x') =~ /(a*)*(a*)*(a*)*b/");
    const facts: Facts = { ...FACTS, file: () => "a".repeat(1_000_000) };
    expect(() => holds(slow, facts)).toThrow("takes too long");
  });

  it("says what it needs to know", () => {
    const needs = (text: string): unknown => needsOf([parseExpression(text)]);
    expect(needs("stage == 'app'")).toEqual({ environment: false, behind: false, cached: false, files: [] });
    expect(needs("user == 'app' || $A")).toMatchObject({ environment: true, behind: false });
    expect(needs("!exitCode")).toMatchObject({ behind: true, cached: false });
    expect(needs("cached")).toMatchObject({ behind: true, cached: true });
    expect(needs("file('/a') == file('/a') && exists('/a')")).toMatchObject({
      files: [
        { kind: "file", path: "/a" },
        { kind: "exists", path: "/a" },
      ],
    });
  });

  it("says what was seen", () => {
    const seen = (text: string): string => seenWords([parseExpression(text)], FACTS);
    expect(seen("ENV.CI == '2' && ENV.CI != '3' && $NONE")).toBe('ENV.CI is "1", $NONE is not set');
    expect(seen("exitCode == 1")).toBe("exitCode is 3");
    expect(seen("user && directory && stage && line && text")).toContain("1 more");
  });
});

describe("the text of a log point", () => {
  const said = (text: string): string => filled(parseTemplate(text), FACTS);
  test.each([
    ["plain", "plain"],
    ["{MODE} at {line}", "debug at 11"],
    ["{ENV.MODE}{ARG.VERSION}{$CI}", "debug91"],
    ["{NONE}.", "."],
    ["{exitCode == 3}", "true"],
    ['{file("/etc/os-release")}', 'NAME="Alpine"\n'],
    ["{{MODE}} {MODE}", "{MODE} debug"],
    ["{true}", "true"],
  ])("%s says %j", (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  test.each([
    ["", "wants a text"],
    ["{line", "not closed"],
    ["{MODE", "no name"],
    ["a } b", 'column 3: "}" closes nothing'],
    ["{}", "column 2"],
    ["{ENV.}", "ENV.NAME"],
    ["{MODE x}", "is no name"],
    ["x".repeat(100_000), "1000 characters"],
  ])("%j is refused", (text, why) => {
    expect(() => parseTemplate(text)).toThrow(why);
  });

  it("is cut where a file is long", () => {
    const long = filled(parseTemplate('{file("/x")}'), { ...FACTS, file: () => "x".repeat(100_000) });
    expect(long).toHaveLength(4001);
    expect(textOf(parseExpression("file('/none')"), FACTS)).toBe("");
  });
});

test.each([
  ["3", [3]],
  ["== 3", [3]],
  ["!= 3", [1, 2, 4, 5]],
  ["!=1", [2, 3, 4, 5]],
  [">= 3", [3, 4, 5]],
  [">3", [4, 5]],
  ["<= 2", [1, 2]],
  ["< 2", [1]],
  ["% 2", [2, 4]],
])("hits %s are %j of five", (text, expected) => {
  const counts = readHits(text);
  expect([1, 2, 3, 4, 5].filter(counts)).toEqual(expected);
});

test.each(["", "x", "% 0", "-1", "3 4", ">> 3", "! 3", "!3", "!== 3", "9".repeat(20)])(
  "hits %j are refused",
  (text) => {
    expect(() => readHits(text)).toThrow("counts no hits");
  },
);
