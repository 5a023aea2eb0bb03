import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Terminal } from "../support/terminal.ts";

forEachEngine((engine) => {
  test("the Dockerfile is a link: an edit of its target is seen, and the rerun has it", async () => {
    await using context = await busyboxContext({
      files: { "Dockerfile.real": "FROM busybox:1.36\nRUN echo one\nRUN false\n" },
    });
    await symlink("Dockerfile.real", join(context.path, "Dockerfile"));
    await using terminal = await Terminal.start({ engine, args: ["--run", context.path] });
    await terminal.untilRow(1, /FAILED step 3\/3 · exit code 1 · line 3$/);
    const target = join(context.path, "Dockerfile.real");
    await writeFile(target, (await readFile(target, "utf8")).replace("false", "true"));
    await terminal.untilRow(1, /file changed, r to rerun/);
    terminal.type("r");
    await terminal.untilRow(1, /PAUSED before step 3\/3 · line 3$/);
    await terminal.until(/RUN true/);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
  });
});
