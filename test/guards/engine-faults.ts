import type { Change, Guard } from "./guard.ts";

const lost = "test/timed/engine-lost.test.ts";
const deaf: Change = {
  file: "src/engine/buildkit/build.ts",
  text: "if (this.#disposing === undefined && !this.lost.aborted) this.#lost.abort(lostError(what, cause));",
  without: "lostError(what, cause);",
};
const privateEngine = "test/timed/private-engine.test.ts";

/** Engines that are killed, silent, cut off or shared. */
export const engineFaults: readonly Guard[] = [
  {
    cases: ["R01"],
    guard: "a build hears of its lost connection, and so does what runs in it",
    test: lost,
    changes: [
      deaf,
      {
        file: "src/debugger/stepping/outcomes.ts",
        text: 'return phase.kind === "running" || phase.kind === "finishing" ? failed(state, outcome.error) : same;',
        without: "return same;",
      },
    ],
  },
  {
    cases: ["R01", "R04"],
    guard: "the engine is sought again",
    test: lost,
    changes: [{ file: "src/console/reconnection.ts", text: "      this.#options.connect();\n", without: "" }],
  },
  {
    cases: ["R02"],
    guard: "a build hears of its lost connection while nothing runs",
    test: lost,
    changes: [deaf],
  },
  {
    cases: ["R02"],
    guard: "the loss is told in words",
    test: lost,
    changes: [
      {
        file: "src/tui/attached/screen-news.ts",
        text: 'case "connection-lost":\n      case "engine-silent":',
        without: 'case "connection-lost":\n        return;\n      case "engine-silent":',
      },
    ],
  },
  {
    cases: ["R03"],
    guard: "silence is noticed",
    test: lost,
    title: "shows within 10 s",
    changes: [{ file: "src/engine/buildkit/pulse.ts", text: "this.#note(misses >= MISSES);", without: "" }],
  },
  {
    cases: ["R03"],
    guard: "a run that is told to wait for ever does so",
    test: "test/faults/engine-debugged.test.ts",
    title: "--run waits for ever",
    changes: [
      {
        file: "src/console/engine-silence.ts",
        text: "    if (this.#patienceMs === 0) return;\n",
        without: "",
      },
    ],
  },
  {
    cases: ["R03"],
    guard: "who leaves does not wait for a silent engine",
    test: lost,
    title: "leaving within 2 s out of a step",
    changes: [
      {
        file: "src/engine/buildkit/build.ts",
        text: "      answersWithin(this.#parts.channel, END_DEADLINE_MS),\n",
        without: "",
      },
    ],
  },
  {
    cases: ["R05"],
    guard: "a session is opened again",
    test: "test/faults/session-cut.test.ts",
    changes: [
      {
        file: "src/session/lasting-session.ts",
        text: "const waitMs = WAITS_MS[this.#tries];",
        without: "const waitMs = WAITS_MS[-1];",
      },
    ],
  },
  {
    cases: ["R05"],
    guard: "a break of a linked target's session is known",
    test: "test/faults/session-cut.test.ts",
    changes: [
      {
        file: "src/engine/buildkit/build-sessions.ts",
        text: "return [this.#own, ...this.#linked.byTarget.values()];",
        without: "return [this.#own];",
      },
    ],
  },
  {
    cases: ["R28"],
    guard: "a session that the engine gave up is opened again",
    test: "test/faults/client-suspended.test.ts",
    changes: [
      {
        file: "src/session/lasting-session.ts",
        text: "const waitMs = WAITS_MS[this.#tries];",
        without: "const waitMs = WAITS_MS[-1];",
      },
    ],
  },
  {
    cases: ["R06"],
    guard: "an engine that does not end is killed",
    test: privateEngine,
    title: "is suspended",
    changes: [
      {
        file: "src/engine/private/private-engine.ts",
        text: '      sendSignal(record.init.pid, "SIGKILL");\n',
        without: "",
      },
    ],
  },
  {
    cases: ["R07"],
    guard: "the engine's first process ends with the daemon",
    test: privateEngine,
    changes: [
      {
        file: "src/engine/private/daemon/init-script.ts",
        text: "\nexit $status\n",
        without: "\nsleep 1000\n",
      },
    ],
  },
  {
    cases: ["R24"],
    guard: "each build has a number of its own",
    test: "test/faults/two-debuggers.test.ts",
    title: "quits",
    changes: [
      {
        file: "src/engine/buildkit/gateway-build.ts",
        text: "readonly ref = newId();",
        without: 'readonly ref = "bktui";',
      },
    ],
  },
  {
    cases: ["R25"],
    guard: "a shell is not opened over a cache that the run needs",
    test: "test/engine/debugger/caches.test.ts",
    changes: [
      {
        file: "src/debugger/shells/caches.ts",
        text: "if (met === undefined) return;\n",
        without: "if (caches !== undefined) return;\n",
      },
    ],
  },
  {
    cases: ["R25"],
    guard: "a step waits when it has printed nothing for two seconds",
    test: "test/engine/debugger/caches.test.ts",
    changes: [
      { file: "src/debugger/shells/caches.ts", text: " && elapsedMs(step.vertex) >= WAIT_MS", without: "" },
    ],
  },
  {
    cases: ["R26"],
    guard: "a step that was cancelled has not failed",
    test: "test/engine/debugger/shell.test.ts",
    changes: [
      {
        file: "src/debugger/runtime.ts",
        text: '    if (error.code === "cancelled") return { kind: "cancelled", token, ...this.#news() };\n',
        without: "",
      },
    ],
  },
];
