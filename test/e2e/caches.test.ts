import { randomUUID } from "node:crypto";
import { test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

/** New to the engine each time, so that nothing comes from the build cache. */
function dockerfile(): string {
  const id = randomUUID();
  const cache = `--mount=type=cache,id=${id},target=/c,sharing=locked`;
  return `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN ${cache} echo ${id} > /c/x
RUN ${cache} cat /c/x
`;
}

forEachEngine((engine) => {
  test("a used shell that holds a step's locked cache is ended after a question, then the step runs", async () => {
    await using fx = await Fx.loaded(engine, { dockerfile: dockerfile(), columns: 120, rows: 40 });
    const { terminal } = fx;
    terminal.type("nnn");
    await terminal.untilRow(1, /PAUSED before step 4\/4 · line 5$/);
    terminal.type("!");
    await terminal.until(/root@4\/4 BASE \/ #/);
    terminal.type("cat /c/x\r");
    await terminal.until(/^[0-9a-f]{8}-[0-9a-f-]{27}/m);
    terminal.key("Ctrl-]");
    terminal.type("n");
    await terminal.until(/End the shell\?/);
    await terminal.until(/BASE of step 4 holds the cache "[0-9a-f]{8}-/);
    await terminal.press("y", (rows) => /PAUSED end of stage/.test(rows[0] ?? ""));
  });
});
