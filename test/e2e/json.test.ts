import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsOf } from "../../src/console/command-table.ts";
import { readLine } from "../../src/console/read-command.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { answerTo, JsonSession, parsedLines } from "../support/json-session.ts";
import { runBktui } from "../support/program.ts";
import { numbersFrom } from "../support/seeded-numbers.ts";
import type { TestEngine } from "../support/test-engine.ts";

const VALUE = "kiwi-plum-4711";

const BASE = `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
`;

const DOCKERFILE = `${BASE}FROM base AS app
WORKDIR /app
RUN --mount=type=secret,id=token cat /run/secrets/token > kept; echo "token is $(cat kept)"; printf '\\033]0;title\\007'
COPY note.txt .
RUN echo two >> note.txt && exit 7
`;

function newest(): TestEngine {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  return engine;
}

const engine = newest();

test("S54 · a session that uses every command: each line is valid, none has the secret's value", async () => {
  await using context = await busyboxContext({
    files: { Dockerfile: DOCKERFILE, "note.txt": "one\n", token: VALUE },
  });
  const out = join(context.path, "state.tar");
  const commands = [
    "here",
    "steps",
    "source",
    "graph",
    "graph-op 2",
    "breakpoints",
    "break 6",
    "break 7",
    "off 2",
    "on 2",
    "delete 2",
    "undo",
    "break-end",
    "delete 3",
    'logpoint COPY:after text {file("/app/kept")} {exitCode}',
    "rule 1 if stage == 'app'",
    "why 1",
    "catch run if exitCode == 7, source",
    "catch",
    "breakpoints",
    "continue",
    "info",
    "next",
    "next",
    "log 4 raw",
    "warnings",
    "changes 4",
    "files /app",
    "diff 4 /app/kept",
    "exec /bin/cat /app/kept",
    "exec /bin/sh -c 'exit 3'",
    "expect exit 3",
    "cat 4 /app/kept",
    "env 4",
    "shell -c 'cat /app/kept'",
    "swap",
    "shell",
    "retry",
    "shell-new",
    "shell-restart",
    "debug-shell",
    "continue",
    "error",
    "swap",
    "failure",
    "failure-previous",
    "sought",
    "keep-going",
    `export base tar ${out} --secrets=allow`,
    `bundle ${join(context.path, "b.tar")}`,
    "thread",
    "options",
    "rerun",
    "into",
    "finish",
    "to 7",
    "back",
    "goto 6",
    "reverse",
    "restart",
    "no-cache",
    "target base",
    "arg COLOUR=red",
    "build-arg COLOUR=blue",
    "attempts",
    "dap tcp:127.0.0.1:0",
    "ssh default=/nowhere",
    "allow network.host",
    `secret id=other,src=${join(context.path, "note.txt")}`,
    "help",
    "help break",
  ];
  const args = ["--secret", `id=token,src=${join(context.path, "token")}`, context.path];
  await using session = await JsonSession.start(args, engine);
  session.send(...commands.map((command, id) => ({ id, command })));
  await session.answer(commands.length - 1);
  for (const command of ["pause", "cancel", "reconnect", "quit"]) {
    session.send({ id: command, command });
    await session.answer(command);
  }
  const exitCode = await session.ended();
  const { lines, stderr } = session;
  const stdout = JSON.stringify(lines);
  const answers = commands.map((command, id) => ({ command, answer: answerTo(lines, id) }));
  const kindsOf = (command: string): readonly unknown[] =>
    answers
      .filter((each) => each.command === command)
      .map(({ answer }) => answer.result?.kind ?? answer.error?.code);
  expect({
    exitCode,
    stderr: stderr.includes(VALUE),
    first: lines[0]?.type,
    last: lines.at(-1)?.type,
  }).toEqual({
    exitCode: 1,
    stderr: false,
    first: "hello",
    last: "ended",
  });
  expect(stdout).not.toContain(VALUE);
  expect(stdout).not.toContain("\u001b");
  const used = new Set(lines.map(({ command }) => command));
  expect(
    commandsOf("lines")
      .map(({ name }) => name)
      .filter((name) => !used.has(name)),
  ).toEqual([]);
  for (const command of ["steps", "source", "graph", "info", "files /app", "changes 4", "diff 4 /app/kept"])
    expect(answers.find((each) => each.command === command)?.answer, command).toMatchObject({ ok: true });
  expect(kindsOf("expect exit 3")).toEqual(["expected"]);
  expect(kindsOf("dap tcp:127.0.0.1:0")).toEqual(["editors"]);
  expect(lines.find(({ type }) => type === "log-point")).toMatchObject({
    breakpoint: 3,
    line: 7,
    text: "*** 0",
  });
  expect(answerTo(lines, commands.indexOf("why 1")).result).toMatchObject({
    change: "why",
    why: ["It is asked next before line 6."],
  });
  const catches = [{ kind: "run", condition: "exitCode == 7" }, { kind: "source" }];
  expect(answerTo(lines, commands.indexOf("catch")).result).toMatchObject({ change: "catch", catches });
  expect(answerTo(lines, commands.lastIndexOf("breakpoints")).result).toMatchObject({
    catches,
    breakpoints: [
      { place: "6", rule: { condition: "stage == 'app'" }, behind: false },
      { place: "7" },
      { place: "COPY:after", rule: { log: '{file("/app/kept")} {exitCode}' }, behind: true },
    ],
  });
  expect(kindsOf("shell")).toEqual(["unsupported"]);
  expect(answerTo(lines, commands.indexOf("exec /bin/cat /app/kept")).result).toMatchObject({
    output: "***",
    exitCode: 0,
  });
  expect(answerTo(lines, commands.indexOf("cat 4 /app/kept")).result).toMatchObject({
    text: "***",
    altered: true,
  });
  expect(answerTo(lines, commands.indexOf("shell -c 'cat /app/kept'")).result).toMatchObject({
    output: "***",
  });
  expect(answerTo(lines, commands.indexOf("diff 4 /app/kept")).result).toMatchObject({
    rows: [{ kind: "added", text: "***" }, { kind: "note" }],
  });
  expect(answerTo(lines, commands.lastIndexOf("continue")).result).toMatchObject({
    status: "failed",
    why: { kind: "exception" },
    failure: { exitCode: 7, step: 6 },
  });
  const texts = lines.flatMap(({ type, lines: log }) => (type === "log" ? (log as { text: string }[]) : []));
  expect(texts.map(({ text }) => text)).toContain("token is ***");
  expect(
    answerTo(
      lines,
      commands.findIndex((command) => command.startsWith("export")),
    ).result,
  ).toMatchObject({
    kind: "exported",
    side: "base",
    outputs: [{ kind: "file", path: out }],
  });
});

test("two commands at once are done in order, and interrupt acts at once", async () => {
  await using context = await busyboxContext({
    files: { Dockerfile: `${BASE}RUN sleep 100\nRUN echo never\n` },
  });
  await using session = await JsonSession.start(["--no-cache", context.path], engine);
  session.send({ id: "run", command: "continue" }, { id: "after", command: "break 5" });
  await session.until(
    ({ type, text, status }) => type === "step" && text === "RUN sleep 100" && status === "running",
  );
  session.send({ id: "stop", command: "interrupt" }, { id: "end", command: "cancel" });
  expect(await session.answer("run")).toMatchObject({
    ok: true,
    result: { status: "paused", why: { kind: "cancelled" } },
  });
  await session.answer("after");
  const order = session.lines.filter(({ type }) => type === "answer").map(({ id }) => id);
  expect(order.filter((id) => id !== undefined)).toEqual(["stop", "end", "run", "after"]);
  session.child.stdin.end();
  expect(await session.ended()).toBe(1);
});

test("R35 · a reader that stops reading does not stop the build, and is told what it missed; one that goes away ends it", async () => {
  const flood =
    "RUN i=0; while [ $i -lt 60000 ]; do echo line $i of many that nobody reads; i=$((i+1)); done\n";
  await using context = await busyboxContext({ files: { Dockerfile: `${BASE}${flood}` } });
  await using session = await JsonSession.start(
    ["--no-cache", "--run", "-o", `type=local,dest=${context.path}/out`, context.path],
    engine,
    {
      reads: false,
    },
  );
  session.send({ id: "log", command: "log last 3" });
  // What the build makes is there though nothing has been read.
  const { watch } = await import("node:fs/promises");
  const made = new AbortController();
  for await (const { filename } of watch(context.path, { signal: made.signal }))
    if (filename === "out") break;
  session.child.stdin.end();
  session.read();
  expect(await session.ended(), session.stderr).toBe(0);
  expect(session.lines.some(({ type, lines }) => type === "gap" && Number(lines) > 0)).toBe(true);
  expect(session.lines.find(({ type }) => type === "output")).toMatchObject({
    outputs: [{ kind: "directory" }],
  });
  expect(session.lines.at(-1)).toMatchObject({ type: "ended", exitCode: 0 });
  expect(answerTo(session.lines, "log")).toMatchObject({ ok: true });

  await writeFile(join(context.path, "Dockerfile"), `${BASE}RUN while sleep 0.2; do echo on; done\n`);
  await using gone = await JsonSession.start(["--no-cache", "--run", context.path], engine);
  await gone.until(({ type, lines }) => type === "log" && JSON.stringify(lines).includes('"on"'));
  gone.child.stdout.destroy();
  expect(await gone.ended(), gone.stderr).toBe(141);
});

const SEEDS = [
  "here",
  "steps",
  "break 3",
  "break /RUN/:after",
  "log 2 raw",
  '{"id":1,"command":"here"}',
  '{"id":"a","command":"graph"}',
];
/** Others run the build, read files or leave: not ten thousand times. */
const QUICK = [
  "here",
  "pane-steps",
  "pane-breaks",
  "pane-graph",
  "pane-log",
  "break-line",
  "break-off",
  "break-on",
  "help",
  "error",
];

test("ten thousand lines of rubbish are answered, one by one", async () => {
  await using context = await busyboxContext({ files: { Dockerfile: BASE } });
  const random = numbersFrom(16);
  const lines = Array.from({ length: 10_000 }, () =>
    mutated(SEEDS[random(SEEDS.length)] ?? "", random),
  ).filter((line) => {
    const reading = readLine(line.replace(/^.*"command":"([^"]*)".*$/, "$1"));
    return reading.kind !== "command" || QUICK.includes(reading.command.id);
  });
  expect(lines.length).toBeGreaterThan(9000);
  const input = [...lines, '{"id":"last","command":"here"}', ""].join("\n");
  const { exitCode, stdout, stderr } = await runBktui(["--json", context.path], { engine, input });
  const read = parsedLines(stdout);
  expect({ exitCode, stderr, last: read.at(-1)?.type }).toEqual({ exitCode: 1, stderr: "", last: "ended" });
  expect(answerTo(read, "last")).toMatchObject({ ok: true, result: { status: "loaded" } });
  expect(read.filter(({ error }) => error?.code === "internal")).toEqual([]);
});

/** Some characters changed, taken out or put in; never a line end. */
function mutated(text: string, random: (below: number) => number): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(result.length + 1);
    const put =
      [String.fromCodePoint(32 + random(95)), "\u001b", "\u0000", '"', "{", "\\", "𝒳", "\u202e", "1e999"][
        random(9)
      ] ?? "";
    result = result.slice(0, at) + (random(3) === 0 ? "" : put) + result.slice(at + random(3));
  }
  return result.replaceAll(/[\r\n]/g, " ");
}

test("a file that is refused is an answer, and without an engine the last line says so", async () => {
  await using context = await busyboxContext({ files: { Dockerfile: `${BASE}RUNN echo\n` } });
  const refused = await runBktui(["--json", context.path], { engine, input: "here\nerror\n" });
  const lines = parsedLines(refused.stdout);
  expect(refused).toMatchObject({ exitCode: 1, stderr: "" });
  expect(lines.find(({ command }) => command === "launch")).toMatchObject({
    ok: true,
    result: { status: "broken", error: { code: "bad-request" }, counts: { steps: 0 } },
  });
  expect(lines.find(({ command }) => command === "error")?.result).toMatchObject({ kind: "error" });
  const nowhere = ["--json", "--addr", "unix:///nowhere/buildkitd.sock", context.path];
  const { exitCode, stdout, stderr } = await runBktui(nowhere);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("/nowhere/buildkitd.sock");
  expect(parsedLines(stdout)).toMatchObject([{ type: "ended", exitCode: 1, error: {} }]);
});
