import type { Guard } from "./guard.ts";

const test = "test/unit/engine/records/record-file.test.ts";
const archive = "src/engine/records/archive.ts";

/** What files with records may do, which come from other machines. */
export const records: readonly Guard[] = [
  {
    cases: ["S20"],
    guard: "a name in a file with records has no part that goes up",
    test,
    title: "is refused with the name",
    changes: [{ file: archive, text: 'part === "" || part === ".." ||', without: 'part === "?" ||' }],
  },
  {
    cases: ["S20"],
    guard: "a file with records holds files and directories alone",
    test,
    title: "a link or a device",
    changes: [
      { file: archive, text: '} else if (kind === "5") await', without: '} else if (kind !== "0") await' },
    ],
  },
  {
    cases: ["S45"],
    guard: "each header of a file with records has its sum",
    test,
    title: "with the place where it is broken",
    changes: [
      { file: archive, text: "if (!isTarHeader(header)) throw", without: "if (header.length === 0) throw" },
    ],
  },
  {
    cases: ["S45"],
    guard: "the reports of a record are read to their end",
    test,
    title: "or break off",
    changes: [
      {
        file: "src/engine/records/record-blobs.ts",
        text: "if (rest.length > 0) throw",
        without: "if (rest.length < 0) throw",
      },
    ],
  },
  {
    cases: ["S46"],
    guard: "so much of a file with records is unpacked, and no more",
    test,
    title: "a bounded number of bytes",
    changes: [{ file: archive, text: "if (this.#read > this.#mostBytes)", without: "if (this.#read < 0)" }],
  },
  {
    cases: ["S04"],
    guard: "what a record says is made harmless before it is told",
    test: "test/e2e/open.test.ts",
    title: "what a record says",
    changes: [{ file: "src/cli/open/run-open.ts", text: "...notes.map(visibleLine),", without: "...notes," }],
  },
];
