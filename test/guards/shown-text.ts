import type { Guard } from "./guard.ts";

const sanitizer = "src/tui/cells/sanitize.ts";
const controls = '"[\\\\u0000-\\\\u001f\\\\u007f-\\\\u009f]",';

/** What reaches the terminal, and what the terminal's owner sends back. */
export const shownText: readonly Guard[] = [
  {
    cases: ["S07"],
    guard: "a carriage return is a control character",
    test: "test/unit/tui/cells/sanitize.test.ts",
    title: "a carriage return",
    changes: [{ file: sanitizer, text: controls, without: controls.replace("-", "-\\\\u000c\\\\u000e-") }],
  },
  {
    cases: ["S07"],
    guard: "a backspace is a control character",
    test: "test/unit/tui/cells/sanitize.test.ts",
    title: "backspaces",
    changes: [{ file: sanitizer, text: controls, without: controls.replace("-", "-\\\\u0007\\\\u0009-") }],
  },
  {
    cases: ["S07"],
    guard: "what a line wrote over is kept",
    test: "test/unit/debugger/progress/terminal-line.test.ts",
    title: "keeps what was written over",
    changes: [
      {
        file: "src/debugger/progress/terminal-line.ts",
        text: "return this.#isRewritten ? { text, raw: this.#raw.text() } : text;",
        without: "return text;",
      },
    ],
  },
  {
    cases: ["S07"],
    guard: "of what was written over the middle is left out",
    test: "test/unit/debugger/progress/terminal-line.test.ts",
    title: "holds little",
    changes: [
      {
        file: "src/debugger/progress/raw-text.ts",
        text: "while (this.#tailLength - (this.#tail[0]?.length ?? 0) >= TAIL) {",
        without: "while (this.#tail.length > 1e9) {",
      },
    ],
  },
  {
    cases: ["S08"],
    guard: "format characters do not reach the screen",
    test: "test/unit/tui/panes/source.test.ts",
    changes: [{ file: sanitizer, text: "[\\\\p{Cf}\\\\u034f", without: "[\\\\u034f" }],
  },
  {
    cases: ["S55"],
    guard: "orders that reach beyond the screen are dropped",
    test: "test/unit/base/relay-filter.test.ts",
    title: "does not",
    changes: [
      {
        file: "src/base/relay-filter.ts",
        text: 'if (BEYOND.test(sequence)) return "";',
        without: 'if (sequence === "") return "";',
      },
    ],
  },
  {
    cases: ["S09"],
    guard: "numbers larger than the screen are cut",
    test: "test/unit/tui/emulator/emulator.test.ts",
    title: "[999M",
    changes: [
      {
        file: "src/tui/emulator/emulator-filter.ts",
        text: "return ROW_FINALS.has(final) ? size.rows : terminalParameter;",
        without: "return terminalParameter;",
      },
    ],
  },
  {
    cases: ["S10"],
    guard: "the emulator's answers go to the program",
    test: "test/unit/tui/emulator/emulator.test.ts",
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
    guard: "the last end marker is the real one",
    test: "test/unit/tui/input/router.test.ts",
    changes: [
      {
        file: "src/tui/input/paste-splitter.ts",
        text: "region.lastIndexOf(END)",
        without: "region.indexOf(END)",
      },
    ],
  },
  {
    cases: ["S11"],
    guard: "no marker stays in what was pasted, nor goes to the shell",
    test: "test/unit/tui/input/router.test.ts",
    changes: [
      {
        file: "src/tui/input/paste-splitter.ts",
        text: '.replaceAll(END.toString(), "")',
        without: "",
      },
      { file: "src/tui/input/router.ts", text: 'text.replace(PASTE_CONTROLS, "")', without: "text" },
    ],
  },
  {
    cases: ["S54"],
    guard: "control characters in answers are written out",
    test: "test/unit/answers/harmless.test.ts",
    title: "every string",
    changes: [
      {
        file: "src/answers/harmless.ts",
        text: "clipText(visibleLines(masked(value)), most)",
        without: "clipText(masked(value), most)",
      },
    ],
  },
  {
    cases: ["S54"],
    guard: "values of secrets in answers are hidden",
    test: "test/unit/answers/harmless.test.ts",
    title: "every string",
    changes: [
      {
        file: "src/answers/harmless.ts",
        text: "clipText(visibleLines(masked(value)), most)",
        without: "clipText(visibleLines(value), most)",
      },
    ],
  },
];
