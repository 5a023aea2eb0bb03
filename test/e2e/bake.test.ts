import { chmod, copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildxDirectory } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Terminal } from "../support/terminal.ts";

const BAKE = `
group "default" { targets = ["web", "tool"] }
target "base" { context = "base" }
target "web" {
  contexts = { base = "target:base" }
  description = "the site"
}
target "tool" { dockerfile-inline = "FROM scratch\\nCOPY busybox /b\\n" }
`;

forEachEngine((engine) => {
  /** Named contexts came with BuildKit 0.10. */
  const knowsContexts = engine.version?.startsWith("20.") !== true;
  const PATH = `${buildxDirectory(engine)}:${process.env["PATH"] ?? ""}`;

  test.runIf(knowsContexts)(
    "a target is chosen in a menu, and the file of a linked one is shown, edited and run again",
    async () => {
      await using context = await busyboxContext({
        files: {
          "docker-bake.hcl": BAKE,
          Dockerfile: 'FROM base\nRUN ["/busybox", "cat", "/one"]\n',
          "base/Dockerfile": '# base\nFROM scratch\nCOPY busybox /\nRUN ["/busybox", "touch", "/two"]\n',
          vi: '#!/bin/sh\necho "$@" > edited\n',
        },
      });
      const { path } = context;
      await copyFile(join(path, "busybox"), join(path, "base", "busybox"));
      await Promise.all(["base/busybox", "vi"].map((name) => chmod(join(path, name), 0o755)));
      const env = { PATH, EDITOR: join(path, "vi"), VISUAL: "" };
      await using terminal = await Terminal.start({ engine, args: ["docker-bake.hcl"], cwd: path, env });
      await terminal.until(/Which target\?/);
      await terminal.until(/web {2}the site/);
      // Keys that come together act in turn.
      terminal.type("jj\r");
      await terminal.untilRow(1, /LOADED/);
      await terminal.until(/^ +4 {3}# Target base: Dockerfile$/m);
      terminal.type("c");
      await terminal.untilRow(1, /FAILED step 3\/3 · exit code 1 · line 2$/);
      const file = join(path, "base", "Dockerfile");
      // On the line of the linked target's RUN, counted on behind the build's own file.
      terminal.type("Ge");
      await expect
        .poll(() => readFile(join(path, "base", "edited"), "utf8").catch(() => ""))
        .toBe(`+4 ${file}\n`);
      await writeFile(file, (await readFile(file, "utf8")).replace("two", "one"));
      await terminal.untilRow(1, /file changed, r to rerun/);
      terminal.type("r");
      await terminal.untilRow(1, /PAUSED before step 3\/3 · line 2$/);
      terminal.type("c");
      await terminal.untilRow(1, /FINISHED/);
    },
  );

  test("the menu can be left, with the terminal as it was", async () => {
    await using context = await busyboxContext({ files: { "docker-bake.hcl": BAKE } });
    const options = { engine, args: ["bake"], cwd: context.path, env: { PATH } };
    await using terminal = await Terminal.start(options);
    await terminal.until(/Which target\?/);
    terminal.type("q");
    const { exitCode } = await terminal.left();
    expect(exitCode).toBe(130);
    expect(terminal.screen().join("\n")).not.toMatch(/Which target/);
  });
});
