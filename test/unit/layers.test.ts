import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { LAYERS, mayImport, rowOf, topOf } from "../../scripts/layers.ts";
import { DEEPEST, layersLint } from "../../scripts/layers-lint.ts";
import { circles, importsIn, readImports, violations } from "../support/imports.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const imports = readImports();
const isFile = (path: string): boolean => /\.tsx?$/.test(path);

describe("who may import whom", () => {
  test("every import of src is allowed by the table, types included", () => {
    expect(violations(imports)).toEqual([]);
  });

  test("no files import each other, over however many others, types included", () => {
    expect(circles(imports)).toEqual([]);
  });

  test("the table allows nothing upwards, and each of its rows has files", () => {
    const upwards = LAYERS.flatMap((row, index) =>
      row.may
        .filter((path) => topOf(path) === topOf(row.path) && path !== topOf(row.path))
        .filter((path) => LAYERS.findIndex((other) => other.path === path) >= index)
        .map((path) => `${row.path} -> ${path}`),
    );
    expect(upwards.filter((pair) => pair !== "engine/buildkit -> engine/engine.ts")).toEqual([]);
    const used = new Set([...imports.keys()].map((file) => rowOf(file)?.path));
    // The rows of folders that have inner rows only stand for what these share.
    const empty = LAYERS.filter(
      ({ path }) => !used.has(path) && !LAYERS.some((row) => row.path.startsWith(`${path}/`)),
    );
    expect(empty.map(({ path }) => path)).toEqual([]);
  });

  test("lint is made from the table: npm run layers writes it anew", async () => {
    expect(await readFile(join(root, "biome.layers.json"), "utf8")).toBe(layersLint());
  });

  test("lint knows how the imports of the deepest folders are written", () => {
    const depths = [...imports.keys()].map((file) => {
      const path = rowOf(file)?.path ?? "";
      return isFile(path) ? 0 : file.slice(path.length + 1).split("/").length - 1;
    });
    expect(Math.max(...depths)).toBe(DEEPEST);
  });

  test("a planted import that is not allowed is reported in every row, by this test and by lint", async () => {
    const planted = LAYERS.flatMap((row) => {
      const target = LAYERS.findLast(
        (other) => other !== row && !mayImport(row, other) && reaches(row.path, other.path),
      );
      return target === undefined ? [] : [plant(row.path, target.path)];
    });
    // main.ts may import everything.
    expect(planted.length).toBe(LAYERS.length - 1);
    const texts = new Map(planted.map(({ file, text }) => [file, importsIn(file, text)]));
    expect(violations(texts).map((line) => line.split(" ")[0])).toEqual(planted.map(({ file }) => file));
    expect(await linted(planted)).toEqual(planted.map(({ file }) => `src/${file}`).sort());
  });

  test("a type that is imported upwards is reported", () => {
    const text = 'import type { View } from "../../tui/screen/view.ts";\n';
    const file = "debugger/state/planted.ts";
    expect(violations(new Map([[file, importsIn(file, text)]]))).toEqual([`${file} -> tui/screen/view.ts`]);
  });
});

/** A folder's own inner rows are the business of these. */
function reaches(from: string, to: string): boolean {
  return !to.startsWith(`${from}/`) && !from.startsWith(`${to}/`);
}

interface Planted {
  /** Relative to src. */
  readonly file: string;
  readonly text: string;
}

function plant(from: string, to: string): Planted {
  const file = isFile(from) ? from : `${from}/planted.ts`;
  const target = isFile(to) ? to : `${to}/planted.ts`;
  const specifier = posix.relative(dirname(file), target);
  return {
    file,
    text: `export * as x from "${specifier.startsWith(".") ? specifier : `./${specifier}`}";\n`,
  };
}

/** The planted files that the project's own lint finds fault with, sorted. */
async function linted(planted: readonly Planted[]): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-layers-"));
  try {
    for (const { file, text } of planted) {
      await mkdir(join(directory, "src", dirname(file)), { recursive: true });
      await writeFile(join(directory, "src", file), text);
    }
    for (const name of ["biome.json", "biome.layers.json"])
      await writeFile(
        join(directory, name),
        (await readFile(join(root, name), "utf8")).replace('"enabled": true', '"enabled": false'),
      );
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    const biome = join(root, "node_modules/.bin/biome");
    const options = [
      "lint",
      "--only=style/noRestrictedImports",
      "--reporter=json",
      "--max-diagnostics=none",
      "src",
    ];
    const run = promisify(execFile)(biome, options, { cwd: directory });
    const stdout = await run.then(
      (ran) => ran.stdout,
      (failed: { readonly stdout: string }) => failed.stdout,
    );
    return [
      ...new Set(
        [...stdout.matchAll(/"(src\/[\w./-]+planted\.ts|src\/[\w./-]+\.tsx?)"/g)].map(
          ([, path = ""]) => path,
        ),
      ),
    ].sort();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
