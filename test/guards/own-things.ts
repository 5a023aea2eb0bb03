import type { Guard } from "./guard.ts";

const home = "test/unit/engine/private/home/home.test.ts";
const mask = "test/unit/session/secret-mask.test.ts";
const maskSource = "src/session/secret-mask.ts";
const shownSecrets = "test/e2e/secrets.test.ts";
const privateDirectory = "src/base/private-directory.ts";

/** Secrets, credentials, and what bktui itself writes. */
export const ownThings: readonly Guard[] = [
  {
    cases: ["S25"],
    guard: "a secret that was not named is not looked for in the environment",
    test: "test/unit/session/secrets.test.ts",
    changes: [
      {
        file: "src/session/secrets.ts",
        text: "const secret = byId.get(id);",
        without: 'const secret = byId.get(id) ?? { id, from: { kind: "env" as const, name: id } };',
      },
    ],
  },
  {
    cases: ["S26"],
    guard: "what may begin a value waits for what follows",
    test: mask,
    title: "however the output is cut",
    changes: [{ file: maskSource, text: "if (isCutOff && !isEnd) break;", without: "" }],
  },
  {
    cases: ["S26"],
    guard: "encoded values are looked for",
    test: mask,
    title: "in base64",
    changes: [
      {
        file: "src/session/secret-forms.ts",
        text: 'encodedForms(Buffer.from(text, "latin1")) : [];',
        without: "[] : [];",
      },
    ],
  },
  {
    cases: ["S26"],
    guard: "values are hidden in the log",
    test: shownSecrets,
    title: "without a terminal",
    changes: [
      {
        file: "src/engine/buildkit/masked-logs.ts",
        text: "this.#show(log, stream.push(data));",
        without: "this.#show(log, data);",
      },
    ],
  },
  {
    cases: ["S26"],
    guard: "values are hidden in a shell",
    test: shownSecrets,
    title: "in log, shell, files and copies",
    changes: [
      {
        file: "src/engine/buildkit/process.ts",
        text: "if (this.#output === undefined) this.#show(data);",
        without: "if (data !== undefined) this.#show(data);",
      },
    ],
  },
  {
    cases: ["S26"],
    guard: "what is exported is searched over the borders of its pieces",
    test: "test/unit/session/secret-search.test.ts",
    title: "wherever the stream is cut",
    changes: [
      {
        file: "src/session/secret-search.ts",
        text: "this.#scan(Buffer.concat([held, chunk.subarray(0, keep)]), tables);",
        without: "",
      },
    ],
  },
  {
    cases: ["S26"],
    guard: "names in what is exported are searched",
    test: "test/unit/session/tar-search.test.ts",
    title: "with its path in posix",
    changes: [
      {
        file: "src/session/tar-search.ts",
        text: 'this.#note(this.#sought.in(this.#path), "name");',
        without: "",
      },
    ],
  },
  {
    cases: ["S26"],
    guard: "a state that has the value of a secret is not exported",
    test: "test/engine/cli/export-on-failure.test.ts",
    title: "the value of a secret in a state",
    changes: [
      {
        file: "src/engine/buildkit/export/secret-check.ts",
        text: "if (each.length > 0) throw",
        without: "if (each.length < 0) throw",
      },
    ],
  },
  {
    cases: ["S36"],
    guard: "directories are made for this user only, and looked at",
    test: home,
    changes: [
      {
        file: privateDirectory,
        text: "{ recursive: true, mode: 0o700 })) !== undefined",
        without: "{ recursive: true })) !== undefined",
      },
      {
        file: privateDirectory,
        text: 'return (stats.mode & 0o077) === 0 ? "private" : "open";',
        without: 'return "private";',
      },
    ],
  },
  {
    cases: ["S37"],
    guard: "a directory that others can enter is refused",
    test: home,
    changes: [
      {
        file: privateDirectory,
        text: 'return (stats.mode & 0o077) === 0 ? "private" : "open";',
        without: 'return "private";',
      },
    ],
  },
  {
    cases: ["S37"],
    guard: "a link in the directory's place is refused",
    test: home,
    changes: [
      { file: privateDirectory, text: "import { lstat, mkdir }", without: "import { lstat, mkdir, stat }" },
      {
        file: privateDirectory,
        text: "const stats = await lstat(path);\n    if (!stats.isDirectory())",
        without: "const stats = await stat(path);\n    if (!stats.isDirectory())",
      },
    ],
  },
  {
    cases: ["R29"],
    guard: "what waits for a reader hears that it is gone",
    test: "test/unit/plain/output.test.ts",
    changes: [
      {
        file: "src/plain/output.ts",
        text: 'closing.signal.addEventListener("abort", done, { once: true });',
        without: "",
      },
    ],
  },
];
