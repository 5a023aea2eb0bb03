/** What bktui itself writes: to the terminal, to files, to the engine. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { testEngines } from "../support/engines.ts";
import { Evil, keyed } from "../support/evil.ts";
import { Fx } from "../support/fx.ts";
import { familyOf } from "../support/processes.ts";

const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));
const esc = "\u001b";

test("S05 · a thousand sizes and a hundred redraws leave what has scrolled away alone", async () => {
  await using evil = await Evil.start({});
  const terminal = await evil.loaded({ columns: 100, rows: 30 });
  for (let round = 0; round < 1000; round += 1) {
    terminal.resize(60 + ((round * 7) % 80), 16 + ((round * 5) % 30));
    if (round % 100 === 99) await keyed(terminal);
  }
  for (let round = 0; round < 100; round += 1) terminal.type("\u000c");
  terminal.resize(101, 33);
  await keyed(terminal);
  await terminal.untilRow(1, /LOADED/);
  // Sizes that come at once are one frame; each look at the help is two more.
  expect(terminal.output.split(`${esc}[?2026h`).length).toBeGreaterThan(22);
  expect(terminal.output).not.toContain(`${esc}[3J`);
});

test("S22 · every file and directory that bktui leaves is the user's alone, under umask 000", async () => {
  const home = await mkdtemp(join(tmpdir(), "bktui-modes-"));
  try {
    await using evil = await Evil.start({});
    const terminal = await evil.terminal({
      command: "sh",
      args: ["-c", 'umask 000; exec "$@"', "sh", process.execPath, program, evil.context],
      env: { XDG_STATE_HOME: join(home, "state"), XDG_CACHE_HOME: join(home, "cache") },
    });
    await terminal.untilRow(1, /LOADED/);
    terminal.type("b");
    await terminal.until(/^●/m);
    terminal.type(":error\r");
    await terminal.until(/─ Last error/);
    terminal.key("Escape");
    await terminal.press("q", (rows) => /LEFT/.test(rows.join("\n")));
    const names = (await readdir(home, { recursive: true })).map((name) => join(home, name));
    const open = await Promise.all(
      names.map(async (name) => (((await stat(name)).mode & 0o077) === 0 ? [] : [name])),
    );
    expect(names.length).toBeGreaterThan(4);
    expect(open.flat()).toEqual([]);
  } finally {
    await rm(home, { recursive: true });
  }
});

test("S42 · all that bktui runs to debug is asked for as internal, which leaves no record in the engine's history", async () => {
  const internal: (boolean | null | undefined)[] = [];
  await using evil = await Evil.start({ solving: ({ Internal }) => internal.push(Internal) });
  const terminal = await evil.loaded();
  terminal.type("c");
  await terminal.untilRow(1, /FINISHED/);
  terminal.type("r");
  await terminal.untilRow(1, /LOADED|PAUSED|FINISHED/);
  expect(internal.length).toBeGreaterThan(0);
  expect(internal.every((value) => value === true)).toBe(true);
});

const [newest] = testEngines();

test("S28 · a secret's value is in no command line, and in no environment but the one that brought it", async () => {
  if (newest === undefined) throw new Error("no engine");
  const [fromFile, fromVariable] = ["value-of-a-file-7391", "value-of-a-variable-7391"];
  const dockerfile = `FROM scratch
ADD busybox /bin/busybox
RUN --mount=type=secret,id=a --mount=type=secret,id=b ["/bin/busybox","sleep","8642"]
`;
  const directory = await mkdtemp(join(tmpdir(), "bktui-secret-"));
  try {
    await writeFile(join(directory, "a"), fromFile, { mode: 0o600 });
    const args = ["--secret", `id=a,src=${join(directory, "a")}`, "--secret", "id=b,env=TOKEN"];
    await using fx = await Fx.loaded(newest, { dockerfile, args, env: { TOKEN: fromVariable } });
    fx.terminal.type("c");
    await fx.terminal.untilRow(1, /RUNNING step 2\/2/);
    const pid = await fx.terminal.pid();
    const family = await familyOf(pid);
    // The watcher, at least.
    expect(family.length).toBeGreaterThan(1);
    for (const member of family) {
      const [line, environment] = await Promise.all([
        readFile(`/proc/${member}/cmdline`, "utf8"),
        readFile(`/proc/${member}/environ`, "utf8"),
      ]);
      expect(line + environment).not.toContain(fromFile);
      expect(line + (member === pid ? "" : environment), line).not.toContain(fromVariable);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});
