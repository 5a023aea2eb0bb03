import type { Guard } from "./guard.ts";

const fileSync = "test/unit/session/file-sync.test.ts";
const walk = "test/unit/session/walk.test.ts";

/** What the engine gets of the file system. */
export const sentFiles: readonly Guard[] = [
  {
    cases: ["S14"],
    guard: "a directory with another name is refused",
    test: fileSync,
    changes: [
      {
        file: "src/session/files/file-sync.ts",
        text: "const directory = directories.get(name);",
        without: "const directory = directories.get(name) ?? name;",
      },
    ],
  },
  {
    cases: ["S15"],
    guard: "a file is sent once",
    test: fileSync,
    title: "by the numbers",
    changes: [
      { file: "src/session/files/send-tree.ts", text: "    this.#offered.delete(id);\n", without: "" },
    ],
  },
  {
    cases: ["S15"],
    guard: "only regular files are offered",
    test: fileSync,
    title: "directory's content",
    changes: [
      {
        file: "src/session/files/send-tree.ts",
        text: "if (isRegularMode(entry.mode)) this.#offered.set",
        without: "this.#offered.set",
      },
    ],
  },
  {
    cases: ["S16"],
    guard: "a link is a link, and a directory that is not the one seen is not listed",
    test: fileSync,
    changes: [
      {
        file: "src/session/files/walk.ts",
        text: "import { type BigIntStats, constants, lstatSync,",
        without: "import { type BigIntStats, constants, lstatSync, statSync,",
      },
      {
        file: "src/session/files/walk.ts",
        text: "return lstatSync(this.#full(path), {",
        without: "return statSync(this.#full(path), {",
      },
      {
        file: "src/session/files/walk.ts",
        text: "if (stats !== undefined && (now?.ino !== stats.ino || now.dev !== stats.dev)) return [];",
        without: "if (now === undefined) return [];",
      },
    ],
  },
  {
    cases: ["S17"],
    guard: "the build's own ignore patterns hold, too",
    test: fileSync,
    changes: [
      {
        file: "src/session/files/file-sync.ts",
        text: "excludes: [await contextIgnore(files)]",
        without: "excludes: []",
      },
    ],
  },
  {
    cases: ["S17"],
    guard: "the Dockerfile is sent although it is ignored",
    test: fileSync,
    changes: [
      {
        file: "src/session/files/file-sync.ts",
        text: "return ignore.except(always);",
        without: "return ignore;",
      },
    ],
  },
  {
    cases: ["S18"],
    guard: "no link is opened, and the file is the one that was announced",
    test: fileSync,
    title: "is replaced by a link",
    changes: [
      {
        file: "src/session/files/open-file.ts",
        text: "constants.O_RDONLY | constants.O_NOFOLLOW |",
        without: "constants.O_RDONLY |",
      },
      {
        file: "src/session/files/open-file.ts",
        text: "stats.isFile() && stats.dev === entry.device && stats.ino === entry.inode",
        without: "stats.isFile()",
      },
      { file: "src/session/files/open-file.ts", text: "if (same && isAt(fd, path))", without: "if (same)" },
    ],
  },
  {
    cases: ["S18"],
    guard: "the file is the one that was announced",
    test: fileSync,
    title: "is replaced by another file",
    changes: [{ file: "src/session/files/open-file.ts", text: " && stats.ino === entry.inode", without: "" }],
  },
  {
    cases: ["S18"],
    guard: "the file lies where its path says",
    test: fileSync,
    title: "whose directory becomes a link",
    changes: [
      { file: "src/session/files/open-file.ts", text: "if (same && isAt(fd, path))", without: "if (same)" },
    ],
  },
  {
    cases: ["S19"],
    guard: "only the Dockerfile and its ignore files are offered",
    test: fileSync,
    changes: [
      {
        file: "src/session/files/file-sync.ts",
        text: "includes: [new PatternMatcher(allowed)]",
        without: "includes: []",
      },
    ],
  },
  {
    cases: ["R16"],
    guard: "a file that ends before its announced size fails the transfer",
    test: fileSync,
    title: "becomes shorter",
    changes: [
      {
        file: "src/session/files/send-tree.ts",
        text: 'if (count === 0) this.#problem(entry.path, "shrank");',
        without: "if (count === 0) break;",
      },
    ],
  },
  {
    cases: ["R17"],
    guard: "what cannot be opened is noted before the build",
    test: fileSync,
    title: "before the build",
    changes: [
      { file: "src/session/files/preflight.ts", text: "      note(entry.path, error);\n", without: "" },
    ],
  },
  {
    cases: ["R17"],
    guard: "what cannot be opened fails the transfer",
    test: fileSync,
    title: "instead of arriving empty",
    changes: [
      {
        file: "src/session/files/send-tree.ts",
        text: "const file = this.#open(entry);",
        without:
          "let file: OpenedFile; try { file = this.#open(entry); } catch { this.#call.write(frameData(buffer, id, 0)); return; }",
      },
    ],
  },
  {
    cases: ["R18"],
    guard: "a hard link is announced as one",
    test: walk,
    changes: [
      {
        file: "src/session/files/walk.ts",
        text: "const first = this.#firstName(path, stats);",
        without: "const first = undefined;",
      },
    ],
  },
  {
    cases: ["R18"],
    guard: "a pipe is announced as one",
    test: walk,
    changes: [{ file: "src/session/files/go-mode.ts", text: "return goMode.fifo;", without: "return 0;" }],
  },
  {
    cases: ["R20"],
    guard: "paths are cut",
    test: "test/faults/long-paths.test.ts",
    title: "paths beyond",
    changes: [
      {
        file: "src/base/limits.ts",
        text: "if (text.length <= LONGEST_WORD) return text;",
        without: 'if (text !== "") return text;',
      },
    ],
  },
  {
    cases: ["R20"],
    guard: "a name that is too long is not there",
    test: "test/faults/long-paths.test.ts",
    title: "a source of COPY",
    changes: [
      { file: "src/session/files/follow-paths.ts", text: '      code === "ENAMETOOLONG" ||\n', without: "" },
    ],
  },
  {
    cases: ["R21"],
    guard: "a NUL alone does not make a Dockerfile binary",
    test: "test/faults/strange-dockerfiles.test.ts",
    title: "verdict of docker's own build",
    changes: [
      {
        file: "src/cli/inputs.ts",
        text: "return first !== null && ",
        without: "return first === null || first !== null || ",
      },
    ],
  },
  {
    cases: ["R21"],
    guard: "a refusal that breaks the connection is told as one",
    test: "test/faults/strange-dockerfiles.test.ts",
    title: "verdict of docker's own build",
    changes: [
      {
        file: "src/engine/buildkit/frontend.ts",
        text: "throw (await unreadAnswer(error, request)) ??",
        without: "await unreadAnswer(undefined, request);\n    throw",
      },
    ],
  },
  {
    cases: ["R19"],
    guard: "a name is bytes",
    test: walk,
    changes: [
      {
        file: "src/session/files/byte-path.ts",
        text: 'byteLength).toString("latin1")',
        without: 'byteLength).toString("utf8")',
      },
    ],
  },
];
