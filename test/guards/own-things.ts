import type { Guard } from "./guard.ts";

const home = "test/unit/engine/private/home.test.ts";
const homeSource = "src/engine/private/home.ts";

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
    cases: ["S36"],
    guard: "directories are made for this user only, and looked at",
    test: home,
    changes: [
      {
        file: homeSource,
        text: "{ recursive: true, mode: 0o700 })) !== undefined",
        without: "{ recursive: true })) !== undefined",
      },
      { file: homeSource, text: " && (stats.mode & 0o077) === 0", without: "" },
    ],
  },
  {
    cases: ["S37"],
    guard: "a directory that others can enter is refused",
    test: home,
    changes: [{ file: homeSource, text: " && (stats.mode & 0o077) === 0", without: "" }],
  },
  {
    cases: ["S37"],
    guard: "a link in the directory's place is refused",
    test: home,
    changes: [
      { file: homeSource, text: "import { lstat, mkdir,", without: "import { lstat, mkdir, stat," },
      {
        file: homeSource,
        text: "!== undefined;\n    const stats = await lstat(path);",
        without: "!== undefined;\n    const stats = await stat(path);",
      },
    ],
  },
  {
    cases: ["R29"],
    guard: "what waits for a reader hears that it is gone",
    test: "test/unit/cli/output.test.ts",
    changes: [
      {
        file: "src/cli/output.ts",
        text: 'closing.signal.addEventListener("abort", () => resolve(), { once: true });',
        without: "",
      },
    ],
  },
];
