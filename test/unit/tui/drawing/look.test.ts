import { describe, expect, test } from "vitest";
import {
  atTick,
  type Look,
  type LookOptions,
  makeLook,
  type Role,
} from "../../../../src/tui/drawing/look.ts";

const roles: readonly Role[] = [
  "rule",
  "failed",
  "done",
  "cached",
  "selected",
  "breakpoint",
  "keyword",
  "string",
];
const colorCode = /[[;](?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?=[;m])/;
/** What comes before the text. */
const opening = (look: Look, role: Role): string => look.paint(role, "x").split("x")[0] ?? "";
const utf8 = { LANG: "C.UTF-8", TERM: "xterm-256color" };

describe("look", () => {
  test.each<[string, Omit<LookOptions, "env">, Record<string, string>, boolean]>([
    ["colour by default", {}, {}, true],
    ["none under NO_COLOR", {}, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR means nothing", {}, { NO_COLOR: "" }, true],
    ["none under FORCE_COLOR=0", {}, { FORCE_COLOR: "0" }, false],
    ["none on a dumb terminal", {}, { TERM: "dumb" }, false],
    ["the option wins over NO_COLOR", { color: "always" }, { NO_COLOR: "1" }, true],
    ["the option never wins over everything", { color: "never" }, {}, false],
  ])("%s", (_name, options, env, color) => {
    const look = makeLook({ ...options, env: { ...utf8, ...env } });
    expect(roles.some((role) => colorCode.test(opening(look, role)))).toBe(color);
    expect(look.color).toBe(color);
  });

  test("without colour, failed, selected and keywords still differ from plain text", () => {
    const look = makeLook({ env: { ...utf8, NO_COLOR: "1" } });
    const told: readonly Role[] = ["failed", "selected", "keyword", "done"];
    expect(told.map((role) => opening(look, role))).toEqual(["\u001b[1m", "\u001b[7m", "\u001b[1m", ""]);
  });

  test("no role paints a background", () => {
    const look = makeLook({ env: utf8 });
    for (const role of roles) expect(opening(look, role)).not.toMatch(/[[;](?:4[0-9]|10[0-7])(?=[;m])/);
  });

  test("an outer role goes on behind an inner one", () => {
    const { paint } = makeLook({ env: utf8, color: "always" });
    expect(paint("selected", `a${paint("done", "b")}c`)).toBe(
      "\u001b[7ma\u001b[32mb\u001b[0m\u001b[7mc\u001b[0m",
    );
  });

  test("the running mark moves with the ticks, and nothing else does", () => {
    const look = makeLook({ env: utf8 });
    const frames = [0, 1, 2, 3, 4].map((tick) => atTick(look, tick).glyphs.running);
    expect(frames).toEqual(["/", "-", "\\", "|", "/"]);
    expect({ ...atTick(look, 2).glyphs, running: look.glyphs.running }).toEqual(look.glyphs);
  });

  test.each([
    ["LANG says UTF-8", { LANG: "de_DE.UTF-8" }, false],
    ["LC_ALL wins over LANG", { LC_ALL: "C", LANG: "de_DE.UTF-8" }, true],
    ["an empty LC_ALL does not count", { LC_ALL: "", LANG: "C.utf8" }, false],
    ["no locale at all", {}, true],
    ["the Linux console", { LANG: "C.UTF-8", TERM: "linux" }, true],
  ])("ASCII glyphs: %s", (_name, env, ascii) => {
    const { glyphs } = makeLook({ env });
    const isAscii = Object.values(glyphs)
      .flat()
      .every((glyph) => /^[\x20-\x7e]+$/.test(glyph));
    expect(isAscii).toBe(ascii);
  });
});
