import { defineConfig } from "vitest/config";

// Ink and React must run as they do for a user; `CI` makes Ink draw a single frame.
const env = { NODE_ENV: "production" };

// Real engines on a busy machine: BuildKit itself loses a race now and then (joined builds, output at a process's end).
// vitest's report names every test that needed a second try.
const retry = 2;

// Nothing that bktui is made of makes code from strings (S44 of docs/reliability.md); programs that the tests start are told the same.
const execArgv = ["--disallow-code-generation-from-strings"];

export default defineConfig({
  test: {
    experimental: { fsModuleCache: true, fsModuleCachePath: ".tmp/vitest-modules" },
    projects: [
      // Nothing here has state of a module, so the files share one process and load everything once.
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}"],
          pool: "forks",
          isolate: false,
          maxWorkers: 2,
          // Against hanging only: on a busy machine a property test may take ten times its usual second.
          testTimeout: 120_000,
          env,
          execArgv,
        },
      },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          globalSetup: ["test/support/global-engines.ts"],
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          env,
          execArgv,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/support/global-engines.ts"],
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // They time what happens: beside others, on few cores, the figures would be those of the machine.
          maxWorkers: 1,
          env,
          execArgv,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/global-engines.ts", "test/support/global-kept-code.ts"],
          setupFiles: ["test/support/with-kept-code.ts"],
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          env,
          execArgv,
        },
      },
    ],
  },
});
