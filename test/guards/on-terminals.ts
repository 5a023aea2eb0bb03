import type { Guard } from "./guard.ts";

const shell = "test/e2e/shell-terminal.test.ts";
const suspending = "test/e2e/suspending.test.ts";

/** The program on its terminal, seen from outside: outputs, stops, errors, a shell's own terminal. */
export const onTerminals: readonly Guard[] = [
  {
    cases: ["S10"],
    guard: "answers go to the program that asked",
    test: shell,
    changes: [
      {
        file: "src/tui/emulator/emulator.ts",
        text: 'if (reply !== "") options.onReply(',
        without: 'if (reply === "") options.onReply(',
      },
    ],
  },
  {
    cases: ["S11"],
    guard: "the last end marker is the paste's own",
    test: shell,
    title: "stays one paste",
    changes: [
      {
        file: "src/tui/input/paste-splitter.ts",
        text: "const last = region.lastIndexOf(END);",
        without: "const last = region.indexOf(END);",
      },
    ],
  },
  {
    cases: ["R09"],
    guard: "containers are released after an uncaught error",
    test: "test/e2e/leaving.test.ts",
    title: "in a shell, each fault",
    changes: [
      {
        file: "src/tui/terminal/terminal-guard.ts",
        text: 'this.#cleanUp("SIGTERM", () => this.#options.onFatal(error));',
        without: "this.#options.onFatal(error);",
      },
    ],
  },
  {
    cases: ["R10"],
    guard: "everything is painted anew after fg",
    test: suspending,
    title: "stopped at a stop",
    changes: [{ file: "src/tui/tui.ts", text: "    this.#compositor.resume();\n", without: "" }],
  },
  {
    cases: ["R10"],
    guard: "Ctrl-Z stops it also while it asks",
    test: suspending,
    title: "stopped at a question",
    changes: [
      {
        file: "src/tui/controls/controller.ts",
        text: 'bound === "suspend" && event.chord.startsWith("Ctrl-")',
        without: "false",
      },
    ],
  },
  {
    cases: ["R23"],
    guard: "frames are paced",
    test: shell,
    changes: [
      {
        file: "src/tui/terminal/frame-clock.ts",
        text: "return Math.max(0, this.#restedAtMs - (AT_ONCE - 1) * FRAME_MS - performance.now());",
        without: "return 0;",
      },
    ],
  },
  {
    cases: ["R23"],
    guard: "the shell is told the size of its pane",
    test: shell,
    changes: [
      {
        file: "src/tui/tui.ts",
        text: "    if (!this.#isPaused) this.#attached?.resizeShells(view.layout);\n",
        without: "",
      },
    ],
  },
  {
    cases: ["R29"],
    guard: "lost output is no success",
    test: "test/e2e/output.test.ts",
    title: "the id of an image",
    changes: [
      {
        file: "src/plain/output.ts",
        text: "return exitCode === 0 ? (exitCodeOfLoss(stdout) ?? exitCodeOfLoss(stderr) ?? 0) : exitCode;",
        without: "return exitCode;",
      },
    ],
  },
  {
    cases: ["R30"],
    guard: "containers are released",
    test: "test/faults/leftovers.test.ts",
    title: "in one process",
    changes: [
      {
        file: "src/engine/buildkit/container.ts",
        text: "{ ContainerID: this.#id },",
        without: '{ ContainerID: "another" },',
      },
    ],
  },
];
