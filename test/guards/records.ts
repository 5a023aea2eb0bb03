import type { Guard } from "./guard.ts";

const test = "test/unit/engine/records/record-file.test.ts";
const archive = "src/engine/records/archive.ts";

const bundles = "test/unit/engine/bundles/write-bundle.test.ts";
const writer = "src/engine/bundles/write-bundle.ts";

/** What files with records may do, which come from other machines, and what is in those that are written here. */
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
    changes: [
      { file: "src/cli/open/opened-build.ts", text: "...notes.map(visibleLine),", without: "...notes," },
    ],
  },
  {
    cases: ["S20"],
    guard: "parts of a bundle have plain names",
    test: bundles,
    title: "is not written with a part",
    changes: [{ file: writer, text: "if (!PLAIN_NAME.test(name))", without: 'if (name === "?")' }],
  },
  {
    cases: ["S23"],
    guard: "a bundle takes the place of a file only when it may",
    test: bundles,
    title: "takes the place of a file",
    changes: [
      { file: writer, text: "!force) throw new AlreadyThere", without: "force) throw new AlreadyThere" },
    ],
  },
  {
    cases: ["S26"],
    guard: "the Dockerfile in a bundle's record is hidden where it has the value of a secret",
    test: bundles,
    title: "has no value of a secret",
    changes: [
      {
        file: "src/engine/bundles/record-parts.ts",
        text: 'Buffer.from(masked(text)).toString("base64")',
        without: 'Buffer.from(text).toString("base64")',
      },
    ],
  },
  {
    cases: ["S26"],
    guard: "the texts in a bundle are hidden where they have the value of a secret",
    test: bundles,
    title: "has no value of a secret",
    changes: [{ file: writer, text: "Buffer.from(order.masked(text))", without: "Buffer.from(text)" }],
  },
  {
    cases: ["S26"],
    guard: "also a value that no step has asked for here is hidden in a bundle",
    test: "test/unit/engine/bundles/hide-secrets.test.ts",
    title: "a value that no step",
    changes: [
      {
        file: "src/engine/bundles/hide-secrets.ts",
        text: "if (mask.sought.isEmpty || !has(hidden)) return",
        without: "if (mask.sought.isEmpty || hidden) return",
      },
    ],
  },
];
