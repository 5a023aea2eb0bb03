import type { Guard } from "./guard.ts";

const guardFile = "src/tui/terminal/terminal-guard.ts";
const ways = "test/e2e/terminal-guard.test.ts";
const floods = "test/timed/floods.test.ts";

/** Ends, signals and floods: the terminal, the engine and the program itself afterwards. */
export const ownFaults: readonly Guard[] = [
  {
    cases: ["R08"],
    guard: "the terminal is given back on a signal, by bktui and by the watcher",
    test: ways,
    title: "after SIGTERM",
    changes: [
      {
        file: guardFile,
        text: "this.#leave();\n    const handler = this.#signalHandlers.get(signal);",
        without: "const handler = this.#signalHandlers.get(signal);",
      },
      { file: guardFile, text: 'if [ "$state" = armed ]; then', without: "if false; then" },
    ],
  },
  {
    cases: ["R08"],
    guard: "an editor ends with bktui",
    test: "test/e2e/leaving.test.ts",
    title: "SIGTERM while the editor",
    changes: [{ file: guardFile, text: "    await this.#handedOver?.end(signal);\n", without: "" }],
  },
  {
    cases: ["R09"],
    guard: "the watcher sees to the terminal",
    test: ways,
    title: "after abort",
    changes: [{ file: guardFile, text: 'if [ "$state" = armed ]; then', without: "if false; then" }],
  },
  {
    cases: ["R09"],
    guard: "a blocked loop is noticed",
    test: ways,
    title: "a program whose loop is blocked",
    changes: [{ file: "src/tui/terminal/watchdog.ts", text: "  askWhere(end);\n", without: "" }],
  },
  {
    cases: ["R10"],
    guard: "the terminal is given back before the stop",
    test: ways,
    title: "stopped by itself",
    changes: [
      {
        file: guardFile,
        text: 'this.#leave();\n    process.off("SIGTSTP"',
        without: 'process.off("SIGTSTP"',
      },
    ],
  },
  {
    cases: ["R10"],
    guard: "the terminal is taken again after the stop",
    test: ways,
    title: "stopped by itself",
    changes: [
      {
        file: guardFile,
        text: "this.#take();\n    this.#options.onContinue?.();",
        without: "this.#options.onContinue?.();",
      },
    ],
  },
  {
    cases: ["R12"],
    guard: "a terminal's stream stays until its container is gone",
    test: "test/engine/private/leaks.test.ts",
    title: "while its terminal prints",
    changes: [
      {
        file: "src/engine/buildkit/container.ts",
        text: "process.letGo();",
        without: "process.dispose();",
      },
    ],
  },
  {
    cases: ["R11", "R12"],
    guard: "containers are released",
    test: "test/engine/private/leaks.test.ts",
    title: "after fifty stops",
    changes: [
      {
        file: "src/engine/buildkit/container.ts",
        text: "{ ContainerID: this.#id },",
        without: '{ ContainerID: "another" },',
      },
    ],
  },
  {
    cases: ["R14"],
    guard: "lines that leave memory are kept",
    test: floods,
    title: "keys answer meanwhile",
    changes: [
      { file: "src/debugger/progress/line-log.ts", text: "if (this.#archives) {", without: "if (false) {" },
    ],
  },
  {
    cases: ["R14"],
    guard: "what is older than the newest 100,000 lines is searched too",
    test: floods,
    title: "keys answer meanwhile",
    changes: [
      {
        file: "src/tui/controls/pane-search.ts",
        text: 'else if (!this.#found && !this.#throughAll("next"))',
        without: "else if (!this.#found)",
      },
    ],
  },
  {
    cases: ["R13"],
    // Without the brake (onFlow) the test fails only where the pane is slower than the engine: on a busy machine.
    guard: "what has scrolled far out of the pane is given up",
    test: floods,
    title: "100 MB through the shell",
    changes: [
      {
        file: "src/tui/emulator/emulator.ts",
        text: "scrollback: options.scrollback ?? DEFAULT_SCROLLBACK,",
        without: "scrollback: 400_000,",
      },
    ],
  },
  {
    cases: ["R15"],
    guard: "a cancel ends the engine's work on a step",
    test: floods,
    title: "cancelling is quick",
    changes: [
      {
        file: "src/engine/buildkit/gateway-build.ts",
        text: "{ Definition: definition, Evaluate: true, ...how },\n      { metadata: this.metadata, ...this.#until(signal) }",
        without:
          "{ Definition: definition, Evaluate: true, ...how },\n      { metadata: this.metadata, signal: this.#calls.signal }",
      },
    ],
  },
  {
    cases: ["R33"],
    guard: "what does not read is not waited for at the end",
    test: "test/e2e/attach.test.ts",
    title: "a screen that does not read",
    changes: [
      {
        file: "src/attach/server.ts",
        text: "const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);",
        without: "const timer = setTimeout(() => undefined, LAST_WORDS_MS);",
      },
    ],
  },
  {
    cases: ["R35"],
    guard: "what a program has no room for is left out",
    test: "test/unit/json/json-writer.test.ts",
    title: "what a reader has no room",
    changes: [
      {
        file: "src/json/json-writer.ts",
        text: "if (this.#waitingCharacters < MOST_WAITING_CHARACTERS) this.write(line);",
        without: "if (lines >= 0) this.write(line);",
      },
    ],
  },
  {
    cases: ["R35"],
    guard: "a closed output ends the run",
    test: "test/e2e/json.test.ts",
    title: "a reader that stops",
    changes: [
      {
        file: "src/json/run-json.ts",
        text: "AbortSignal.any([signals.signal, stdout.closed])",
        without: "AbortSignal.any([signals.signal])",
      },
    ],
  },
  {
    cases: ["R34"],
    guard: "the end of the connection ends the program that attached",
    test: "test/e2e/attach.test.ts",
    title: "when the process is killed",
    changes: [
      {
        file: "src/attach/client.ts",
        text: 'this.#socket.on("close", () => this.#closed());',
        without: 'this.#socket.on("close", () => undefined);',
      },
    ],
  },
  {
    cases: ["R36"],
    guard: "what runs in the shell of a terminal ends when that is gone",
    test: "test/e2e/attach-shell-terminal.test.ts",
    title: "leave nothing behind",
    changes: [
      { file: "src/attach/attached-shells.ts", text: "await visit.finish();", without: "await undefined;" },
    ],
  },
  {
    cases: ["R22"],
    guard: "lines leave memory when there are too many",
    test: floods,
    title: "5,000 vertices",
    changes: [
      {
        file: "src/debugger/progress/line-log.ts",
        text: "if (this.#isOver()) this.#makeRoom();\n",
        without: "\n",
      },
    ],
  },
  {
    cases: ["S60"],
    guard: "conditions have an end",
    test: "test/unit/debugger/breakpoints/expression/expression.test.ts",
    title: "is refused at once",
    changes: [
      {
        file: "src/debugger/breakpoints/expression/parse.ts",
        text: "if (this.#scanner.text.length - this.#from > MOST_CHARACTERS)",
        without: "if (this.#scanner.text.length - this.#from > 1_000_000 * MOST_CHARACTERS)",
      },
    ],
  },
  {
    cases: ["S60"],
    guard: "conditions have a depth",
    test: "test/unit/debugger/breakpoints/expression/expression.test.ts",
    title: "goes no deeper",
    changes: [
      {
        file: "src/debugger/breakpoints/expression/parse.ts",
        text: "if (this.#depth > DEEPEST)",
        without: "if (this.#depth > 1000 * DEEPEST)",
      },
    ],
  },
  {
    cases: ["R40"],
    guard: "what nobody can tell stops the build",
    test: "test/unit/debugger/breakpoints/rules.test.ts",
    title: "stops the build with the reason",
    changes: [
      {
        file: "src/debugger/breakpoints/decide.ts",
        text: 'if (problem !== undefined) return { isHit: true, decision: { stops: true, seen: "", problem } };',
        without: "",
      },
    ],
  },
];
