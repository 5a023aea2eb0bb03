/**
 * Who may import whom: the one table. Lint is made from it (`npm run layers`), and test/unit/layers.test.ts holds it against
 * every import, those of types included.
 *
 * A row is a folder or a file of src, what it may import besides itself, and which packages it may use. A file belongs to the
 * longest row that fits. What a folder may import from outside, its inner rows may too; of their own folder they may import
 * the rows that they name, or ABOVE: all that stand above them. So nobody imports upwards, and there is no circle.
 */
export interface Layer {
  /** Of a folder or file, relative to src. */
  readonly path: string;
  /** Rows that it may import besides itself and what its outer row may. */
  readonly may: readonly string[];
  readonly packages: readonly string[];
}

const PORT =
  "engine/engine.ts engine/failures.ts engine/outputs.ts engine/build-sources.ts engine/build-request.ts engine/bundle.ts engine/record.ts engine/state-labels.ts";
const ABOVE = "(all above)";

export const LAYERS: readonly Layer[] = rows([
  ["base", ""],
  ["graph", "base", "dockerfile-ast"],
  ["transport", "base", "@grpc/grpc-js"],
  ["protocol", "base graph transport", "#proto protobufjs"],
  ["session", "base transport protocol", "#proto protobufjs"],

  ["engine", "base graph transport protocol session", "#proto"],
  ["engine/failures.ts", ""],
  ["engine/outputs.ts", ""],
  ["engine/build-sources.ts", ""],
  ["engine/build-request.ts", "engine/outputs.ts engine/build-sources.ts"],
  ["engine/bundle.ts", "engine/build-request.ts"],
  ["engine/engine.ts", "engine/failures.ts engine/outputs.ts engine/build-request.ts engine/bundle.ts"],
  ["engine/record.ts", "engine/engine.ts"],
  ["engine/state-labels.ts", ""],
  ["engine/bundles", PORT],
  ["engine/buildkit", `${PORT} engine/bundles`],
  ["engine/private/system", ""],
  ["engine/private/home", "engine/private/system"],
  ["engine/private/packages", "engine/private/system engine/private/home"],
  ["engine/private/daemon", "engine/private/system engine/private/home engine/private/packages"],
  ["engine/private", ABOVE],
  ["engine/locate/docker", "", "jsonc-parser"],
  ["engine/locate/builders", "engine/private/system engine/private/packages engine/locate/docker"],
  [
    "engine/locate",
    `${PORT} engine/private/system engine/private engine/locate/docker engine/locate/builders`,
  ],
  ["engine/records", `${PORT} engine/bundles engine/buildkit engine/locate/docker engine/locate/builders`],
  ["engine/debug-root", "engine/private/system engine/private/home engine/private/packages"],

  ["debugger", `base graph ${PORT}`],
  ["debugger/progress", ""],
  ["debugger/questions", ""],
  ["debugger/remedies.ts", ""],
  ["debugger/exported.ts", ""],
  ["debugger/cache-use.ts", ""],
  ["debugger/breakpoint-anchor.ts", ""],
  ["debugger/breakpoint.ts", "debugger/breakpoint-anchor.ts"],
  ["debugger/live-position.ts", ""],
  [
    "debugger/debugger.ts",
    "debugger/progress debugger/questions debugger/remedies.ts debugger/exported.ts debugger/cache-use.ts debugger/breakpoint-anchor.ts debugger/breakpoint.ts debugger/live-position.ts",
  ],
  ["debugger/state", "debugger/progress debugger/breakpoint.ts debugger/debugger.ts"],
  ["debugger/files", "debugger/progress debugger/breakpoint.ts debugger/debugger.ts debugger/state"],
  [
    "debugger/breakpoints",
    "debugger/progress debugger/breakpoint-anchor.ts debugger/breakpoint.ts debugger/debugger.ts debugger/state",
  ],
  ["debugger/failures", "debugger/progress debugger/questions debugger/debugger.ts debugger/state"],
  ["debugger/stepping", ABOVE],
  [
    "debugger/shells",
    "debugger/progress debugger/remedies.ts debugger/cache-use.ts debugger/debugger.ts debugger/state debugger/failures debugger/stepping",
  ],
  [
    "debugger/export",
    "debugger/progress debugger/remedies.ts debugger/exported.ts debugger/debugger.ts debugger/state debugger/files debugger/shells",
  ],
  ["debugger/explain", ABOVE],
  ["debugger/runtime.ts", ABOVE],

  ["console", `base graph ${PORT} debugger`],

  ["tui", `base graph ${PORT} debugger console`],
  ["tui/cells", ""],
  ["tui/input", ""],
  ["tui/commands", "tui/input"],
  ["tui/terminal", "tui/cells", "node-pty"],
  ["tui/drawing", "tui/cells"],
  ["tui/emulator", "tui/cells tui/drawing tui/input tui/commands", "@xterm/headless"],
  ["tui/state", "tui/cells tui/drawing tui/commands"],
  ["tui/panes", "tui/cells tui/drawing tui/commands tui/emulator tui/state"],
  ["tui/overlays", "tui/cells tui/drawing tui/commands tui/emulator tui/state", "ink react ink-select-input"],
  ["tui/screen", ABOVE],
  ["tui/controls", ABOVE],
  ["tui/attached", ABOVE],
  ["tui/tui-options.ts", ABOVE],
  ["tui/tui.ts", ABOVE],

  ["attach", `base graph ${PORT} debugger console tui`],

  // Its schema is read by scripts and tests alone: the types of it are all that is imported elsewhere.
  ["answers", `base graph ${PORT} debugger console`, "valibot"],

  [
    "mcp",
    `base graph ${PORT} debugger console answers`,
    "@modelcontextprotocol/sdk/server/index.js @modelcontextprotocol/sdk/types.js @modelcontextprotocol/sdk/shared/stdio.js @modelcontextprotocol/sdk/shared/transport.js zod/v4/core",
  ],

  ["dap", `base graph ${PORT} debugger console answers`, "@vscode/debugprotocol valibot"],

  ["plain", `base graph ${PORT} debugger console`],
  ["plain/lines", "plain"],
  ["json", `base graph ${PORT} debugger console answers plain`],
  ["cli", `base graph ${PORT} debugger console answers mcp dap plain json`, "commander valibot jsonc-parser"],
  ["start", "base"],
  ["main.ts", ABOVE],
]);

function rows(table: readonly (readonly [path: string, may: string, packages?: string])[]): readonly Layer[] {
  const words = (text: string): readonly string[] => text.split(" ").filter((word) => word !== "");
  return table.map(([path, may, packages = ""], index) => {
    const above = table.slice(0, index).map(([other]) => other);
    const own = above.filter((other) => topOf(path) === path || topOf(other) === topOf(path));
    const named = may === ABOVE ? own.filter((other) => other !== topOf(path)) : words(may);
    return { path, may: named, packages: words(packages) };
  });
}

/** E.g. "debugger" of "debugger/state". */
export function topOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** The path is that of the row, or lies in it. */
export function isWithin(path: string, row: string): boolean {
  return path === row || path.startsWith(`${row}/`);
}

/** Of a file relative to src. Undefined when no row has it, which the test of the table refuses. */
export function rowOf(file: string): Layer | undefined {
  return LAYERS.filter(({ path }) => isWithin(file, path)).sort((a, b) => b.path.length - a.path.length)[0];
}

function outer(row: Layer): Layer {
  return LAYERS.find(({ path }) => path === topOf(row.path)) ?? row;
}

export function mayImport(row: Layer, target: Layer): boolean {
  const [own, from] = [row.may, outer(row).may];
  if (row === target || own.includes(target.path)) return true;
  // Whole folders are named from outside.
  return [...own, ...from].some((path) => topOf(path) !== topOf(row.path) && isWithin(target.path, path));
}

/** What is declared for the folder holds in its inner rows too. */
export function packagesOf(row: Layer): readonly string[] {
  return [...new Set([...outer(row).packages, ...row.packages])];
}
