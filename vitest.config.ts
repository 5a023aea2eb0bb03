import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

// Ink and React must run as they do for a user; `CI` makes Ink draw a single frame.
const env = { NODE_ENV: "production" };

// Nothing that bktui is made of makes code from strings (S44 of docs/reliability.md); programs that the tests start are told the same.
const execArgv = ["--disallow-code-generation-from-strings"];

const onEngines = {
  // Real engines on a busy machine: BuildKit itself loses a race now and then (joined builds, output at a process's end).
  // vitest's report names every test that needed a second try.
  retry: 2,
  setupFiles: ["test/support/with-running-engines.ts"],
  hookTimeout: 60_000,
  // More than the cores that CI has: the tests wait for engines and clocks most of the time.
  maxWorkers: 4,
  env,
  execArgv,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
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
          // Apart from those that have another number of workers.
          sequence: { groupOrder: 1 },
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
          testTimeout: 60_000,
          ...onEngines,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/global-engines.ts", "test/support/global-kept-code.ts"],
          testTimeout: 60_000,
          ...onEngines,
          setupFiles: [...onEngines.setupFiles, "test/support/with-kept-code.ts"],
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/support/global-engines.ts"],
          testTimeout: 120_000,
          ...onEngines,
        },
      },
      {
        test: {
          name: "timed",
          include: ["test/timed/**/*.test.ts"],
          globalSetup: ["test/support/global-engines.ts"],
          testTimeout: 120_000,
          ...onEngines,
          // They time what happens: beside others, on few cores, the figures would be those of the machine. One worker
          // also means that they run when all others have ended.
          maxWorkers: 1,
        },
      },
    ],
  },
});
