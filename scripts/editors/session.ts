/** What a session of an editor is given. */
import { Terminal } from "../../test/support/terminal.ts";

export interface Place {
  readonly home: string;
  /** The directory with the Dockerfile. */
  readonly project: string;
  readonly repository: string;
  readonly hasNvimDap: boolean;
  /** Of programs among the editors. */
  readonly env: Readonly<Record<string, string>>;
  /** The program under test. */
  readonly bktui: string;
  /** Words that run a command among the editors, in the project. */
  inside(command: readonly string[]): readonly [string, ...string[]];
  /** Puts a file of demo/editors where an editor looks for it, below ~/.config. */
  configured(from: string, to: string): Promise<void>;
  /** A file beside the project; "" when it is not there. */
  read(name: string): Promise<string>;
  path(name: string): string;
}

/** @throws {Error} with the screen when something was not seen. */
export type EditorSession = (place: Place, say: (line: string) => void) => Promise<void>;

const COLUMNS = 160;
const ROWS = 50;
const WAIT_MS = 30_000;

export async function terminalOf(
  place: Place,
  command: readonly string[],
  waitMs = WAIT_MS,
): Promise<Terminal> {
  const [program, ...args] = place.inside(command);
  return await Terminal.start({ command: program, args, columns: COLUMNS, rows: ROWS, waitMs });
}

const printed = new WeakMap<Terminal, readonly string[]>();

/** Waits for a pattern on the screen, and prints the rows that are new. */
export async function see(
  terminal: Terminal,
  {
    what,
    pattern,
    say,
  }: { readonly what: string; readonly pattern: RegExp; readonly say: (line: string) => void },
): Promise<void> {
  const rows = await terminal.until(pattern);
  const before = printed.get(terminal) ?? [];
  printed.set(terminal, rows);
  say(`--- ${what}`);
  for (const [at, row] of rows.entries()) if (/\w/.test(row) && row !== before[at]) say(`| ${row}`);
}
