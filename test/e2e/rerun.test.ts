import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

forEachEngine((engine) => {
  test("e opens the editor at the line, and what it saved is rerun", async () => {
    await using editor = await Fx.failed(engine, { env: { EDITOR: "./vi", VISUAL: "" } });
    const { terminal, context } = editor;
    // An editor that shows how it was called, waits for a key and saves.
    const script = '#!/bin/sh\necho "EDITOR $1"\nread -r key\nsed -i s/false/true/ "$2"\necho "$key" > key\n';
    const path = join(context.path, "vi");
    await writeFile(path, script);
    await chmod(path, 0o755);
    terminal.type("e");
    await terminal.until(/^EDITOR \+10$/m);
    terminal.type("typed in the editor\r");
    await terminal.untilRow(1, /file changed, r to rerun/);
    expect(await readFile(join(context.path, "key"), "utf8")).toBe("typed in the editor\n");
    terminal.type("r");
    await terminal.untilRow(1, /PAUSED before step 7\/8 · line 10$/);
  });

  test("a line the engine does not understand is shown at its place, and saving a fix loads it", async () => {
    const dockerfile = 'FROM scratch AS base\nADD busybox /bin/busybox\nRUNN ["/bin/busybox"]\n';
    await using fx = await Fx.open(engine, { dockerfile });
    const { terminal } = fx;
    await terminal.untilRow(1, /ERROR line 3$/);
    await terminal.until(/^ +3 [^\n]*RUNN [\s\S]*unknown instruction RUNN, did you mean RUN\?/m);
    await fx.edit((text) => text.replace("RUNN", "RUN"));
    await terminal.untilRow(1, /LOADED · nothing has run yet$/);
  });

  test("a target that is not there is named, and another can be chosen", async () => {
    await using fx = await Fx.open(engine, { args: ["--target", "nope"] });
    const { terminal } = fx;
    await terminal.untilRow(1, /ERROR/);
    await terminal.until(/✗ no stage "nope"/);
    terminal.type("T");
    await terminal.until(/│ Target stage[\s\S]*base +from scratch[\s\S]*lib +from base[\s\S]*app +from base/);
    terminal.key("Down", "Enter");
    await terminal.untilRow(1, /^ bktui Dockerfile:lib .* LOADED · nothing has run yet$/);
  });
});
