import type { Guard } from "./guard.ts";

const outside = "test/faults/from-outside.test.ts";

/** What can be reached from outside, and what outlives whom. */
export const reach: readonly Guard[] = [
  {
    cases: ["S44"],
    guard: "no code is made from a string",
    test: "test/e2e/no-eval.test.ts",
    title: "the built program",
    changes: [
      {
        file: "src/main.ts",
        text: "let hasDebugged = false;",
        // Not run, since the tests could not even begin then.
        without:
          'let hasDebugged = process.argv.includes("--made-of-a-string") && new Function("return false")();',
      },
    ],
  },
  {
    cases: ["S50"],
    guard: "both sides look whose the folder of sockets is",
    test: "test/unit/base/socket-folder.test.ts",
    changes: [
      {
        file: "src/base/socket-folder.ts",
        text: "  await refuseOthers(dirname(path));\n",
        without: "",
      },
      {
        file: "src/base/private-directory.ts",
        text: 'if ((await privacyOf(path)) === "private") return created;',
        without: "return created;",
      },
    ],
  },
  {
    cases: ["S32"],
    guard: "programs of other users are not answered, and over TCP nobody without the token",
    test: "test/e2e/dap-listen.test.ts",
    changes: [
      {
        file: "src/dap/listen/listener.ts",
        text: "if (await isOthers(socket)) {",
        without: "if (await isOthers(socket).then(() => false)) {",
      },
      {
        file: "src/cli/dap/token.ts",
        text: "if (timingSafeEqual(digest(token), digest(text))) return;",
        without: "if (timingSafeEqual(digest(token), digest(token))) return;",
      },
    ],
  },
  {
    cases: ["S33"],
    guard: "a length is digits and nothing else",
    test: "test/faults/dap-framing.test.ts",
    title: "a hexadecimal length",
    changes: [
      {
        file: "src/dap/wire/message-reader.ts",
        text: "if (!/^\\d{1,13}$/.test(text) || Number(text) > MOST_LENGTH)",
        without: "if (Number(text) > MOST_LENGTH)",
      },
    ],
  },
  {
    cases: ["S34"],
    guard: "nothing but its greeting is taken of an editor that has not said who it is",
    test: "test/faults/dap-framing.test.ts",
    title: "before initialize",
    changes: [
      {
        file: "src/dap/requests/table.ts",
        text: 'if (session.phase === "fresh" && !ALWAYS.has(command))',
        without: 'if (session.phase === "fresh" && command === "initialize" && !ALWAYS.has(command))',
      },
    ],
  },
  {
    cases: ["S35"],
    guard: "what is no address of this machine alone is not listened at",
    test: "test/unit/dap/listen/place.test.ts",
    changes: [
      {
        file: "src/dap/listen/place.ts",
        text: "if (host === undefined)",
        without: "if (host === undefined && name === undefined)",
      },
    ],
  },
  {
    cases: ["S39"],
    guard: "bktui opens no socket that others can connect to",
    test: outside,
    title: "at a stop with a shell",
    changes: [
      {
        file: "src/main.ts",
        text: 'import { openSync, readFileSync } from "node:fs";',
        without:
          'import { openSync, readFileSync } from "node:fs";\nimport { createServer } from "node:net";',
      },
      {
        file: "src/main.ts",
        text: "let hasDebugged = false;",
        without: 'let hasDebugged = false;\ncreateServer().listen("\\0bktui-relay").unref();',
      },
    ],
  },
  {
    cases: ["S39"],
    guard: "the door that grpc-js comes to is closed behind it",
    test: "test/e2e/addresses.test.ts",
    title: "leaves no door open",
    changes: [
      {
        file: "src/transport/door.ts",
        text: "[Symbol.dispose]: () => void server.close()",
        without: "[Symbol.dispose]: () => void server.unref()",
      },
    ],
  },
  {
    cases: ["S39"],
    guard: "its directories are for this user only",
    test: outside,
    title: "at a stop with a shell",
    changes: [
      {
        file: "src/console/state-file.ts",
        text: "{ recursive: true, mode: 0o700 }",
        without: "{ recursive: true }",
      },
    ],
  },
  {
    cases: ["S40"],
    guard: "an engine goes on only when it has been noted which process it is",
    test: outside,
    title: "before it has noted",
    changes: [
      {
        file: "src/engine/private/daemon/init-script.ts",
        text: '[ "$noted" = noted ] || exit 1',
        without: ":",
      },
    ],
  },
  {
    cases: ["R27"],
    guard: "an engine of bktui's own has a limit of memory",
    test: "test/faults/private-engine.test.ts",
    changes: [
      {
        file: "src/engine/private/daemon/cgroup.ts",
        text: "  await writeFile(file, String(bytes));\n",
        without: "",
      },
    ],
  },
  {
    cases: ["R07"],
    guard: "containers that a killed daemon had are removed at the next start",
    test: "test/timed/private-engine.test.ts",
    changes: [
      {
        file: "src/engine/private/daemon/launch.ts",
        text: "  await removeDeadContainers(plan.data);\n",
        without: "",
      },
    ],
  },
];
