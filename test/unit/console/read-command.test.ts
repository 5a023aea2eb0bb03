import { describe, expect, test } from "vitest";
import { COMMANDS, commandNamed, commandsOf, namesOf } from "../../../src/console/command-table.ts";
import { readCommand, readLine } from "../../../src/console/read-command.ts";
import { helpLines } from "../../../src/plain/lines/help-lines.ts";
import { KEYMAP } from "../../../src/tui/commands/keymap.ts";

function commandOf(text: string, frontEnd: "screen" | "lines"): unknown {
  const reading = readCommand(text, frontEnd);
  return reading.kind === "command" ? reading.command : reading;
}

describe.each(["screen", "lines"] as const)("a line of the front end %s", (frontEnd) => {
  test.each([
    ["n", { id: "next" }],
    ["into", { id: "into" }],
    ["fin", { id: "finish" }],
    ["Continue", { id: "continue" }],
    [":c", { id: "continue" }],
    ["12", { id: "pane-source", line: 12 }],
    [":13.2", { id: "pane-source", line: 13, nth: 2 }],
    ["  list   4 ", { id: "pane-source", line: 4 }],
    ["to 12", { id: "run-to", line: 12 }],
    ["to 13.2", { id: "run-to", line: 13, nth: 2 }],
    ["r", { id: "rerun" }],
    ["restart", { id: "rerun-start" }],
    ["target app", { id: "target", stage: "app" }],
    ["b", { id: "break-line", place: undefined }],
    ["break 11", { id: "break-line", place: { spec: { kind: "line", line: 11 } } }],
    ["break Dockerfile:11", { id: "break-line", place: { spec: { kind: "line", line: 11 } } }],
    [":break /RUN npm/", { id: "break-line", place: { spec: { kind: "pattern", pattern: "RUN npm" } } }],
    ["break app:end", { id: "break-line", place: { spec: { kind: "stage-end", stage: "app" } } }],
    ["break end app", { id: "break-line", place: { spec: { kind: "stage-end", stage: "app" } } }],
    [
      'break 11 if ENV.CI == "1" hits >= 2',
      {
        id: "break-line",
        place: { spec: { kind: "line", line: 11 }, rule: { condition: 'ENV.CI == "1"', hits: ">= 2" } },
      },
    ],
    [
      "logpoint RUN text CI is {CI}",
      {
        id: "log-point",
        order: { spec: { kind: "instruction", keyword: "RUN" }, rule: { log: "CI is {CI}" } },
      },
    ],
    ["rule 2 if cached", { id: "break-rule", number: 2, rule: { condition: "cached" } }],
    ["rule 2", { id: "break-rule", number: 2, rule: undefined }],
    ["why 2", { id: "break-why", number: 2 }],
    ["catch", { id: "catch", filters: undefined }],
    ["catch none", { id: "catch", filters: [] }],
    [
      "catch run if exitCode == 137, source",
      { id: "catch", filters: [{ kind: "run", condition: "exitCode == 137" }, { kind: "source" }] },
    ],
    ["break none", { id: "break-line", place: { kind: "none" } }],
    ["delete 2", { id: "break-delete", number: 2 }],
    ["off 2", { id: "break-off", number: 2 }],
    ["!", { id: "shell", step: undefined }],
    ["!3", { id: "shell", step: { kind: "number", number: 3 } }],
    ["debug-shell line 12", { id: "debug-shell", step: { kind: "line", line: 12 } }],
    ["log", { id: "pane-log", step: undefined, raw: false }],
    ["log 3", { id: "pane-log", step: { kind: "number", number: 3 }, raw: false }],
    ["log raw", { id: "pane-log", step: undefined, raw: true }],
    ["log --raw 3", { id: "pane-log", step: { kind: "number", number: 3 }, raw: true }],
    ["log 3 raw", { id: "pane-log", step: { kind: "number", number: 3 }, raw: true }],
    [
      "log 3 from 10 last 5",
      { id: "pane-log", step: { kind: "number", number: 3 }, raw: false, from: 10, count: 5 },
    ],
    [
      "log last 2 /no such .* raw/",
      { id: "pane-log", step: undefined, raw: false, count: 2, pattern: "no such .* raw" },
    ],
    ["changes 3", { id: "changes", step: { kind: "number", number: 3 } }],
    ["files", { id: "files", step: undefined, path: undefined }],
    ["files /etc/my  app", { id: "files", step: undefined, path: "/etc/my  app" }],
    ["files 3", { id: "files", step: { kind: "number", number: 3 }, path: undefined }],
    ["files step 3 /etc", { id: "files", step: { kind: "number", number: 3 }, path: "/etc" }],
    ["files 3/8 my dir", { id: "files", step: { kind: "number", number: 3 }, path: "my dir" }],
    ["files line 12.2 /", { id: "files", step: { kind: "line", line: 12, nth: 2 }, path: "/" }],
    ["files app:end", { id: "files", step: { kind: "stage-end", stage: "app" }, path: undefined }],
    ["files ./3", { id: "files", step: undefined, path: "./3" }],
    ["files 3.txt", { id: "files", step: undefined, path: "3.txt" }],
    ["diff app/a.txt", { id: "file-diff", step: undefined, path: "app/a.txt" }],
    ["diff line 4 app/a.txt", { id: "file-diff", step: { kind: "line", line: 4 }, path: "app/a.txt" }],
    ["cat app/a.txt", { id: "file-show", step: undefined, path: "app/a.txt" }],
    ["cat 3 /etc/my app", { id: "file-show", step: { kind: "number", number: 3 }, path: "/etc/my app" }],
    ["env", { id: "environment", step: undefined, name: undefined }],
    ["env PATH", { id: "environment", step: undefined, name: "PATH" }],
    ["env 3 PATH", { id: "environment", step: { kind: "number", number: 3 }, name: "PATH" }],
    ["shell -c 'ls -l \"a b\"'", { id: "shell-command", step: undefined, text: 'ls -l "a b"' }],
    ["shell -c ls 'a b' | wc", { id: "shell-command", step: undefined, text: "ls 'a b' | wc" }],
    ["shell 3 -c pwd", { id: "shell-command", step: { kind: "number", number: 3 }, text: "pwd" }],
    ["sh app:end -c pwd", { id: "shell-command", step: { kind: "stage-end", stage: "app" }, text: "pwd" }],
    ["! ls -l | wc", { id: "shell-command", step: undefined, text: "ls -l | wc" }],
    ["!ls", { id: "shell-command", step: undefined, text: "ls" }],
    ["!3 ls", { id: "shell-command", step: { kind: "number", number: 3 }, text: "ls" }],
    ["shell-command 3", { id: "shell-command", step: undefined, text: "3" }],
    ["", { kind: "nothing" }],
    [":", { kind: "nothing" }],
  ])("%j means %j", (text, command) => {
    expect(commandOf(text, frontEnd)).toEqual(command);
  });

  test.each([
    ["nxet", 'no command "nxet"; did you mean next?'],
    ["frobnicate", 'no command "frobnicate"; help lists them'],
    ["diff", "a path is missing"],
    ["diff 3", "a path is missing"],
    ["delete all", '"all" is not a number'],
    ["off", "a number is missing"],
    ["shell 3x", '"3x" is no step; write 3, line 12 or STAGE:end'],
    ["cat", "a path is missing"],
    ["env A=b", '"A=b" is no name of a variable'],
    ["shell -c", "a command is missing"],
    ["shell 3 -c ''", "a command is missing"],
    ["shell ls", '"ls" is no step; write 3, line 12 or STAGE:end'],
    ["next 3", "next takes nothing after it"],
    ["logpoint 11", "a log point wants a place and a text: logpoint 11 text CI is {CI}"],
    ["break 11 if ENV.CI = 1", '"ENV.CI = 1", column 8: "=" compares nothing; == does'],
    [
      "catch everything",
      '"everything" is no kind of failure; write all, none, or some of run, copy, source, other: run if exitCode == 137, source',
    ],
    [
      "break somewhere",
      '"somewhere" is not a place to stop; places are 11, app:end, stage:deps, /RUN npm/, RUN, miss, first-miss, data:/PATH, first; with :after, :miss or :hit',
    ],
    ["x\u001b]52;c;eA\u0007y", 'no command "x^[]52;c;eA^Gy"; help lists them'],
  ])("that is wrong, %j, is answered with %j", (text, why) => {
    expect(readCommand(text, frontEnd)).toEqual({ kind: "unknown", why });
  });

  test("finds every command by its own names", () => {
    const commands = commandsOf(frontEnd);
    for (const command of commands)
      for (const name of namesOf(command)) expect(commandNamed(name, commands)).toBe(command);
  });

  test("has the command that the table names, whatever stands behind it", () => {
    for (const { id, name } of commandsOf(frontEnd)) {
      const texts = ["", " 3", " /etc", " id=token", " NAME=value", " finished", " 11 text x"].map(
        (text) => `${name}${text}`,
      );
      const read = texts.map((text) => readCommand(text, frontEnd)).filter(({ kind }) => kind === "command");
      expect(read.length, name).toBeGreaterThan(0);
      for (const reading of read) expect(reading).toMatchObject({ command: { id } });
    }
  });
});

test("what many begin with is told with all of them", () => {
  expect(readLine("re")).toEqual({
    kind: "unknown",
    why: 'no command "re"; did you mean reverse or rerun or restart or reconnect or retry?',
  });
});

test("what is about the screen is said to be there only", () => {
  expect(readLine("zoom")).toEqual({ kind: "unknown", why: "zoom: on the full screen only" });
});

test("while the build runs, what stops it is not kept waiting, what moves it is", () => {
  const whenOf = (text: string): unknown => ({ when: "unknown", ...readLine(text) }).when;
  expect(["pause", "cancel", "help", "breaks"].map(whenOf)).toEqual(Array(4).fill("always"));
  expect(["next", "shell", "quit", "rerun"].map(whenOf)).toEqual(Array(4).fill("at-rest"));
});

test("no two commands share an id, a name or a letter", () => {
  const names = COMMANDS.flatMap(namesOf);
  expect(names).toEqual([...new Set(names)]);
  const ids = COMMANDS.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
});

test("a letter means what the screen's key of it does", () => {
  const keys = KEYMAP.filter(({ panes }) => panes === undefined).flatMap(({ command, keys: chords }) =>
    chords.filter((key) => /^[^\d\s]$/.test(key)).map((key) => ({ key, command })),
  );
  // Keys that only move something on the screen leave their letter to a word.
  const moving = new Set(["l", "h", "i"]);
  const letters = commandsOf("lines").flatMap(({ id, aliases }) =>
    aliases.filter((alias) => alias.length === 1).map((key) => ({ key, command: id })),
  );
  for (const { key, command } of letters) {
    const meant = keys.filter((each) => each.key === key).map((each) => each.command);
    if (!moving.has(key)) expect(meant.length === 0 || meant.includes(command), key).toBe(true);
  }
});

test("every command of the line mode stands in its help, with its argument", () => {
  const help = helpLines("");
  for (const { name, argument, about } of commandsOf("lines"))
    expect(
      help.some((line) => line.startsWith(`${name} ${argument}`.trimEnd()) && line.endsWith(about)),
    ).toBe(true);
  expect(helpLines("b")).toEqual([expect.stringMatching(/^break \[PLACE\] +b +set a breakpoint/)]);
});
