import { expect, test } from "vitest";
import { permissions } from "../../../../src/debugger/files/change-words.ts";
import {
  changedText,
  type FileText,
  fileText,
  type ReadPart,
} from "../../../../src/debugger/files/file-text.ts";
import { added, changed, entry, removed } from "../../../support/changes.ts";

const { signal } = new AbortController();

function readerOf(content: string | Uint8Array): ReadPart {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return ({ offset, length }) =>
    Promise.resolve({ bytes: bytes.subarray(offset, offset + length), size: bytes.length });
}

const refused: ReadPart = () => Promise.reject(new Error("nobody should read this side"));

function shown({ facts, rows }: FileText): readonly string[] {
  const signs = { same: " ", removed: "-", added: "+", gap: ":", note: "\\" };
  return [
    ...facts,
    ...rows.map(({ kind, before = "", after = "", text }) => `${signs[kind]}${before}|${after}|${text}`),
  ];
}

async function diff(before: string | Uint8Array, after: string | Uint8Array): Promise<readonly string[]> {
  const change = changed("/a", { size: before.length }, { size: after.length });
  const sides = { before: readerOf(before), after: readerOf(after) };
  return shown(await changedText(change, sides, { signal }));
}

test("a difference stands among three lines that are the same, with the numbers of both files", async () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`);
  const after = lines.with(9, "tenth\n").toSpliced(18, 0, "more\n").join("");
  expect(await diff(lines.join(""), after)).toEqual([
    ":||6 lines are the same",
    " 7|7|line 7",
    " 8|8|line 8",
    " 9|9|line 9",
    "-10||line 10",
    "+|10|tenth",
    " 11|11|line 11",
    " 12|12|line 12",
    " 13|13|line 13",
    ":||2 lines are the same",
    " 16|16|line 16",
    " 17|17|line 17",
    " 18|18|line 18",
    "+|19|more",
    " 19|20|line 19",
    " 20|21|line 20",
  ]);
});

test("line ends are part of a line, and bytes that are no UTF-8 differ", async () => {
  expect(await diff("one\ntwo", "one\ntwo\n")).toEqual([
    " 1|1|one",
    "-2||two",
    "\\||no line end at the end of the file",
    "+|2|two",
  ]);
  expect(await diff("one\r\n", "one\n")).toEqual(["-1||one␍", "+|1|one"]);
  const bytes = (byte: number): Uint8Array => Uint8Array.from([0x61, byte, 0x0a]);
  expect(await diff(bytes(0xfe), bytes(0xff))).toEqual(["-1||a\ufffd", "+|1|a\ufffd"]);
  expect(await diff("grün\n", "grün, ja\n")).toEqual(["-1||grün", "+|1|grün, ja"]);
});

test("binary and large files are named, with the first byte that differs", async () => {
  expect(await diff("a\0bc", "a\0bd!")).toEqual([
    "binary files: 4 B → 5 B, mode rw-r--r--",
    "the first difference is at byte 3",
  ]);
  const large = Buffer.alloc(3 * 1024 * 1024, "x\n");
  const other = Buffer.from(large);
  other[2_500_000] = 0x79;
  expect(await diff(large, other)).toEqual([
    "too large to compare line by line: 3.1 MB → 3.1 MB, mode rw-r--r--",
    "the first difference is at byte 2500000",
  ]);
  expect(await diff(large, large.subarray(0, 2_000_000))).toContain(
    "the first difference is at byte 2000000",
  );
});

test("files that have too little in common are not compared line by line", async () => {
  const numbers = (step: number): string =>
    Array.from({ length: 20_000 }, (_, index) => `${(index * step) % 9973}\n`).join("");
  expect(await diff(numbers(7), numbers(11))).toEqual([
    "too different to compare line by line: 20000 lines before, 20000 after",
  ]);
});

test("what is only on one side is read there only", async () => {
  const after = await changedText(
    added("/new", 8),
    { before: refused, after: readerOf("a\nb\n") },
    { signal },
  );
  expect(shown(after)).toEqual(["+|1|a", "+|2|b"]);
  const before = await changedText(
    removed("/old", 2),
    { before: readerOf("a\n"), after: refused },
    { signal },
  );
  expect(shown(before)).toEqual(["-1||a"]);
});

test("what is no content is said in words, and nothing is read for it", async () => {
  const sides = { before: refused, after: refused };
  const words = async (...change: Parameters<typeof changed>): Promise<readonly string[]> =>
    shown(await changedText(changed(...change), sides, { signal }));
  expect(await words("/sh@a", {}, { target: "b" }, ["target"])).toEqual(["link a → b"]);
  expect(await words("/tool", { mode: 0o644 }, { mode: 0o755 }, ["mode"])).toEqual([
    "mode 644 → 755",
    "the content is the same",
  ]);
  const owners = [
    { uid: 0, gid: 0 },
    { uid: 1000, gid: 1000 },
  ] as const;
  expect(await words("/home/", ...owners, ["owner"])).toEqual(["owner 0:0 → 1000:1000"]);
  expect(await words("/x", { kind: "directory" }, { kind: "file" }, ["kind"])).toEqual(["directory → file"]);
  expect(shown(await changedText(added("/run/"), sides, { signal }))).toEqual([
    "a directory: it has no lines",
  ]);
});

test("a file by itself is shown with its line numbers, a long one not to its end", async () => {
  const read = async (content: string): Promise<readonly string[]> =>
    shown(await fileText(entry("a"), readerOf(content), "same", { signal }));
  expect(await read("a\nb")).toEqual([" |1|a", " |2|b", "\\||no line end at the end of the file"]);
  expect(await read("")).toEqual(["an empty file"]);
  expect(await read("\0")).toEqual(["a binary file: 1 B, mode rw-r--r--"]);
  const long = await read("y\n".repeat(30_000));
  expect([long[0], long.length]).toEqual(["the first 20000 lines of 60 kB", 20_001]);
  const refusedLink = await fileText(entry("sh@busybox"), refused, "same", { signal });
  expect(refusedLink.facts).toEqual(["a link to busybox"]);
});

test.each([
  [0o755, "rwxr-xr-x"],
  [0o4755, "rwsr-xr-x"],
  [0o2640, "rw-r-S---"],
  [0o1777, "rwxrwxrwt"],
])("permissions %o are shown as ls does", (mode, words) => {
  expect(permissions(mode)).toBe(words);
});
