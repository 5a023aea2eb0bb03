/** The files that a step changed, on a terminal. */
import { lstat, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

const SIZES = [
  [80, 24],
  [120, 40],
] as const;

const TREE = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
WORKDIR /app
RUN mkdir -p dist/deep && echo 1 > dist/a.js && echo 22 > dist/deep/b.js && chmod 600 /bin/busybox
RUN exit 3
`;

forEachEngine((engine) => {
  if (engine.keepsFailedState) {
    test.each(SIZES)(
      "scenario 7 · %ix%i: what a failed step changed is listed, with the difference",
      async (columns, rows) => {
        await using fx = await Fx.failed(engine, { columns, rows });
        const { terminal } = fx;
        await terminal.until(/d +files it changed/);
        terminal.type("d");
        await terminal.until(/\[ 5 Files \].* BASE → FAILED ─$/m);
        await terminal.until(/^FILES changed by step 7\/8 \(BASE → FAILED\) +\+1 {2}~1 {2}-0/m);
        await terminal.until(/^> ~ app\/a\.txt +4 B → 8 B$/m);
        await terminal.until(/^ {2}\+ app\/b\.txt +5 B$/m);
        terminal.key("Enter");
        await terminal.until(/^── diff app\/a\.txt ─+ BASE → FAILED ──$/m);
        await terminal.until(/^ {2}1 1 {2}one\n\+ {3}2 {2}two$/m);
        terminal.type("j");
        await terminal.until(/^── diff app\/b\.txt ─[\s\S]*^\+ 1 {2}junk$/m);
        terminal.key("Escape");
        await terminal.until((screen) => !screen.join("\n").includes("── diff"));
      },
    );
  } else {
    test.each(SIZES)(
      "scenario 7 · %ix%i: an engine that keeps no FAILED state says where its files are, and shows BASE",
      async (columns, rows) => {
        await using fx = await Fx.failed(engine, { columns, rows });
        const { terminal } = fx;
        terminal.type("d");
        await terminal.until(/this engine keeps no FAILED state: its files exist only in a shell/);
        await terminal.until(/! +shell on FAILED \(reproduced\)[\s\S]*x +switch to BASE/);
        terminal.type("xa");
        await terminal.until(/^FILES of BASE at step 7\/8[\s\S]*rwxr-xr-x app\/$/m);
      },
    );
  }

  test.each(SIZES)(
    "a step that was passed: its changes fold, and all files are there (%ix%i)",
    async (columns, rows) => {
      await using fx = await Fx.loaded(engine, { columns, rows, dockerfile: TREE });
      const { terminal } = fx;
      terminal.type("c");
      await terminal.untilRow(1, /FAILED step 5\/5/);
      terminal.type("[d");
      await terminal.until(/^FILES changed by step 4\/5 \(BASE → AFTER\)/m);
      await terminal.until(/^> \+ app\/dist\/ +2 files +5 B$/m);
      terminal.type(" ");
      await terminal.until(/^> \+ app\/dist\/.*\n {2}\+ {3}a\.js +2 B\n {2}\+ {3}deep\/b\.js +3 B$/m);
      terminal.type("G");
      terminal.key("Enter");
      await terminal.until(/^> ~ bin\/busybox +mode 755 → 600$[\s\S]*^ {2}the content is the same$/m);
      terminal.type("a");
      await terminal.until(/^FILES of AFTER at step 4\/5[\s\S]*^> ~ rw------- {3}busybox +\d/m);
      terminal.type("x");
      await terminal.until(/^FILES of BASE at step 4\/5/m);
    },
  );

  test("a file is written to the host, and nothing is overwritten without a yes", async () => {
    await using fx = await Fx.loaded(engine);
    const { terminal, context } = fx;
    const target = join(context.path, "copy");
    terminal.type("c");
    await terminal.untilRow(1, /FAILED/);
    // The step that wrote a.txt.
    terminal.type(":6\rd");
    await terminal.until(/^> \+ src\/a\.txt +4 B$/m);
    terminal.type("w");
    await terminal.until(/write a copy to: a\.txt$/m);
    terminal.type(`\u0015${target}\r`);
    await terminal.until(/wrote 4 B to/);
    expect(await readFile(target, "utf8")).toBe("one\n");
    expect((await lstat(target)).mode & 0o777).toBe(0o600);
    await writeFile(target, "mine\n");
    terminal.type(`w\u0015${target}\r`);
    await terminal.until(/Overwrite\?/);
    await terminal.press("\r", /nothing was written/);
    expect(await readFile(target, "utf8")).toBe("mine\n");
    terminal.type(`w\u0015${target}\r`);
    await terminal.until(/Overwrite\?/);
    await terminal.press("y", /wrote 4 B to/);
    expect(await readFile(target, "utf8")).toBe("one\n");
  });
});
