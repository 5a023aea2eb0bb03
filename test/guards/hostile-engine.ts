import type { Change, Guard } from "./guard.ts";

const evil = "test/faults/evil-engine.test.ts";
const written = "test/faults/what-it-writes.test.ts";

/** The last gate in front of the terminal; each pane makes its text harmless before. */
const withoutScreenFilter: readonly Change[] = [
  {
    file: "src/tui/terminal/screen-filter.ts",
    text: "return SUSPICIOUS.test(text) ? text.replace(ROW_TOKENS, this.#row) : text;",
    without: "return text;",
  },
  {
    file: "src/tui/terminal/screen-filter.ts",
    text: "const passed = output.replace(STREAM_TOKENS, this.#stream);",
    without: "const passed = output;",
  },
];
const inRows = "function harmless(span: Span, column: number, look: Look, mono: boolean): string {\n";

/** An engine that means no good, and what bktui itself writes meanwhile. */
export const hostileEngine: readonly Guard[] = [
  {
    cases: ["S01"],
    guard: "lines of output are made harmless, in the log and before the terminal",
    test: evil,
    changes: [
      ...withoutScreenFilter,
      {
        file: "src/tui/drawing/row.ts",
        text: inRows,
        without: `${inRows}  if (span.ownColors === true) return span.text;\n`,
      },
    ],
  },
  {
    cases: ["S02"],
    guard: "names and instructions are made harmless, in the panes and before the terminal",
    test: evil,
    changes: [
      ...withoutScreenFilter,
      {
        file: "src/tui/drawing/row.ts",
        text: inRows,
        without: `${inRows}  if (span.ownColors !== true) return span.text;\n`,
      },
    ],
  },
  {
    cases: ["S03", "S04"],
    guard:
      "text over several rows is made harmless, when it is wrapped, in the panes and before the terminal",
    test: evil,
    changes: [
      ...withoutScreenFilter,
      {
        file: "src/tui/drawing/row.ts",
        text: inRows,
        without: `${inRows}  if (span.role === "failed" || span.role === undefined) return span.text;\n`,
      },
      {
        file: "src/tui/drawing/wrap.ts",
        text: "return sanitizeText(text, { ascii: look.ascii }).flatMap(",
        without: 'return text.split("\\n").flatMap(',
      },
    ],
  },
  {
    cases: ["S05"],
    guard: "the screen is erased, not what is above it, and no such order passes",
    test: written,
    changes: [
      {
        file: "src/tui/terminal/sequences.ts",
        text: 'export const ERASE_SCREEN = "\\u001b[2J";',
        without: 'export const ERASE_SCREEN = "\\u001b[2J\\u001b[3J";',
      },
      {
        file: "src/tui/terminal/screen-filter.ts",
        text: '"\\\\u001b\\\\[2J",',
        without: '"\\\\u001b\\\\[[23]J",',
      },
    ],
  },
  {
    cases: ["S06"],
    guard: "text for a stream is made visible",
    test: evil,
    title: "without a terminal",
    changes: [
      {
        file: "src/base/visible.ts",
        text: "if (isPlainAscii(text)) return text;",
        without: "if (text.length > 0) return text;",
      },
    ],
  },
  {
    cases: ["S06"],
    guard: "what a shell prints is made visible",
    test: "test/engine/cli/plain.test.ts",
    changes: [
      {
        file: "src/plain/lines/line-shells.ts",
        text: 'this.#line(visibleText(this.#rest.replace(/\\r$/, "")));',
        without: 'this.#line(this.#rest.replace(/\\r$/, ""));',
      },
    ],
  },
  {
    cases: ["S06"],
    guard: "the message of a defect is made visible",
    test: "test/e2e/terminal-guard.test.ts",
    changes: [
      {
        file: "src/tui/terminal/terminal-guard.ts",
        text: 'sanitizeText(message).join("\\n")',
        without: "message",
      },
    ],
  },
  {
    cases: ["S12"],
    guard: "the terminal loses the shell's modes when the shell loses the keyboard",
    test: evil,
    changes: [
      {
        file: "src/tui/controls/shell-control.ts",
        text: "    this.#keyboard.mirror(undefined);\n",
        without: "",
      },
    ],
  },
  {
    cases: ["S13"],
    guard: "the leave keys are bktui's whatever the program has asked for",
    test: evil,
    changes: [
      {
        file: "src/tui/input/router.ts",
        text: "if (this.#leaveKeys.has(match[0])) {",
        without:
          'if (this.#leaveKeys.has(match[0]) && this.#keyboard.owner === "shell" && !this.#keyboard.sink.bracketedPaste) {',
      },
    ],
  },
  {
    cases: ["S29"],
    guard: "credentials are for the registries that the build names",
    test: evil,
    changes: [{ file: "src/session/auth.ts", text: "if (!allows(host)) {", without: "if (false) {" }],
  },
  {
    cases: ["S30"],
    guard: "a token server of another site is not asked",
    test: "test/unit/session/registry-token.test.ts",
    changes: [
      {
        file: "src/session/token-realm.ts",
        text: "if (named !== realm.origin)",
        without: "if (named === realm.origin)",
      },
    ],
  },
  {
    cases: ["S30"],
    guard: "a token server is asked by https",
    test: "test/unit/session/registry-token.test.ts",
    changes: [
      {
        file: "src/session/token-realm.ts",
        text: 'if (realm.protocol !== "https:" && !isLocal)',
        without: 'if (realm.protocol !== "https:" && false)',
      },
    ],
  },
  {
    cases: ["S31"],
    guard: "a helper's name is no path",
    test: "test/unit/session/auth.test.ts",
    changes: [
      {
        file: "src/session/credential-helper.ts",
        text: "if (!/^[A-Za-z0-9._-]+$/.test(name)) {",
        without: "if (false) {",
      },
    ],
  },
  {
    cases: ["S31"],
    guard: "a helper is killed with what it has started",
    test: "test/unit/session/auth.test.ts",
    changes: [
      {
        file: "src/session/credential-helper.ts",
        text: 'process.kill(-pid, "SIGKILL");',
        without: 'process.kill(pid, "SIGKILL");',
      },
    ],
  },
  {
    cases: ["S29"],
    guard: "a hand-over is told",
    test: evil,
    changes: [
      {
        file: "src/session/auth.ts",
        text: 'onAnswer?.({ host, outcome: given === undefined ? "none" : "given" });',
        without: "",
      },
    ],
  },
  {
    cases: ["S46"],
    guard: "vertices beyond the limit are left out",
    test: "test/timed/floods.test.ts",
    title: "a million vertices",
    changes: [
      {
        file: "src/debugger/progress/progress-log.ts",
        text: "known.size < limits.vertices ||",
        without: "known.size < Number.POSITIVE_INFINITY ||",
      },
    ],
  },
  {
    cases: ["S46"],
    guard: "progress that cannot be read is told",
    test: evil,
    title: "ends the progress with a word",
    changes: [
      {
        file: "src/engine/buildkit/gateway-build.ts",
        text: "if (isUnreadable(error)) onStatusLost?.(error);",
        without: "",
      },
    ],
  },
  {
    cases: ["S47"],
    guard: "no shell reads the path",
    test: evil,
    changes: [
      {
        file: "src/tui/controls/editor.ts",
        text: 'stdio: [input.fd, "inherit", "inherit"] });',
        without: 'stdio: [input.fd, "inherit", "inherit"], shell: true });',
      },
    ],
  },
  {
    cases: ["S22"],
    guard: "files are made 0600",
    test: written,
    changes: [{ file: "src/console/state-file.ts", text: '"wx", 0o600)', without: '"wx")' }],
  },
  {
    cases: ["S22"],
    guard: "directories are made 0700",
    test: written,
    changes: [
      {
        file: "src/console/state-file.ts",
        text: "{ recursive: true, mode: 0o700 }",
        without: "{ recursive: true }",
      },
    ],
  },
  {
    cases: ["S28"],
    guard: "the watcher gets PATH alone",
    test: written,
    changes: [
      {
        file: "src/tui/terminal/terminal-guard.ts",
        text: 'env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },',
        without: "",
      },
    ],
  },
  {
    cases: ["S42"],
    guard: "builds are asked for as internal",
    test: written,
    changes: [{ file: "src/engine/buildkit/build.ts", text: "internal: true,", without: "internal: false," }],
  },
  {
    cases: ["S45"],
    guard: "garbled details of an error do not hide it",
    test: "test/faults/fuzz.test.ts",
    title: "the details of an error",
    changes: [
      {
        file: "src/transport/rpc-error.ts",
        text: "    if (error instanceof BktuiError) return undefined;\n",
        without: "",
      },
    ],
  },
  {
    cases: ["S27"],
    guard: "only harmless requests reach the agent",
    test: "test/engine/session/services.test.ts",
    changes: [
      {
        file: "src/session/ssh.ts",
        text: "isHarmlessAgentRequest(request) ? await ask(request) : AGENT_FAILURE",
        without: "await ask(request)",
      },
    ],
  },
];
