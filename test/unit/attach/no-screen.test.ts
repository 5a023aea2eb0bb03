import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { importsIn } from "../../support/imports.ts";

const SRC = fileURLToPath(new URL("../../../src/", import.meta.url));
/** Imports that are gone when the program runs, and those that are made later. */
const NOT_LOADED = /^import type [^;]+;|\bimport\("[^"]+"\)/gm;

/** What is loaded with a file of src. */
function loadedWith(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(file) || !/\.tsx?$/.test(file)) return found;
  found.add(file);
  const text = readFileSync(`${SRC}${file}`, "utf8").replaceAll(NOT_LOADED, "");
  for (const target of importsIn(file, text)) loadedWith(target, found);
  return found;
}

test("a program that draws nothing serves shells without a screen", () => {
  for (const file of ["attach/serve-build.ts", "attach/attached-shells.ts", "attach/client.ts"]) {
    const loaded = [...loadedWith(file)];
    expect(loaded.length).toBeGreaterThan(5);
    expect(
      loaded.filter((path) => /^tui\/(?!cells\/|commands\/|drawing\/|input\/|terminal\/)/.test(path)),
    ).toEqual([]);
  }
  expect([...loadedWith("attach/visit.ts")]).toContain("tui/tui.ts");
});
