import { describe, expect, test } from "vitest";
import { makeTheme, type Role, type ThemeOptions } from "../../../../src/tui/drawing/theme.ts";

const roles: readonly Role[] = [
  "rule",
  "failed",
  "done",
  "cached",
  "selected",
  "breakpoint",
  "syntax-keyword",
  "syntax-string",
];
const colorCode = /[[;](?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?=[;m])/;
const utf8 = { LANG: "C.UTF-8", TERM: "xterm-256color" };

describe("theme", () => {
  test.each<[string, Omit<ThemeOptions, "env">, Record<string, string>, boolean]>([
    ["colour by default", {}, {}, true],
    ["none under NO_COLOR", {}, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR means nothing", {}, { NO_COLOR: "" }, true],
    ["none under FORCE_COLOR=0", {}, { FORCE_COLOR: "0" }, false],
    ["none on a dumb terminal", {}, { TERM: "dumb" }, false],
    ["the option wins over NO_COLOR", { color: "always" }, { NO_COLOR: "1" }, true],
    ["the option never wins over everything", { color: "never" }, {}, false],
  ])("%s", (_name, options, env, color) => {
    const theme = makeTheme({ ...options, env: { ...utf8, ...env } });
    expect(roles.some((role) => colorCode.test(theme.open(role)))).toBe(color);
  });

  test("without colour, failed, selected and keywords still differ from plain text", () => {
    const { open } = makeTheme({ env: { ...utf8, NO_COLOR: "1" } });
    expect([open("failed"), open("selected"), open("syntax-keyword"), open("done")]).toEqual([
      "\u001b[1m",
      "\u001b[7m",
      "\u001b[1m",
      "",
    ]);
  });

  test("no role paints a background", () => {
    const { open } = makeTheme({ env: utf8 });
    for (const role of roles) expect(open(role)).not.toMatch(/[[;](?:4[0-9]|10[0-7])(?=[;m])/);
  });

  test("an outer role goes on behind an inner one", () => {
    const { paint } = makeTheme({ env: utf8, color: "always" });
    expect(paint("selected", `a${paint("done", "b")}c`)).toBe(
      "\u001b[7ma\u001b[32mb\u001b[0m\u001b[7mc\u001b[0m",
    );
  });

  test.each([
    ["LANG says UTF-8", { LANG: "de_DE.UTF-8" }, false],
    ["LC_ALL wins over LANG", { LC_ALL: "C", LANG: "de_DE.UTF-8" }, true],
    ["an empty LC_ALL does not count", { LC_ALL: "", LANG: "C.utf8" }, false],
    ["no locale at all", {}, true],
    ["the Linux console", { LANG: "C.UTF-8", TERM: "linux" }, true],
  ])("ASCII glyphs: %s", (_name, env, ascii) => {
    const { glyphs } = makeTheme({ env });
    const isAscii = Object.values(glyphs)
      .flat()
      .every((glyph) => /^[\x20-\x7e]+$/.test(glyph));
    expect(isAscii).toBe(ascii);
  });
});
