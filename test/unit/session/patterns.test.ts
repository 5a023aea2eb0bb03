import { describe, expect, it } from "vitest";
import { parseIgnoreFile } from "../../../src/session/files/dockerignore.ts";
import { literalPattern, PatternMatcher } from "../../../src/session/files/pattern-matcher.ts";

function ignored(file: string, path: string): boolean {
  return new PatternMatcher(parseIgnoreFile(file)).matches(path);
}

describe("ignore patterns", () => {
  // Answers of Moby's patternmatcher: file, path, ignored?
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["*.md", "a.md", true],
    ["*.md", "docs/a.md", false],
    ["*.md\n!README.md", "README.md", false],
    ["*.md\n!README.md", "a.md", true],
    ["!README.md\n*.md", "README.md", true],
    ["*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true],
    ["**", "a/b/c", true],
    ["**\n!a", "a", false],
    ["**\n!a", "a/b", false],
    ["**\n!a", "b/a", true],
    ["foo/**/bar", "foo/bar", true],
    ["foo/**/bar", "foo/x/y/bar", true],
    ["foo/**/bar", "foo/x/bar/z", true],
    ["foo/**/bar", "foobar", false],
    ["foo/**", "foo/x", true],
    ["foo/**", "foo", false],
    ["foo/", "foo", true],
    ["foo/", "foo/x", true],
    ["/foo", "foo", true],
    ["/foo", "x/foo", false],
    ["./a", "a", true],
    ["a/../b", "b", true],
    ["a/../b", "a", false],
    ["**/foo", "foo", true],
    ["**/foo", "x/y/foo", true],
    ["**/foo", "xfoo", false],
    ["**foo", "x/yfoo", true],
    ["**.md", "x/y.md", true],
    ["**/*.md", "y.md", true],
    ["**/*.md", "x/z/y.md", true],
    ["a**", "abc/d", true],
    ["a*c", "a/c", false],
    ["a?c", "abc", true],
    ["a?c", "aéc", true],
    ["a?c", "a😀c", true],
    ["a?c", "a/c", false],
    ["[a-c].txt", "b.txt", true],
    ["[^a-c].txt", "b.txt", false],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["a.b", "axb", false],
    ["a+(b)$", "a+(b)$", true],
    ["Foo", "foo", false],
    ["dir\n!dir/keep", "dir/keep", false],
    ["dir\n!dir/keep", "dir/keep/deep", false],
    ["dir\n!dir/keep", "dir/other", true],
    ["dir\n!dir/keep\ndir/keep/not", "dir/keep/not", true],
    ["a\r\n#b\r\n #c\r\n", "#b", false],
    ["a\r\n#b\r\n #c\r\n", "#c", true],
    ["\uFEFFa", "a", true],
    ["! a \n*\n!  b ", "b", false],
    ["new\nline*", "line\nx", true],
  ];

  it.each(cases)("%j on %j says %s", (file, path, expected) => {
    expect(ignored(file, path)).toBe(expected);
  });

  it.each(["!", "[a", "a[", "[]", "[-a]", "x\\", "a/[b-]"])("refuses %j", (pattern) => {
    expect(() => new PatternMatcher(parseIgnoreFile(pattern))).toThrow(/pattern/);
  });

  it("gives entries the same verdict through their directory as alone", () => {
    const matcher = new PatternMatcher(["a/*", "!a/b", "**/x?z", "c/**/d", "!c/e/d"]);
    for (const path of ["a/b/c", "a/c/d", "q/xyz/r", "c/e/d/f", "c/f/d/f", "a"]) {
      const parts = path.split("/");
      let parent: readonly boolean[] | undefined;
      let matched = false;
      for (const [index] of parts.entries()) {
        const result = matcher.match(parts.slice(0, index + 1).join("/"), parent);
        parent = result.patterns;
        matched = result.matched;
      }
      expect([path, matched]).toEqual([path, matcher.matches(path)]);
    }
  });

  it("knows where nothing can match, so that directories need not be read", () => {
    const matcher = new PatternMatcher(["src/app/*.ts", "docs", "!node_modules/kept"]);
    expect(matcher.couldMatchInside("src")).toBe(true);
    expect(matcher.couldMatchInside("src/app/deep")).toBe(true);
    expect(matcher.couldMatchInside("src/lib")).toBe(false);
    expect(matcher.couldMatchInside("node_modules")).toBe(false);
    expect(matcher.couldExceptInside("node_modules")).toBe(true);
    expect(matcher.couldExceptInside("node_modules/x")).toBe(false);
    expect(new PatternMatcher(["*/a"]).couldMatchInside("any")).toBe(true);
  });

  it.each(["a*b", "[x]", " x", "!x", "a\\b", "ü?"])("can name the file %j itself", (name) => {
    expect(new PatternMatcher([literalPattern(name)]).matches(name)).toBe(true);
    expect(new PatternMatcher([literalPattern(name)]).matches("axb")).toBe(false);
  });
});
