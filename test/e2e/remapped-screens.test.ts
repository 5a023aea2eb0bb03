/** The pictured screens under somebody else's keys: no sentence on them, live shells included, names a usual key. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { SIZES } from "../support/fx.ts";
import { programHome } from "../support/kept-code.ts";
import { namesKey } from "../support/key-names.ts";
import { OTHER_KEYS, withoutFixedKeys } from "../support/other-keys.ts";
import { screens } from "../support/pictured-screens.ts";
import type { TestEngine } from "../support/test-engine.ts";

/**
 * The other key stands first, so that it is the one that is named; the usual ones still work, for the way to the screen.
 * The help lists all keys of a command: with none but the other ones it is in test/unit/tui/commands/remapped-keys.test.ts.
 */
const WITH_OTHER_KEYS = JSON.stringify({
  keys: Object.fromEntries(OTHER_KEYS.map(({ command, key, usual }) => [command, [key, ...usual]])),
});
/** What is on those screens besides bktui's own words: a shell's greeting, changed files, dialogs' own keys, all ways out of a shell. */
const NOT_OURS = [/^Enter 'h(elp')?/, /^ *\+ .*/, /│ {3}[yn] {2,}.*│/, / or Ctrl-\] or F12/];

/** An engine that keeps no FAILED state has no differences to list and tells of none; its other screens differ in a few sentences. */
function shownOn({ keepsFailedState }: TestEngine) {
  const shown = screens.filter(
    ({ name }) => name !== "H-help" && (keepsFailedState || !["E-files", "K-demo"].includes(name)),
  );
  const sizes = keepsFailedState ? SIZES : SIZES.slice(0, 1);
  return shown.flatMap((screen) => sizes.map(([size, cells]) => ({ screen, size, cells })));
}

function ours(row: string): string {
  return NOT_OURS.reduce((rest, theirs) => rest.replace(theirs, ""), withoutFixedKeys(row));
}

forEachEngine((engine) => {
  test.for(shownOn(engine))("$screen.name at $size", async ({ screen, cells }) => {
    await using home = await programHome();
    const config = join(home.path, "config.json");
    await writeFile(config, WITH_OTHER_KEYS);
    await using fx = await screen.reach(engine, { ...cells, args: ["--config", config], unique: true });
    const rows = fx.terminal.screen();
    expect(rows.join("\n")).toMatch(/[\u0430-\u04ff]/);
    expect(rows.map(ours).filter(namesKey)).toEqual([]);
  });
});
