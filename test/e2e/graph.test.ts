import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

forEachEngine((engine) => {
  test.each(SIZES)("the graph is walked, run to, and looked into at $columns columns", async (size) => {
    await using fx = await Fx.loaded(engine, { ...size, unique: true });
    const { terminal } = fx;
    terminal.type("7");
    await terminal.until(/7 Graph \][^\n]* \d+ steps · 3 stages ─/);
    await terminal.until(/^base +>· ADD busybox \/bin\/busybox +<── context \.$/m);
    await terminal.until(/^ +· COPY --from=lib \/src\/a\.txt \. +<── lib, app$/m);
    // The step before the COPY and back, then the COPY itself: a breakpoint, its op, its line.
    terminal.type("/COPY --from\r");
    terminal.type("hl");
    terminal.type("b");
    await terminal.until(/^ +· COPY --from=lib \/src\/a\.txt \. +<── lib, app {2}● breakpoint$/m);
    terminal.type("v");
    await terminal.until(/LLB of step 6\/8[\s\S]*"inputs": \[/);
    terminal.key("PageDown");
    await terminal.until(/ {4}"src": "\/src\/a\.txt"/);
    terminal.key("Escape");
    await terminal.until((rows) => !rows.some((row) => row.includes("LLB of step")));
    terminal.key("Enter");
    await terminal.until(/\[ 1 Source \][^\n]* line 9\/11 /);
    // The step before it is run to from the graph, whose cursor then stays with the build.
    terminal.type("7ht");
    await terminal.untilRow(1, /PAUSED before step 5\/8 · line 8$/);
    await terminal.until(/^app +>· WORKDIR \/app +<── base$/m);
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step 6\/8 · line 9$/);
    await terminal.until(/^ +>· COPY --from=lib \/src\/a\.txt \. +<── lib, app {2}● breakpoint$/m);
    expect(terminal.screen().join("\n")).toMatch(/^base {3}✓ ADD busybox/m);
  });
});
