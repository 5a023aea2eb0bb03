import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

forEachEngine((engine) => {
  test.each([
    [80, 24],
    [120, 40],
  ])("a project opens before its first step, without a dialog (%ix%i)", async (columns, rows) => {
    await using fx = await Fx.loaded(engine, { columns, rows });
    const screen = fx.terminal.screen();
    expect(screen[0]).toMatch(/^ bktui Dockerfile:app .* LOADED · nothing has run yet$/);
    expect(screen.find((row) => row.includes("ADD busybox"))).toMatch(/^ > +2 · ADD busybox \/bin\/busybox/);
    expect(screen.at(-1)).toMatch(/^ n next .*\? help$/);
    expect(screen.some((row) => row.includes("2 Steps"))).toBe(columns >= 110);
    expect(screen.join("")).not.toMatch(/[┌└]/);
  });

  test("a key typed before the file is loaded is not lost", async () => {
    await using fx = await Fx.open(engine);
    fx.terminal.type("n");
    await fx.terminal.untilRow(1, /PAUSED before step 2\/8 · line 3$/);
    expect(fx.terminal.screen().join("\n")).toMatch(/^ +2 [✓=] ADD busybox/m);
  });

  test("into goes to the stage that is copied from, finish comes back", async () => {
    await using fx = await Fx.loaded(engine, { args: ["-b", "9"] });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step 6\/8 · line 9$/);
    terminal.type("s");
    await terminal.untilRow(1, /PAUSED before step 3\/8 · line 5$/);
    terminal.type("f");
    await terminal.untilRow(1, /PAUSED before step 6\/8 · line 9$/);
    await terminal.until(/^ +5 [✓=] WORKDIR \/src[\s\S]*^ +6 [✓=] RUN echo one/m);
    expect(terminal.screen().join("\n")).toMatch(/^●> +9 · COPY --from=lib/m);
  });

  test("a breakpoint on a line that runs nothing moves, and says so", async () => {
    await using fx = await Fx.loaded(engine);
    const { terminal } = fx;
    terminal.type(":4\r");
    await terminal.until(/─ [^─]*line 4\/11 ─/);
    terminal.type("b");
    await terminal.until(/^● +5 [\s\S]*line 4 runs nothing: breakpoint moved to line 5/m);
    terminal.type("6");
    await terminal.until(/\[ 6 Breaks \][\s\S]*^> +1 +● .*:4 -> .*5.* moved/m);
  });

  test("a breakpoint at the end of a stage shows what the stage made", async () => {
    await using fx = await Fx.open(engine, { args: ["-b", "app:end"] });
    const { terminal } = fx;
    await terminal.untilRow(1, /LOADED/);
    await fx.edit((text) => text.replace("false", "true"));
    await terminal.untilRow(1, /file changed, r to rerun/);
    terminal.type("r");
    await terminal.untilRow(1, /LOADED · nothing has run yet$/);
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED end of stage app$/);
    terminal.type("!");
    await fx.prompt("AFTER");
    terminal.type("ls\r");
    await terminal.until(/^Dockerfile +a\.txt +b\.txt$/m);
    await terminal.until(/AFTER state .* \/app · root/);
  });

  test("Ctrl-C pauses after the running step, twice cancels it, and it can be run again", async () => {
    const dockerfile = 'FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox","sleep","300"]\n';
    await using fx = await Fx.loaded(engine, { dockerfile, unique: true });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 2\/2 · \d+s · line 3$/);
    terminal.key("Ctrl-C");
    await terminal.untilRow(1, /PAUSING after step 2$/);
    terminal.key("Ctrl-C");
    await terminal.untilRow(1, /PAUSED before step 2\/2 · line 3$/);
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 2\/2 · \d+s · line 3$/);
    terminal.type("q");
    await terminal.until(/┌─ Quit\?[\s\S]*Step 2\/2 is running and will be cancelled/);
    await terminal.press("y", () => /LEFT/.test(terminal.output));
    expect((await terminal.left()).exitCode).toBe(1);
  });

  test("a paste into the debugger runs nothing", async () => {
    await using fx = await Fx.loaded(engine);
    const { terminal } = fx;
    terminal.paste("q\ny\n");
    await terminal.until(/paste ignored \(4 characters\)/);
    terminal.type("n");
    await terminal.untilRow(1, /PAUSED before step 2\/8/);
  });

  test("the screen follows the window's size", async () => {
    await using fx = await Fx.open(engine);
    const { terminal } = fx;
    terminal.type("nn");
    await terminal.untilRow(1, /PAUSED end of stage base$/);
    terminal.type("n");
    await terminal.until(/PAUSED before step 3\/8[\s\S]*^ > +5 · WORKDIR[\s\S]*^── paused before step 3\/8/m);
    await terminal.until((rows) => rows.at(-1)?.startsWith(" n next") === true);
    const before = terminal.screen();
    terminal.resize(200, 60);
    await terminal.until((rows) => rows.length === 60 && rows.some((row) => /2 Steps/.test(row)));
    await terminal.until((rows) => rows.at(-1)?.endsWith("? help") === true);
    terminal.resize(40, 10);
    await terminal.until((rows) => rows.length === 10 && rows.some((row) => /^ > +5 · WORKDIR/.test(row)));
    terminal.resize(20, 5);
    await terminal.until(
      (rows) => rows.filter((row) => row !== "").length <= 2 && /PAUSED/.test(rows.join("")),
    );
    terminal.resize(80, 24);
    await terminal.until((rows) => rows.join("\n") === before.join("\n"));
  });
});
