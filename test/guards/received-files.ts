import type { Guard } from "./guard.ts";

const tree = "test/unit/session/received-tree.test.ts";
const file = "test/unit/session/received-file.test.ts";
const order = "src/session/receive/entry-order.ts";
const receiving = "src/session/receive/receive-tree.ts";
const service = "src/session/receive/file-send.ts";
const moving = "src/session/receive/move-tree.ts";
const names = "src/session/receive/temporary-names.ts";

/** What an engine's outputs may do to the file system. */
export const receivedFiles: readonly Guard[] = [
  {
    cases: ["S20"],
    guard: "a name has no part that goes up",
    test: tree,
    title: "a file beside the destination",
    changes: [
      { file: order, text: ' || name === ".." ||', without: " ||" },
      {
        file: order,
        text: "if (level === undefined) throw refused",
        without: "if (level === null) throw refused",
      },
      { file: order, text: "if (level.last !== undefined", without: "if (level?.last !== undefined" },
      {
        file: order,
        text: "    level.last = name;\n",
        without: "    if (level !== undefined) level.last = name;\n",
      },
    ],
  },
  {
    cases: ["S20"],
    guard: "a file lies in a directory that was announced as one",
    test: tree,
    title: "a file below a link",
    changes: [{ file: order, text: "if (isDirectory) this.#open.push", without: "this.#open.push" }],
  },
  {
    cases: ["S20"],
    guard: "a hard link is to a file that was announced",
    test: tree,
    title: "another name of a file outside",
    changes: [{ file: receiving, text: "if (!this.#files.has(linkname))", without: 'if (linkname === "?")' }],
  },
  {
    cases: ["S20"],
    guard: "each name comes once",
    test: tree,
    title: "the same name twice",
    changes: [{ file: order, text: "level.last >= name", without: "level.last > name" }],
  },
  {
    cases: ["S20"],
    guard: "devices are not made",
    test: tree,
    title: "a block device",
    changes: [
      {
        file: receiving,
        text: "else if (has(mode, goMode.device) || has(mode, goMode.charDevice))",
        without: "else if (has(mode, goMode.charDevice))",
      },
      { file: receiving, text: "|| !isRegularMode(mode))", without: ")" },
    ],
  },
  {
    cases: ["S20"],
    guard: "no more is written than was announced",
    test: tree,
    title: "more than was announced",
    changes: [{ file: receiving, text: "if (data.length > file.left)", without: "if (data.length < 0)" }],
  },
  {
    cases: ["S20"],
    guard: "a file that ends early is not taken for whole",
    test: tree,
    title: "less than was announced",
    changes: [{ file: receiving, text: "if (file.left > 0)", without: "if (file.left < 0)" }],
  },
  {
    cases: ["S20"],
    guard: "only expected outputs are taken",
    test: tree,
    title: "nothing is taken that no output is expected for",
    changes: [
      {
        file: service,
        text: "const receiver = this.#expected[exporterOf(call)];",
        without:
          'const receiver = this.#expected[exporterOf(call)] ?? new DirectoryReceiver("/dev/null/none", { mirror: false });',
      },
    ],
  },
  {
    cases: ["S20"],
    guard: "a stream is taken once",
    test: file,
    title: "is sent once",
    changes: [{ file: service, text: "if (this.#isTaken || this.#isOver)", without: "if (this.#isOver)" }],
  },
  {
    cases: ["S20"],
    guard: "links in the destination are seen as links",
    test: tree,
    title: "a link in the destination",
    changes: [
      { file: moving, text: "  lstatSync,\n", without: "  lstatSync,\n  statSync,\n" },
      {
        file: moving,
        text: "const there = lstatSync(to.at(name)",
        without: "const there = statSync(to.at(name)",
      },
      {
        file: "src/session/receive/open-directory.ts",
        text: "FLAGS | constants.O_NOFOLLOW",
        without: "FLAGS",
      },
    ],
  },
  {
    cases: ["S21"],
    guard: "the user's own link is resolved",
    test: file,
    changes: [
      {
        file: "src/session/receive/received-file.ts",
        text: "new FileSink(await realpath(path), isPrivate",
        without: "new FileSink(path, isPrivate",
      },
    ],
  },
  {
    cases: ["S23"],
    guard: "what is staged is removed",
    test: tree,
    title: "leaves what was there",
    changes: [
      {
        file: service,
        text: "for (const tree of this.#trees.reverse()) tree[Symbol.dispose]();",
        without: "this.#trees.reverse();",
      },
    ],
  },
  {
    cases: ["S23"],
    guard: "directories that were made for it are removed",
    test: tree,
    title: "leaves nothing when the connection is lost",
    changes: [
      {
        file: "src/session/receive/staged-tree.ts",
        text: "if (this.#made !== undefined) removeEmpty",
        without: "if (this.#made === null) removeEmpty",
      },
    ],
  },
  {
    cases: ["S23"],
    guard: "an unfinished file is removed",
    test: file,
    title: "leaves nothing when the build fails",
    changes: [
      {
        file: "src/session/receive/received-file.ts",
        text: "if (!this.#isCommitted) rmSync",
        without: "if (this.#fd !== undefined) rmSync",
      },
    ],
  },
  {
    cases: ["S24"],
    guard: "what a dead process left is removed",
    test: tree,
    changes: [
      {
        file: "src/session/receive/staged-tree.ts",
        text: "    removeLeft(this.destination);\n",
        without: "",
      },
    ],
  },
  {
    cases: ["S24"],
    guard: "what belongs to a living one stays",
    test: tree,
    changes: [{ file: names, text: " || isAlive(Number(pid))", without: "" }],
  },
];
