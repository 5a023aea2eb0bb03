import { type ChildProcess, spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { ShellProcess } from "../../../../src/debugger/shells/shell-process.ts";
import { type ShellScript, SignFilter, shellScript } from "../../../../src/debugger/shells/shell-script.ts";
import type { Process } from "../../../../src/engine/engine.ts";

const MARK = "bktui-mark";
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  }
});

/** Also what keeps the script there. */
function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, "SIGKILL");
}

/** The script of a shell by lines, on this machine. */
function run(role: ShellScript["role"], shells: ShellScript["shells"], args: readonly string[] = []) {
  const script = shellScript({ mark: MARK, shells, known: new Set(["A"]), joined: true, role });
  const child = spawn("/bin/sh", ["-c", script, "sh", ...args], {
    detached: true,
    env: { PATH: "/usr/bin:/bin", A: "it's", PWD: "/elsewhere" },
  });
  children.push(child);
  const output = new PassThrough();
  child.stdout.pipe(output);
  const engineProcess: Process = {
    write: (data) => void child.stdin.write(data),
    endInput: () => void child.stdin.end(),
    resize: () => undefined,
    pause: () => output.pause(),
    resume: () => output.resume(),
    onData: (listener) => void output.on("data", listener),
    exited: new Promise((resolve) =>
      child.on("close", (code, signal) => resolve(code ?? (signal === null ? 0 : 137))),
    ),
  };
  const reproduces = role.kind === "first" && role.again !== undefined;
  const shell = new ShellProcess(engineProcess, {
    mark: MARK,
    lineEnd: "\n",
    reproduces,
    answered: role.kind === "further",
  });
  const text: string[] = [];
  shell.onData((chunk) => text.push(Buffer.from(chunk).toString()));
  return { child, shell, scriptEnded: engineProcess.exited, said: () => text.join("") };
}

test("a first shell that ends badly leaves the script there, with a word of its exit code", async () => {
  const { child, shell, scriptEnded, said } = run({ kind: "first", again: undefined }, [
    ["/no/such"],
    ["/bin/sh"],
  ]);
  expect([await shell.begun, await shell.shell]).toEqual([child.pid, 1]);
  shell.write(Buffer.from('echo "$A"; echo bad >&2; env | grep -c -e ^OLDPWD= -e ^SHLVL=; exit 7\n'));
  expect(await shell.exited).toBe(7);
  expect(said()).toBe("it's\nbad\n0\n");
  child.kill("SIGTERM");
  child.kill("SIGINT");
  expect(child.exitCode).toBeNull();
  killGroup(child);
  expect(await scriptEnded).toBe(137);
});

test("a further shell begins in its directory, or says that it cannot, and its script ends well", async () => {
  const there = run({ kind: "further", directory: "/usr" }, [["/bin/sh"]]);
  there.shell.write(Buffer.from("pwd; kill -9 $$\n"));
  expect(await there.shell.exited).toBe(137);
  expect(await there.scriptEnded).toBe(0);
  expect(there.said()).toMatch(/^\/usr\n(Killed\n)?$/);
  const gone = run({ kind: "further", directory: "/no/such" }, [["/bin/sh"]]);
  gone.shell.write(Buffer.from("pwd; exit\n"));
  expect(await gone.scriptEnded).toBe(0);
  expect(gone.said()).toBe("/no/such cannot be entered; this is /\n/\n");
});

test("says when none of the shells is there", async () => {
  const { shell, scriptEnded } = run({ kind: "further", directory: "/" }, [["/no/such"]]);
  await expect(shell.shell).rejects.toThrow("none of the shells ran");
  expect(await scriptEnded).toBe(0);
});

test("a command that runs again sees its own environment and no input; the shell after it gets what is typed", async () => {
  const again = {
    args: ["/bin/sh", "-c", 'read -r line; printf "[$line][$A][$X]"; exit 3'],
    env: ["X=a 'b' $PWD"],
  };
  const { shell, said } = run({ kind: "first", again }, [["/bin/sh"]], again.args);
  shell.write(Buffer.from('echo "$X"; exit\n'));
  expect(await shell.exited).toBe(0);
  expect(said().split("\n").slice(1)).toEqual([
    "[][it's][]",
    "attempt 2 failed with exit code 3; the shell opens where it left off",
    "a 'b' $PWD",
    "",
  ]);
});

test.each([1, 2, 5, 100])("signs are taken out of chunks of %i bytes, and nothing else", (size) => {
  const filter = new SignFilter(MARK);
  const sign = (text: string): string => `\u001f${MARK}${text}`;
  const text = `a${sign("@12\r\r\n")}\u001fb${sign("x\n")} é\u001fbktui ${sign("=7\n")}c${sign("=")}`;
  const bytes = Buffer.from(text);
  const parts: unknown[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(...filter.push(bytes.subarray(at, at + size)));
  const words = parts.filter((part) => part instanceof Uint8Array);
  expect(Buffer.concat(words).toString()).toBe(`a\u001fb${sign("x\n")} é\u001fbktui c`);
  expect(parts.filter((part) => !(part instanceof Uint8Array))).toEqual([
    { kind: "begun", group: 12 },
    { kind: "ended", code: 7 },
  ]);
});

test("what is typed is shown at once: only the beginning of a sign is held back", () => {
  const shown = [...new SignFilter(MARK).push(Buffer.from("$ bktui-mar"))];
  expect(Buffer.concat(shown.filter((part) => part instanceof Uint8Array)).toString()).toBe("$ bktui-mar");
});
