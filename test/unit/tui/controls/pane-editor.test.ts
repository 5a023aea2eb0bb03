import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PaneEditor } from "../../../../src/tui/controls/pane-editor.ts";
import type { ShellSink } from "../../../../src/tui/input/router.ts";
import type { StartLocal } from "../../../../src/tui/terminal/local-pty.ts";
import { startLocal } from "../../../../src/tui/terminal/local-pty.ts";
import { FX_TEXT, fxProgram } from "../../../support/graphs.ts";
import { ScreenFixture } from "../../../support/screen-fixture.ts";

function loaded(): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT);
  screen.launch();
  return screen.opened(fxProgram());
}

function editorOn(screen: ScreenFixture, start: StartLocal | undefined) {
  const given: ShellSink[] = [];
  const editor = new PaneEditor({
    app: () => screen.controller,
    keyboard: {
      hold: () => undefined,
      give: (sink) => given.push(sink),
      take: () => undefined,
      mirror: () => undefined,
    },
    start,
    color: () => true,
    onPaint: () => undefined,
  });
  return { editor, type: (text: string) => given.at(-1)?.write(Buffer.from(text)) };
}

test("an editor in the pane is shown, gets the keys, writes the file, and its pane closes with it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bktui-editor-"));
  const file = join(directory, "Dockerfile");
  await writeFile(file, "FROM scratch\n");
  await using screen = loaded();
  const { editor, type } = editorOn(screen, startLocal);
  try {
    const script =
      'stty -echo; printf "editing %s at $(stty size)\\n" "$1"; read -r line; printf "%s\\n" "$line" > "$1"';
    await editor.open({ command: ["sh", "-c", script, "sh", file], cwd: directory, env: process.env });
    const { columns, rows } = screen.controller.view().layout.lower ?? { columns: 0, rows: 0 };
    const shown = (): string => editor.emulator?.rows({ columns, rows }).join("").trim() ?? "closed";
    await expect.poll(() => shown().replaceAll("\n", "")).toMatch(/at \d+ 80$/);
    expect(screen.controller.ui).toMatchObject({ focus: "editor", keyboard: "editor" });
    expect(screen.rows().at(-1)).toContain("EDITOR: every key goes to the editor");
    type("FROM déjà\r");
    await expect.poll(shown).toBe("closed");
    expect(await readFile(file, "utf8")).toBe("FROM déjà\n");
    expect(screen.controller.ui).toMatchObject({ focus: "source", lower: "log", keyboard: "debugger" });
  } finally {
    editor[Symbol.dispose]();
    await rm(directory, { recursive: true, force: true });
  }
});

test("where no terminal can be made the error says what to set instead, and the pane is closed again", async () => {
  await using screen = loaded();
  const { editor } = editorOn(screen, undefined);
  await expect(editor.open({ command: ["vi"], cwd: "/", env: {} })).rejects.toMatchObject({
    code: "unsupported",
    hint: ":set editor terminal gives it the whole terminal",
  });
  expect(screen.controller.ui).toMatchObject({ focus: "source", lower: "log", keyboard: "debugger" });
});
