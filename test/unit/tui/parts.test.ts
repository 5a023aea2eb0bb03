import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitWords } from "../../../src/base/split-words.ts";
import { byteSize, exactTime, roundTime } from "../../../src/base/words.ts";
import { FileWatch } from "../../../src/console/file-watch.ts";
import { InterruptLadder } from "../../../src/console/interrupt-ladder.ts";
import { createRememberedStore, rememberedPath } from "../../../src/console/remembered-breakpoints.ts";
import { promptUser, shellCandidates, shellPrompt } from "../../../src/debugger/shells/shell-launch.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import { editorCommand, findEditor } from "../../../src/tui/controls/editor.ts";
import { editPrompt } from "../../../src/tui/overlays/prompt-text.ts";
import { execMeta } from "../../support/exec-meta.ts";

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-parts-"));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test("each editor is told the line in its own way", () => {
  const at = (...editor: string[]): readonly string[] =>
    editorCommand(editor, { file: "/b/Dockerfile", line: 11 });
  expect(at("vim")).toEqual(["vim", "+11", "/b/Dockerfile"]);
  expect(at("/usr/bin/nano", "-w")).toEqual(["/usr/bin/nano", "-w", "+11", "/b/Dockerfile"]);
  expect(at("code")).toEqual(["code", "-w", "-g", "/b/Dockerfile:11"]);
  expect(at("code", "--wait")).toEqual(["code", "--wait", "-g", "/b/Dockerfile:11"]);
  expect(at("hx")).toEqual(["hx", "/b/Dockerfile:11"]);
  expect(at("unheard-of")).toEqual(["unheard-of", "/b/Dockerfile"]);
});

test("VISUAL comes before EDITOR, is split like a command line, and nothing at all is an error with a hint", async () => {
  expect(await findEditor({ VISUAL: "code -w", EDITOR: "vi" })).toEqual(["code", "-w"]);
  expect(splitWords(`"/opt/my editor" --flag='a b' c\\ d`)).toEqual(["/opt/my editor", "--flag=a b", "c d"]);
  await expect(findEditor({ PATH: "/nonexistent" })).rejects.toMatchObject({
    code: "not-found",
    hint: /EDITOR/,
  });
});

test("breakpoints are remembered per Dockerfile, in a file that only its owner can read", async () => {
  await inDirectory(async (directory) => {
    const path = join(directory, "state", "breakpoints.json");
    const store = createRememberedStore(path);
    const on = { text: "RUN make", stage: undefined, ordinal: 2, offset: 0 };
    const line = { spec: { kind: "line", line: lineOf(11) }, enabled: true, on } as const;
    const end = { spec: { kind: "stage-end", stage: "app" }, enabled: false } as const;
    await Promise.all([store.save("/a/Dockerfile", [line, end]), store.save("/b/Dockerfile", [end])]);
    const again = createRememberedStore(path);
    expect(await again.load("/a/Dockerfile")).toEqual([line, end]);
    expect(await again.load("/b/Dockerfile")).toEqual([end]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await again.save("/a/Dockerfile", []);
    expect(await readFile(path, "utf8")).not.toContain("/a/");
  });
});

test("a damaged memory counts as empty and entries that make no sense are left out", async () => {
  await inDirectory(async (directory) => {
    const path = join(directory, "breakpoints.json");
    const store = createRememberedStore(path);
    await writeFile(path, "{ not json");
    expect(await store.load("/a")).toEqual([]);
    const entries = [
      { spec: { kind: "line", line: -1 } },
      { spec: 7 },
      { spec: { kind: "stage-end", stage: "app" } },
      { spec: "7", on: { text: 1, ordinal: 0, offset: 0 } },
    ];
    await writeFile(path, JSON.stringify({ dockerfiles: { "/a": entries } }));
    expect(await store.load("/a")).toEqual([
      { spec: { kind: "stage-end", stage: "app" }, enabled: true },
      { spec: { kind: "line", line: 7 }, enabled: true },
    ]);
  });
  expect(rememberedPath({ HOME: "/home/me", XDG_STATE_HOME: "relative" })).toBe(
    "/home/me/.local/state/bktui/breakpoints.json",
  );
});

test("a watched file counts as changed while its content differs, however it was saved", async () => {
  await inDirectory(async (directory) => {
    const file = join(directory, "Dockerfile");
    await writeFile(file, "FROM scratch\n");
    const reports: boolean[] = [];
    using watch = new FileWatch([file, join(directory, ".dockerignore")], (changed) => reports.push(changed));
    await writeFile(file, "FROM busybox\n");
    await expect.poll(() => watch.changed).toBe(true);
    await writeFile(file, "FROM scratch\n");
    await expect.poll(() => watch.changed).toBe(false);
    await writeFile(join(directory, ".dockerignore"), "node_modules\n");
    await expect.poll(() => watch.changed).toBe(true);
    watch.rebase();
    expect(reports).toEqual([true, false, true, false]);
  });
});

test("a file behind a symbolic link is watched where it is, also when the link leads elsewhere later", async () => {
  await inDirectory(async (directory) => {
    for (const name of ["one", "two", "links"]) await mkdir(join(directory, name));
    const [one, two] = [join(directory, "one", "a.txt"), join(directory, "two", "b.txt")];
    await writeFile(one, "FROM scratch\n");
    await writeFile(two, "FROM scratch\n");
    const link = join(directory, "links", "Dockerfile");
    await symlink(one, link);
    using watch = new FileWatch([link], () => undefined);
    await writeFile(one, "FROM busybox\n");
    await expect.poll(() => watch.changed).toBe(true);
    await rm(link);
    await symlink(two, link);
    await expect.poll(() => watch.changed).toBe(false);
    await writeFile(two, "FROM busybox\n");
    await expect.poll(() => watch.changed).toBe(true);
  });
});

test("the ladder of Ctrl-C: pause, cancel, leave; slow presses never leave", () => {
  const quick = new InterruptLadder();
  expect([quick.press(0, "running"), quick.press(500, "pausing"), quick.press(900, "no")]).toEqual([
    "pause",
    "cancel",
    "leave",
  ]);
  const slow = new InterruptLadder();
  expect([slow.press(0, "no"), slow.press(1500, "no"), slow.press(3000, "no")]).toEqual([
    "quit-hint",
    "quit-hint",
    "quit-hint",
  ]);
});

/** No half of a surrogate pair. */
function isWhole(text: string): boolean {
  return Buffer.from(text, "utf8").toString("utf8") === text;
}

test("editing a line never splits a character", () => {
  const keys = [
    "Left",
    "Right",
    "Home",
    "End",
    "Backspace",
    "Delete",
    "Ctrl-w",
    "Ctrl-u",
    "Ctrl-k",
    "é",
    "👍",
    "a",
    " ",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys), { maxLength: 40 }), (pressed) => {
      let input = { text: "", caret: 0 };
      for (const key of pressed) {
        const char = key.length <= 2 && key !== "Up" ? key : undefined;
        input = editPrompt(input, { chord: key, char }) ?? input;
        expect(isWhole(input.text)).toBe(true);
        expect(isWhole(input.text.slice(0, input.caret))).toBe(true);
      }
    }),
  );
});

test("a hostile user name cannot write into the shell's prompt", () => {
  expect(promptUser("app:staff")).toBe("app");
  expect(promptUser("")).toBe("root");
  expect(promptUser("$(reboot)'\u001b[2J")).toBe("user");
  expect(shellPrompt({ user: "0:0", step: 7, steps: 8, side: "failed" })).toBe("root@7/8 FAILED $PWD # ");
});

test("the image's own SHELL comes first, plain sh means bash where there is one", () => {
  const environment = (shell: readonly string[]): Parameters<typeof shellCandidates>[0] => ({
    shell,
    mounts: [],
    meta: execMeta(),
  });
  expect(shellCandidates(environment(["/usr/bin/zsh", "-c"]))[0]).toEqual(["/usr/bin/zsh"]);
  expect(shellCandidates(environment(["/bin/sh", "-c"]))[0]).toEqual(["/bin/bash"]);
  expect(shellCandidates(environment(["/usr/bin/python3", "-c"]))[0]).toEqual(["/bin/bash"]);
});

test("times and sizes read as people write them", () => {
  expect([120, 31_160, 125_000, 3_900_000].map(exactTime)).toEqual(["0.1s", "31.2s", "2m 05s", "1h 05m"]);
  expect([12_900, 125_000].map(roundTime)).toEqual(["12s", "2m 05s"]);
  expect([412, 1_900_000, 38_000_000].map(byteSize)).toEqual(["412 B", "1.9 MB", "38 MB"]);
});

test("breakpoints are remembered with their rules, and one with a rule that nobody understands is left out", async () => {
  await inDirectory(async (directory) => {
    const path = join(directory, "breakpoints.json");
    const list = [
      {
        spec: { kind: "line", line: lineOf(3) },
        rule: { condition: 'ENV.CI == "1"', hits: ">= 2", log: "CI is {CI}" },
        enabled: false,
      },
      { spec: { kind: "data", path: "/a b", change: "changed", matches: "x/y" }, enabled: true },
    ] as const;
    await createRememberedStore(path).save("/Dockerfile", list);
    expect(await createRememberedStore(path).load("/Dockerfile")).toEqual(list);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('ENV.CI == \\"1\\"', "ENV.CI = 1"));
    expect(await createRememberedStore(path).load("/Dockerfile")).toEqual([list[1]]);
  });
});
