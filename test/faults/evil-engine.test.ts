/** A daemon that means no good, against the built program on a terminal and without one. */
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test, vi } from "vitest";
import { fsutil, moby, type pb } from "#proto";
import { limits } from "../../src/base/limits.ts";
import { Evil, keyed } from "../support/evil.ts";
import { digestsOf, type EvilClient, type EvilPlan, evilDefinition, status } from "../support/evil-daemon.ts";
import { forbiddenIn, hostileText } from "../support/hostile-text.ts";
import type { Terminal } from "../support/terminal.ts";

const MIB = 1024 * 1024;

/** Bytes of memory that a process holds, and has held at most. */
async function memoryOf(terminal: Terminal): Promise<{ readonly now: number; readonly most: number }> {
  const text = await readFile(`/proc/${await terminal.pid()}/status`, "utf8");
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]);
  return { now: kilobytes("VmRSS") * 1024, most: kilobytes("VmHWM") * 1024 };
}

/** Milliseconds until the help has come and gone, at best of three: others use this machine too. */
async function keyDelayMs(terminal: Terminal): Promise<number> {
  const delays: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const startedMs = performance.now();
    await keyed(terminal);
    delays.push((performance.now() - startedMs) / 2);
  }
  return Math.min(...delays);
}

/** A file with a NUL in it is refused before anything looks at it. */
const inFile = hostileText.replaceAll("\u0000", "");
const hostileFile = ["FROM scratch", `RUN echo ${inFile}`, `LABEL evil="${inFile}"`, `RUN two # ${inFile}`];

/** Every field of the progress that is text. */
function hostileStatus(): Uint8Array {
  const [, one, two] = digestsOf(evilDefinition(hostileFile, (line) => `${line} ${hostileText}`));
  const vertex = one ?? "";
  const at = { seconds: 1_700_000_000 };
  const range = { start: { line: 2 }, end: { line: 2 } };
  return status({
    vertexes: [
      { digest: vertex, name: hostileText, started: at },
      { digest: two ?? "", name: hostileText, started: at, completed: at, error: hostileText },
    ],
    statuses: [{ vertex, ID: hostileText, name: hostileText, current: 1, total: 2, started: at }],
    logs: [
      { vertex, stream: 1, timestamp: at, msg: Buffer.from(`${hostileText}\n`) },
      { vertex, stream: 2, timestamp: at, msg: Buffer.from(`${hostileText}\n`) },
    ],
    warnings: [
      {
        vertex,
        short: Buffer.from(hostileText),
        detail: [Buffer.from(hostileText)],
        url: hostileText,
        ranges: [range],
      },
    ],
  });
}

const [, failing] = digestsOf(evilDefinition(hostileFile, (line) => `${line} ${hostileText}`));

const hostilePlan: EvilPlan = {
  version: hostileText,
  definition: evilDefinition(hostileFile, (line) => `${line} ${hostileText}`),
  status: () => [hostileStatus()],
  step: {
    code: 2,
    message: hostileText,
    details: [
      ["github.com/moby/buildkit/errdefs.Vertex+json", JSON.stringify({ digest: failing })],
      ["github.com/moby/buildkit/errdefs.Source+json", JSON.stringify({ info: { filename: hostileText } })],
      ["gatewayapi.ExitMessage+json", "{{{{ not json"],
      [hostileText, Buffer.from([0xff, 0x00, 0x80])],
    ],
  },
};

test("S01 S02 S03 S04 · escapes in every text field of the engine never reach the terminal, in any pane", async () => {
  await using evil = await Evil.start(hostilePlan, { Dockerfile: hostileFile.join("\n") });
  // No code is made from strings either (S44).
  const env = { NODE_OPTIONS: "--disallow-code-generation-from-strings" };
  const terminal = await evil.loaded({ columns: 120, rows: 40, env });
  terminal.type("c");
  await terminal.untilRow(1, /FAILED/);
  for (const keys of ["2", "3", "6", "8", "1"]) {
    terminal.type(keys);
    await keyed(terminal);
  }
  terminal.type(":error\r");
  await terminal.until(/─ Last error/);
  terminal.key("Escape");
  await terminal.until((rows) => !rows.some((row) => row.includes("─ Last error")));
  terminal.type("q");
  await terminal.left();
  expect(forbiddenIn(terminal.output.slice(0, terminal.output.indexOf("speed ")))).toBeUndefined();
  expect(terminal.output).toContain("owned");
  expect(terminal.modesLeftOn()).toEqual([]);
});

test("S06 · without a terminal, escapes come out as text", async () => {
  await using evil = await Evil.start(hostilePlan, { Dockerfile: hostileFile.join("\n") });
  const { stdout, stderr, exitCode } = await evil.headless();
  expect(forbiddenIn(stdout + stderr)).toBeUndefined();
  expect(stderr).toContain("owned");
  expect(stderr).not.toContain("\u001b");
  expect(exitCode).toBe(1);
});

const esc = "\u001b";
/** Freezes, modes, replies, and a clipboard, as a program in a shell may print them. */
const hostileOutput = [
  ...["b", "@", "P", "X", "L", "M", "S", "T", "I", "Z", "A", "B", "C", "D", "d", "G"].map(
    (end) => `a${esc}[2147483647${end}`,
  ),
  `${esc}[?1049h${esc}[?1003h${esc}[?1006h${esc}[>31u${esc}[?2004h${esc}[?25l${esc}=${esc}[4;1H`,
  `${esc}]52;c;ZXZpbA==\u0007${esc}]0;owned\u0007${esc}]2;owned${esc}\\${esc}]8;;http://evil.example\u0007`,
  `${esc}P${"q".repeat(100_000)}`,
  `${esc}\\${esc}]0;${"owned".repeat(100_000)}`,
  `\u0007${esc}[${"1;".repeat(100_000)}m`,
  `${esc}[6n${esc}[c${esc}[>c${esc}[21t${esc}[18t${esc}P$q"p${esc}\\${esc}]10;?\u0007`,
  hostileText,
].join("\r\n");

test("S09 S12 S13 · what a shell prints neither freezes the program nor reaches the terminal", async () => {
  await using evil = await Evil.start({
    output: function* () {
      for (let round = 0; round < 20; round += 1) yield Buffer.from(hostileOutput);
      yield Buffer.from(`${esc}[?1049l${esc}c\r\nend of it`);
      yield Buffer.from(`${esc}[?1h${esc}=${esc}[?2004h${esc}[?1003h${esc}[?1006h${esc}[>31u`);
    },
  });
  const terminal = await evil.loaded({ columns: 120, rows: 40 });
  terminal.type("c");
  await terminal.untilRow(1, /FINISHED/);
  terminal.type("!");
  await terminal.until(/end of it/);
  expect((await memoryOf(terminal)).most).toBeLessThan(300 * MIB);
  // A program does not get at the clipboard by itself.
  await terminal.until(/set the clipboard\?/);
  await terminal.press("n", (rows) => !/set the clipboard\?/.test(rows.join("\n")));
  const grabbed = ["application cursor keys", "application keypad", "mouse any"];
  const stillGrabbed = (): string[] => grabbed.filter((mode) => terminal.modesLeftOn().includes(mode));
  await terminal.until(() => stillGrabbed().length === grabbed.length);
  terminal.key("Ctrl-]");
  await terminal.until((rows) => !/SHELL/.test(rows.at(-1) ?? ""));
  await terminal.until(() => stillGrabbed().length === 0);
  expect(await keyDelayMs(terminal)).toBeLessThan(1000);
  await terminal.press("q", (rows) => /quit|Quit/i.test(rows.join("\n")) || /LEFT/.test(rows.join("\n")));
  await terminal.press("y", (rows) => /LEFT/.test(rows.join("\n")));
  expect(forbiddenIn(terminal.output.slice(0, terminal.output.indexOf("speed ")))).toBeUndefined();
  expect(terminal.modesLeftOn()).toEqual([]);
});

test("S47 · a context of any name is a path and nothing else", async () => {
  await using evil = await Evil.start({});
  const inside = await mkdtemp(join(evil.context, "$(touch owned)`touch owned`\n; touch owned -o --help "));
  await writeFile(join(inside, "Dockerfile"), "FROM scratch\n");
  const { exitCode, stderr } = await evil.headless(`./${basename(inside)}`);
  expect(exitCode, stderr).toBe(0);
  expect(forbiddenIn(stderr)).toBeUndefined();
  // Neither does it become a command where another program gets it.
  const editor = join(evil.context, "editor");
  const script = `#!/bin/sh\nprintf %s "$#:$1" > '${evil.context}/given'\n`;
  await writeFile(editor, script, { mode: 0o700 });
  const options = { args: [`./${basename(inside)}`], cwd: evil.context, env: { EDITOR: editor } };
  const terminal = await evil.loaded(options);
  terminal.type("e");
  await vi.waitFor(async () => {
    expect(await readFile(join(evil.context, "given"), "utf8")).toBe(`1:${inside}/Dockerfile`);
  }, 20_000);
  terminal.type("q");
  await terminal.left();
  expect(await readdir(inside)).toEqual(["Dockerfile"]);
  const own = [basename(inside), "Dockerfile", "editor", "given"];
  expect((await readdir(evil.context)).sort()).toEqual(own.sort());
});

test.each<[string, EvilPlan["definition"], RegExp]>([
  ["an error of hostile text", { code: 2, message: hostileText }, /owned/],
  [
    "garbage",
    { def: [Buffer.from("garbage"), Buffer.from([0xff])] },
    /malformed|instead of a digest|definition/,
  ],
  ["operations in a circle", circular(), /is used but missing/],
  [
    "too many operations",
    { def: Array.from({ length: limits.vertices + 1 }, () => new Uint8Array()) },
    /limit/,
  ],
])("a definition that is %s is refused in words", async (_, definition, words) => {
  await using evil = await Evil.start(definition === undefined ? {} : { definition });
  const { stderr, exitCode } = await evil.headless();
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(forbiddenIn(stderr)).toBeUndefined();
  expect(exitCode).toBeGreaterThan(0);
});

/** No digest can name itself; the nearest to a circle is an operation before the one that it needs. */
function circular(): pb.Definition.$Properties {
  const definition = evilDefinition();
  const def = definition.def ?? [];
  return { ...definition, def: [...def.slice(0, -1).reverse(), ...def.slice(-1)] };
}

test("what the progress lacks is said", async () => {
  await using evil = await Evil.start({ status: () => [status({ vertexes: [{ digest: "nonsense" }] })] });
  expect((await evil.headless()).stderr).toMatch(/warning: parts of the engine's progress make no sense/);
});

test.each([
  ["cut short", [Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f])]],
  ["over the limit", [Buffer.alloc(limits.messageBytes + MIB)]],
])(
  "S46 · a progress message that is %s ends the progress with a word, not the build",
  async (_, messages) => {
    await using evil = await Evil.start({ status: () => messages });
    const { stderr, exitCode } = await evil.headless();
    expect(stderr).toMatch(/progress broke off, the build goes on without it/);
    expect(exitCode).toBe(0);
  },
);

const { GetSecretRequest } = moby.buildkit.secrets.v1;
const { CredentialsRequest, CredentialsResponse } = moby.filesync.v1;
const { Packet } = fsutil.types;

test("S14 S15 S25 S29 · over the session it gets nothing that the build does not name, and the user hears of it", async () => {
  const answers: string[] = [];
  const given: string[] = [];
  const asking = async (client: EvilClient): Promise<void> => {
    for (const name of ["", "/etc", "../../etc", "context/..", "context\u0000", "home"]) {
      const headers = { "dir-name": encodeURIComponent(name), "dir-name-encoded": "1" };
      const { code } = await client.ask("/moby.filesync.v1.FileSync/DiffCopy", new Uint8Array(), headers);
      answers.push(`dir ${code}`);
    }
    for (const ID of ["other", "../../etc/passwd", "HOME", "PATH", "__proto__", "constructor"]) {
      const { code } = await client.ask(
        "/moby.buildkit.secrets.v1.Secrets/GetSecret",
        GetSecretRequest.encode({ ID }).finish(),
      );
      answers.push(`secret ${code}`);
    }
    for (const Host of ["evil.example", "registry.test", `h${hostileText}`, "x".repeat(MIB)]) {
      const { messages } = await client.ask(
        "/moby.filesync.v1.Auth/Credentials",
        CredentialsRequest.encode({ Host }).finish(),
      );
      given.push(CredentialsResponse.decode(messages[0] ?? new Uint8Array()).Secret ?? "");
    }
    const garbage = await client.ask("/moby.filesync.v1.Auth/Credentials", Buffer.from([0x0a, 0xff]));
    answers.push(`garbage ${garbage.code}`);
    for (const ID of [0, 2 ** 32 - 1]) {
      const request = Packet.encode({ type: 1, ID }).finish();
      const { code, messages } = await client.ask("/moby.filesync.v1.FileSync/DiffCopy", request, {
        "dir-name": "dockerfile",
      });
      answers.push(`file ${code}`);
      expect(messages.join()).not.toContain("hidden");
    }
  };
  await using evil = await Evil.start(
    { session: asking },
    { Dockerfile: "FROM registry.test/image\nRUN one\nRUN two\n", hidden: "hidden" },
  );
  const config = join(evil.context, ".docker");
  const auth = Buffer.from("me:password").toString("base64");
  await mkdir(config);
  const auths = { "registry.test": { auth }, "evil.example": { auth } };
  await writeFile(join(config, "config.json"), JSON.stringify({ auths }));
  const terminal = await evil.loaded({ columns: 120, rows: 40, env: { DOCKER_CONFIG: config } });
  await evil.asked;
  expect(answers.filter((answer) => answer.startsWith("dir"))).toEqual(Array(6).fill("dir 5"));
  expect(answers.filter((answer) => answer.startsWith("secret"))).toEqual(Array(6).fill("secret 5"));
  expect(given).toEqual(["", "password", "", ""]);
  expect(answers.filter((answer) => /(garbage|file) [^0]/.test(answer))).toHaveLength(3);
  terminal.type("3");
  await terminal.until(/credentials for registry\.test were given to the engine/);
  await terminal.until(/asked for credentials for evil\.example, which this build does not name: refused/);
  terminal.type("q");
  await terminal.left();
  expect(terminal.output).not.toContain("password");
  expect(forbiddenIn(terminal.output.slice(0, terminal.output.indexOf("speed ")))).toBeUndefined();
});
