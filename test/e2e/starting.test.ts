import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { keptCodeIn } from "../support/kept-code.ts";
import { ServedBuild } from "../support/served-build.ts";

forEachEngine((engine) => {
  test("keys that come while the first menu is being made choose in it", async () => {
    await using fx = await Fx.loaded(engine);
    fx.terminal.type("Tk\r");
    await fx.terminal.untilRow(1, /^ bktui Dockerfile:lib .* LOADED/);
  });

  test("a run leaves its compiled code for the next one, which does without it when it is damaged", async () => {
    const home = await mkdtemp(join(tmpdir(), "bktui-cache-"));
    const code = join(home, "bktui", "code");
    const start = async (): Promise<void> => {
      await using fx = await Fx.loaded(engine, { env: { XDG_CACHE_HOME: home } });
      fx.terminal.type("q");
      await fx.terminal.left();
    };
    try {
      await start();
      const [name = "", ...more] = await readdir(code);
      expect(more).toEqual([]);
      const file = join(code, name);
      const { ino } = await stat(file);
      await start();
      expect((await stat(file)).ino, "a code that is used stays as it is").toBe(ino);
      const damaged = (await readFile(file)).fill(0, 1000, 2000);
      await writeFile(file, damaged);
      await start();
      expect((await readFile(file)).equals(damaged)).toBe(false);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  test("so does a terminal that is attached", async () => {
    const home = await mkdtemp(join(tmpdir(), "bktui-cache-"));
    try {
      await using served = await ServedBuild.start(engine);
      const visit = async (): Promise<number> => {
        await using terminal = await served.shell({ env: { XDG_CACHE_HOME: home } });
        await terminal.until(/no \/bin\/sh here/);
        terminal.key("Ctrl-]");
        await terminal.left();
        return (await keptCodeIn(join(home, "bktui", "code"), "attach")).inode;
      };
      const first = await visit();
      expect(await visit(), "a code that is used stays as it is").toBe(first);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
