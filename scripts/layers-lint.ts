/** The table of layers as lint: writes biome.layers.json, which biome.json extends (`npm run layers`). */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isWithin, LAYERS, type Layer, mayImport, packagesOf, topOf } from "./layers.ts";

const PACKAGES = [...new Set(LAYERS.flatMap(({ packages }) => packages))].sort();
/** Folders below a row that has files in them: tui/panes/log is one below tui/panes. */
export const DEEPEST = 1;

/** The whole file as text. */
export function layersLint(): string {
  return `${JSON.stringify({ $schema: "./node_modules/@biomejs/biome/configuration_schema.json", overrides: outerFirst().map(override) }, undefined, 2)}\n`;
}

/** Of several that fit a file, biome takes the last one. */
function outerFirst(): readonly Layer[] {
  const depth = ({ path }: Layer): number => path.split("/").length;
  return [...LAYERS].sort((one, two) => depth(one) - depth(two));
}

function override(row: Layer): object {
  const isFile = /\.tsx?$/.test(row.path);
  const options = {
    paths: Object.fromEntries(
      PACKAGES.filter((name) => !packagesOf(row).includes(name)).map((name) => [
        name,
        `src/${row.path} does not use ${name} (scripts/layers.ts).`,
      ]),
    ),
    patterns: [
      { group: forbidden(row), message: `src/${row.path} may import ${allowed(row)} (scripts/layers.ts).` },
    ],
  };
  return {
    includes: [isFile ? `src/${row.path}` : `src/${row.path}/**`],
    linter: { rules: { style: { noRestrictedImports: { level: "error", options } } } },
  };
}

function allowed(row: Layer): string {
  const outer = LAYERS.find(({ path }) => path === topOf(row.path)) ?? row;
  const names = [...new Set([...outer.may, ...row.may])];
  return names.length === 0 ? "nothing of ours" : names.join(", ");
}

/** What must not be written behind `from` in files of the row; what is let through again comes last, with a "!". */
function forbidden(row: Layer): readonly string[] {
  const others = LAYERS.filter((other) => other !== row && !isWithin(row.path, other.path));
  const not = others.filter((other) => !mayImport(row, other));
  const but = others.filter(
    (other) => mayImport(row, other) && not.some(({ path }) => isWithin(other.path, path)),
  );
  return [
    ...not.flatMap(({ path }) => specifiers(row.path, path)),
    ...but.flatMap(({ path }) => specifiers(row.path, path).map((specifier) => `!${specifier}`)),
  ];
}

/** As it is written in a file of the row, at each depth. */
function specifiers(from: string, to: string): readonly string[] {
  const isFile = (path: string): boolean => /\.tsx?$/.test(path);
  const folders = from.split("/").slice(0, isFile(from) ? -1 : undefined);
  const target = to.split("/");
  let shared = 0;
  while (shared < folders.length && folders[shared] === target[shared]) shared += 1;
  const rest = target.slice(shared).join("/");
  const depths = isFile(from) ? [0] : Array.from({ length: DEEPEST + 1 }, (_, depth) => depth);
  return depths.flatMap((depth) => {
    const up = "../".repeat(folders.length - shared + depth);
    const path = `${up === "" ? "./" : up}${rest}`;
    return isFile(to) ? [path] : [`${path}/**`];
  });
}

const file = fileURLToPath(new URL("../biome.layers.json", import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, layersLint());
