import { describe, expect, test } from "vitest";
import type { FileChange } from "../../../../src/debugger/debugger.ts";
import { type ChangeTree, changeTree } from "../../../../src/debugger/files/change-tree.ts";
import { totalWords } from "../../../../src/debugger/files/change-words.ts";
import type { FileText } from "../../../../src/debugger/files/file-text.ts";
import { type FilesModel, filesPane, openingRow } from "../../../../src/tui/panes/files/files-pane.ts";
import {
  changeRows,
  everythingRows,
  type FilesRow,
  rowOfPath,
} from "../../../../src/tui/panes/files/files-tree.ts";
import { added, changed, entry, removed } from "../../../support/changes.ts";
import { ascii, mono, seen } from "./picture.ts";

function treeOf(...changes: readonly FileChange[]): ChangeTree {
  const work = changeTree(changes);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

function shown(rows: readonly FilesRow[]): readonly string[] {
  return rows.map(({ sign, lead, depth, label, facts }) =>
    [sign, lead, " ".repeat(depth) + label, facts.replaceAll(/ +/g, " ")].join("|"),
  );
}

const FOLDED = { toggled: new Set<string>(), order: "path" } as const;

/** What the pictures of the pane show. */
const PICTURE = [
  added("/dist/"),
  ...Array.from({ length: 210 }, (_, index) => added(`/dist/chunk-${index}.js`, 8700)),
  changed("/node_modules/.vite/deps/_metadata.json", { size: 412 }, { size: 988 }),
  changed("/src/generated/routes.ts", { size: 2100 }, { size: 2400 }),
  removed("/.env.local", 61),
  added("/root/.npm/"),
  added("/root/.npm/_logs/"),
  added("/root/.npm/_logs/2026-11-21T00_57_01.log", 14_000),
];

describe("the changes of a step", () => {
  test("what came with its directory is one row, what changed has its whole name", () => {
    expect(shown(changeRows(treeOf(...PICTURE).root, FOLDED))).toEqual([
      "-||.env.local|61 B",
      "+||dist/|210 files 1.8 MB",
      "~||node_modules/.vite/deps/_metadata.json|412 B → 988 B",
      // A directory with one thing in it says no more than that thing.
      "+||root/.npm/_logs/2026-11-21T00_57_01.log|14 kB",
      "~||src/generated/routes.ts|2.1 kB → 2.4 kB",
    ]);
    expect(totalWords(treeOf(...PICTURE).root.totals)).toBe("+211  ~2  -1");
  });

  test("directories unfold and fold, and the largest can stand first", () => {
    const { root } = treeOf(
      added("/d/"),
      added("/d/sub/"),
      added("/d/sub/x", 5),
      added("/d/y", 9),
      added("/z", 7),
    );
    const rows = (order: "path" | "size", ...toggled: readonly string[]): readonly string[] =>
      shown(changeRows(root, { toggled: new Set(toggled), order }));
    expect(rows("path")).toEqual(["+||d/|2 files 14 B", "+||z|7 B"]);
    expect(rows("path", "/d")).toEqual(["+||d/|2 files 14 B", "+|| sub/x|5 B", "+|| y|9 B", "+||z|7 B"]);
    expect(rows("size", "/d")).toEqual(["+||d/|2 files 14 B", "+|| y|9 B", "+|| sub/x|5 B", "+||z|7 B"]);
  });

  test("a directory of before that changed much begins folded, and one that changed itself has a row", () => {
    const many = Array.from({ length: 101 }, (_, index) =>
      removed(`/usr/f${String(index).padStart(3, "0")}`, 10),
    );
    const { root } = treeOf(
      ...many,
      changed("/home/", { mode: 0o755 }, { mode: 0o700 }, ["mode"]),
      added("/home/a", 1),
    );
    expect(shown(changeRows(root, FOLDED))).toEqual([
      "~||home/|mode 755 → 700",
      "+||home/a|1 B",
      "~||usr/|101 changes 0 B",
    ]);
    expect(changeRows(root, { toggled: new Set(["/usr"]), order: "path" })).toHaveLength(103);
  });

  test("sizes that round to the same tell how much it is", () => {
    const { root } = treeOf(
      changed("/a", { size: 1315 }, { size: 1349 }),
      changed("/b", { size: 5 }, { size: 5 }),
    );
    expect(shown(changeRows(root, FOLDED))).toEqual(["~||a|1.3 kB, +34 B", "~||b|5 B"]);
  });

  test("the cursor finds a path, or the directory that it is folded into", () => {
    const rows = changeRows(treeOf(...PICTURE).root, FOLDED);
    expect(rowOfPath(rows, "/src/generated/routes.ts")).toBe(4);
    expect(rowOfPath(rows, "/dist/chunk-7.js")).toBe(1);
    expect(rowOfPath(rows, "/elsewhere")).toBeUndefined();
  });
});

test("everything in a state: directories first, read as they are opened, with what the step did", () => {
  const tree = treeOf(changed("/etc/passwd", { size: 5 }, { size: 900 }));
  const directories: Readonly<Record<string, readonly string[]>> = {
    "/": ["a", "etc/", "sh@busybox", "tmp/"],
  };
  const rows = everythingRows(
    {
      directory: (path) => {
        const names = directories[path];
        if (path === "/tmp") return { kind: "refused", message: "no such directory" };
        return names === undefined
          ? { kind: "reading" }
          : { kind: "known", value: names.map((name) => entry(name)) };
      },
      changeOf: (path) => tree.at(path),
    },
    { open: new Set(["/", "/etc", "/tmp"]), order: "path" },
  );
  expect(shown(rows)).toEqual([
    "~|rwxr-xr-x|etc/|",
    "|| reading …|",
    "|rwxr-xr-x|tmp/|",
    "|| no such directory|",
    "|rw-r--r--|a|0 B",
    "|rw-r--r--|sh@ -> busybox|",
  ]);
});

const DIFF: FileText = {
  facts: [],
  rows: [
    { kind: "gap", before: undefined, after: undefined, text: "9 lines are the same" },
    ...[10, 11, 12].map(
      (line) => ({ kind: "same", before: line, after: line, text: `{ path: "/p${line}" },` }) as const,
    ),
    { kind: "removed", before: 13, after: undefined, text: '{ path: "/adm", el: Admin },' },
    { kind: "added", before: undefined, after: 13, text: '{ path: "/admin", el: Admin },' },
    { kind: "added", before: undefined, after: 14, text: '{ path: "/admin/users", el: Users },' },
  ],
};

function model(rows: readonly FilesRow[], changes: Partial<FilesModel> = {}): FilesModel {
  return {
    titles: ["FILES changed by step 6/9 (BASE → FAILED)", "FILES changed by step 6/9", "step 6/9"],
    totals: "+214  ~3  -1",
    bytes: "1.9 MB",
    rows,
    selected: 4,
    top: 0,
    focused: true,
    search: "",
    text: {
      title: "diff src/generated/routes.ts",
      states: "BASE → FAILED",
      text: DIFF,
      top: openingRow(DIFF, 4),
      left: 0,
    },
    ...changes,
  };
}

describe("the pane", () => {
  const rows = changeRows(treeOf(...PICTURE).root, FOLDED);

  test("looks as in the picture, and opens a text at its first difference", () => {
    expect(seen(filesPane(model(rows), { columns: 80, rows: 11 }, mono))).toEqual([
      "FILES changed by step 6/9 (BASE → FAILED)         +214  ~3  -1     1.9 MB",
      "  - .env.local                                       61 B",
      "  + dist/                                            210 files   1.8 MB",
      "  ~ node_modules/.vite/deps/_metadata.json           412 B → 988 B",
      "  + root/.npm/_logs/2026-11-21T00_57_01.log          14 kB",
      "> ~ src/generated/routes.ts                          2.1 kB → 2.4 kB",
      "── diff src/generated/routes.ts ─────────────────────── BASE → FAILED · 4-7/7 ──",
      '  12 12  { path: "/p12" },',
      '- 13     { path: "/adm", el: Admin },',
      '+    13  { path: "/admin", el: Admin },',
      '+    14  { path: "/admin/users", el: Users },',
    ]);
  });

  test("in a narrow one the end of a path stays, and the header says less", () => {
    const narrow = seen(filesPane(model(rows, { text: undefined }), { columns: 40, rows: 6 }, ascii));
    expect(narrow[0]).toMatch(/^(FILES )?step 6\/9 +\+214 {2}~3 {2}-1 +1\.9 MB$/);
    expect(narrow[3]).toMatch(/^ {2}~ ~[\w/.]*_metadata\.json +412 B > 988 B$/);
  });

  test("names cannot hide what they are made of", () => {
    const { root } = treeOf(
      added("/ru\u001b[31mn\n\u202e日本"),
      changed("/l@a", {}, { target: "b\u001b[2Jc" }, ["target"]),
    );
    const text = filesPane(
      model(changeRows(root, FOLDED), { text: undefined }),
      { columns: 80, rows: 4 },
      mono,
    );
    expect(seen(text).slice(1)).toEqual([
      "  ~ l                                                link a → b␛[2Jc",
      "  + ru␛[31mn␊<U+202E>日本                            0 B",
      "",
    ]);
  });
});
