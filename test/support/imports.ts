/** Who imports whom in src, types included, held against the table of layers. */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { LAYERS, mayImport, packagesOf, rowOf } from "../../scripts/layers.ts";

/** File (relative to src) -> what stands behind its `from`s and in its `import()`s: files relative to src, or packages. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const src = fileURLToPath(new URL("../../src/", import.meta.url));

/** `from "x"`, `import "x"`, `import("x")`, with or without types. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*"([^"\n]+)"/g;

export function importsIn(file: string, text: string): readonly string[] {
  return [...text.matchAll(SPECIFIER)].map(([, specifier = ""]) =>
    specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(file), specifier)) : specifier,
  );
}

/** Of the whole of src. */
export function readImports(): Imports {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.tsx?$/.test(path),
  );
  return new Map(files.sort().map((file) => [file, importsIn(file, readFileSync(`${src}${file}`, "utf8"))]));
}

/** "a.ts -> b.ts" for what the table does not allow, and "a.ts: no row" for files that it does not know. */
export function violations(imports: Imports): readonly string[] {
  const declared = new Set(LAYERS.flatMap(({ packages }) => packages));
  return [...imports].flatMap(([file, targets]) => {
    const row = rowOf(file);
    if (row === undefined) return [`${file}: no row`];
    const isAllowed = (target: string): boolean => {
      if (!/\.tsx?$/.test(target)) return !declared.has(target) || packagesOf(row).includes(target);
      const other = rowOf(target);
      return other !== undefined && mayImport(row, other);
    };
    return targets.filter((target) => !isAllowed(target)).map((target) => `${file} -> ${target}`);
  });
}

/** Files that import each other, over however many others: each circle as a sorted list. (R. Tarjan, 1972) */
export function circles(imports: Imports): readonly (readonly string[])[] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.size - 1);
    stack.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue;
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file) ?? 0, low.get(target) ?? 0));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of imports.keys()) if (!index.has(file)) visit(file);
  return found;
}

/** How many files the longest way from import to import inside a folder passes. @throws when there is a circle. */
export function longestChain(imports: Imports, folder: string): number {
  const known = new Map<string, number>();
  const from = (file: string, way: readonly string[]): number => {
    if (way.includes(file)) throw new Error(`a circle: ${[...way, file].join(" -> ")}`);
    const before = known.get(file);
    if (before !== undefined) return before;
    const inside = (imports.get(file) ?? []).filter(
      (target) => target.startsWith(folder) && imports.has(target),
    );
    const length = 1 + Math.max(0, ...inside.map((target) => from(target, [...way, file])));
    known.set(file, length);
    return length;
  };
  return Math.max(
    ...[...imports.keys()].filter((file) => file.startsWith(folder)).map((file) => from(file, [])),
  );
}
