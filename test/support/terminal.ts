/** A terminal window as a person has it: the built program on a real pty, its output drawn by an emulator. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import xterm from "@xterm/headless";
import type { IPty } from "node-pty";
import { engineVariables } from "./engine-variables.ts";
import { type ProgramHome, programHome } from "./kept-code.ts";
import { programEnvironment } from "./program-environment.ts";
import { type StyledText, styledRows } from "./styled-text.ts";
import type { TestEngine } from "./test-engine.ts";

const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));

/** Long enough for a machine that does much else; a condition that holds ends the wait at once. */
const WAIT_MS = 25_000;
const PRESS_MS = 250;
/** What the shell says when bktui has ended. */
const ENDING = /\r\nLEFT (\d+)\r\n/;
// Ctrl-C outside of raw mode reaches this shell as well.
const PLAIN_SHELL = 'trap : INT; "$@"; code=$?; stty -a; printf "\\nLEFT %s\\n" "$code"; exec sleep 1000';
// As a person's shell: a stopped job waits in the background until it is called back, which a line end does here.
const JOB_SHELL = `set -m; before=$(stty -g); "$@"; code=$?
while [ "$code" = 148 ]; do
  [ "$(stty -g)" = "$before" ] && now=same || now=changed
  printf "\\nSTOPPED settings: %s\\n" "$now"; read -r line; fg >/dev/null; code=$?
done
stty -a; printf "\\nLEFT %s\\n" "$code"; exec sleep 1000`;

const KEYS = {
  Enter: "\r",
  Escape: "\u001b",
  Tab: "\t",
  "S-Tab": "\u001b[Z",
  Up: "\u001b[A",
  Down: "\u001b[B",
  Right: "\u001b[C",
  Left: "\u001b[D",
  PageUp: "\u001b[5~",
  PageDown: "\u001b[6~",
  F5: "\u001b[15~",
  F10: "\u001b[21~",
  F12: "\u001b[24~",
  "Ctrl-C": "\u0003",
  "Ctrl-D": "\u0004",
  "Ctrl-Z": "\u001a",
  "Ctrl-]": "\u001d",
} as const;

export type KeyName = keyof typeof KEYS;

/** What must hold on the screen: a pattern over its rows joined by line ends, or a question about the rows. */
export type ScreenCondition = RegExp | ((rows: readonly string[]) => boolean);

export interface TerminalOptions {
  /** Of bktui, or of `command`. */
  readonly args: readonly string[];
  /** Runs in the terminal instead of bktui. */
  readonly command?: string;
  /** The engine that is used; undefined = the environment names none. */
  readonly engine?: TestEngine;
  readonly cwd?: string;
  /** Added to a small environment of its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: 80. */
  readonly columns?: number;
  /** Default: 24. */
  readonly rows?: number;
  /** The shell around it has job control: Ctrl-Z stops bktui, `callBack` makes it go on. */
  readonly jobControl?: boolean;
  /** How long a condition may take to hold. Default: 25 s. */
  readonly waitMs?: number;
}

/** How bktui left its terminal. */
export interface Leaving {
  /** As the shell sees it: 128 and more after a signal. */
  readonly exitCode: number;
  /** `stty -a` right after it ended. */
  readonly settings: string;
}

/**
 * bktui under a shell on a pty of its own. The shell stays until the terminal is disposed, so that what bktui left
 * behind can be looked at.
 */
export class Terminal implements AsyncDisposable {
  readonly #pty: IPty;
  readonly #emulator: InstanceType<typeof xterm.Terminal>;
  readonly #home: ProgramHome;
  readonly #waitMs: number;
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<void>;
  #output = "";
  #stops = 0;
  /** How much of the output is on the screen. */
  #drawn = 0;

  private constructor(pty: IPty, home: ProgramHome, waitMs: number) {
    this.#waitMs = waitMs;
    this.#pty = pty;
    this.#home = home;
    const { cols, rows } = pty;
    this.#emulator = new xterm.Terminal({ cols, rows, allowProposedApi: true, logLevel: "off" });
    // A terminal answers what programs ask it.
    this.#emulator.onData((answer) => pty.write(answer));
    pty.onData((data) => {
      this.#output += data;
      const drawn = this.#output.length;
      this.#emulator.write(data, () => {
        this.#drawn = drawn;
        this.#look();
      });
    });
    this.#ended = new Promise((resolve) => pty.onExit(() => resolve()));
  }

  static async start(options: TerminalOptions): Promise<Terminal> {
    // Loaded here, so that a machine without it fails with its reason.
    const { spawn } = await import("node-pty");
    const home = await programHome(options.env);
    const script = options.jobControl === true ? JOB_SHELL : PLAIN_SHELL;
    const command = options.command === undefined ? [process.execPath, program] : [options.command];
    const pty = spawn("sh", ["-c", script, "sh", ...command, ...options.args], {
      cols: options.columns ?? 80,
      rows: options.rows ?? 24,
      cwd: options.cwd ?? home.path,
      // `CI` is not in it: Ink would draw one frame only.
      env: {
        ...programEnvironment(),
        HOME: home.path,
        TERM: "xterm-256color",
        LANG: "C.UTF-8",
        ...engineVariables(options.engine),
        ...options.env,
      },
    });
    return new Terminal(pty, home, options.waitMs ?? WAIT_MS);
  }

  /** Everything that was written to the terminal so far. */
  get output(): string {
    return this.#output;
  }

  /** The rows as a person sees them, without trailing blanks. */
  screen(): readonly string[] {
    const { active } = this.#emulator.buffer;
    return Array.from({ length: this.#emulator.rows }, (_, row) => {
      // Lines keep cells beyond the edge after the window was made smaller.
      return (
        active
          .getLine(active.viewportY + row)
          ?.translateToString(true, 0, this.#emulator.cols)
          .trimEnd() ?? ""
      );
    });
  }

  /** The screen's cells with their colours, for pictures. */
  styled(): readonly (readonly StyledText[])[] {
    return styledRows(this.#emulator, { cursor: !this.#isCursorHidden });
  }

  /** Counted from 1, as people do. */
  row(number: number): string {
    return this.screen()[number - 1] ?? "";
  }

  /** Whether a cell of a row (from 1) that holds `text` is drawn in inverse video. */
  isInverse(rowNumber: number, text: string): boolean {
    const line = this.#emulator.buffer.active.getLine(this.#emulator.buffer.active.viewportY + rowNumber - 1);
    const column = line?.translateToString(false).indexOf(text) ?? -1;
    return column >= 0 && line?.getCell(column)?.isInverse() !== 0;
  }

  /** Column and row of the cursor, from 1. */
  get cursor(): { readonly column: number; readonly row: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { column: cursorX + 1, row: cursorY + 1 };
  }

  /** Waits until the screen fulfils the condition; fails with the screen as it is then. */
  async until(condition: ScreenCondition): Promise<readonly string[]> {
    await this.#until(
      () => this.#shows(condition),
      () => `the screen never showed ${condition}`,
    );
    return this.screen();
  }

  #shows(condition: ScreenCondition): boolean {
    return condition instanceof RegExp ? condition.test(this.screen().join("\n")) : condition(this.screen());
  }

  /** Waits until row `number` (from 1) matches. */
  async untilRow(number: number, pattern: RegExp): Promise<string> {
    await this.#until(
      () => pattern.test(this.row(number)),
      () => `row ${number} never matched ${pattern}`,
    );
    return this.row(number);
  }

  /** Waits until the row with the cursor matches, and the cursor is in the column (from 1). */
  async untilCursor(pattern: RegExp, column = 1): Promise<void> {
    await this.#until(
      () => this.cursor.column === column && pattern.test(this.row(this.cursor.row)),
      () => `the cursor, at ${this.cursor.column} in row ${this.cursor.row}, never came to ${pattern}`,
    );
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  key(...names: readonly KeyName[]): void {
    for (const name of names) this.#pty.write(KEYS[name]);
  }

  /**
   * Presses keys again and again until the screen fulfils the condition: for a dialog, which does not take keys
   * that come too soon after it.
   */
  async press(keys: string, condition: ScreenCondition): Promise<void> {
    this.#pty.write(keys);
    const again = setInterval(() => this.#pty.write(keys), PRESS_MS);
    try {
      await this.until(condition);
    } finally {
      clearInterval(again);
    }
  }

  /** As a terminal pastes when the program asked for paste brackets. */
  paste(text: string): void {
    const { bracketedPasteMode } = this.#emulator.modes;
    this.#pty.write(bracketedPasteMode ? `\u001b[200~${text}\u001b[201~` : text);
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Tells the programs a size that the window need not have, 0 included; a window of 0 has what it had before. */
  async setSize(columns: number, rows: number): Promise<void> {
    if (columns > 0 && rows > 0) this.#emulator.resize(columns, rows);
    execFileSync("stty", ["-F", await this.#device(), "cols", String(columns), "rows", String(rows)]);
  }

  /** Modes that are not as a shell expects them, e.g. "alternate screen"; empty after a clean way out. */
  modesLeftOn(): readonly string[] {
    const { modes, buffer } = this.#emulator;
    const found: string[] = [];
    if (buffer.active.type === "alternate") found.push("alternate screen");
    if (modes.applicationCursorKeysMode) found.push("application cursor keys");
    if (modes.applicationKeypadMode) found.push("application keypad");
    if (modes.bracketedPasteMode) found.push("paste brackets");
    if (modes.mouseTrackingMode !== "none") found.push(`mouse ${modes.mouseTrackingMode}`);
    if (modes.sendFocusMode) found.push("focus reports");
    if (this.#isCursorHidden) found.push("hidden cursor");
    return found;
  }

  /** The emulator does not tell; the last switch does. */
  get #isCursorHidden(): boolean {
    const cursor = this.#output.lastIndexOf("\u001b[?25");
    return cursor >= 0 && this.#output.startsWith("\u001b[?25l", cursor);
  }

  /** `stty -a` now, whoever has the terminal. */
  async settings(): Promise<string> {
    return execFileSync("stty", ["-a", "-F", await this.#device()], { encoding: "utf8" });
  }

  #device(): Promise<string> {
    return readlink(`/proc/${this.#pty.pid}/fd/0`);
  }

  /** Waits until bktui has been stopped (again); answers whether the shell got the terminal's settings as they were. */
  async stopped(): Promise<"same" | "changed"> {
    const all = /\r\nSTOPPED settings: (same|changed)\r\n/g;
    let found: readonly RegExpMatchArray[] = [];
    await this.#until(
      () => {
        found = [...this.#output.matchAll(all)];
        return found.length > this.#stops;
      },
      () => "bktui was not stopped",
    );
    this.#stops = found.length;
    return found.at(-1)?.[1] === "same" ? "same" : "changed";
  }

  /** `fg`: bktui goes on. */
  callBack(): void {
    this.#pty.write("\r");
  }

  /** The window is closed: what runs in it gets SIGHUP. */
  close(): void {
    this.#pty.kill("SIGHUP");
  }

  /** Process id of bktui itself. */
  async pid(): Promise<number> {
    const { pid } = this.#pty;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    const child = Number(children.trim().split(" ")[0]);
    if (!Number.isInteger(child) || child === 0) throw new Error("bktui does not run");
    const executable = await readlink(`/proc/${child}/exe`);
    if (!executable.endsWith("node")) throw new Error(`process ${child} is ${executable}`);
    return child;
  }

  /** Waits until bktui has ended. */
  async left(): Promise<Leaving> {
    await this.#until(
      () => ENDING.test(this.#output),
      () => "bktui did not end",
    );
    const [, code] = ENDING.exec(this.#output) ?? [];
    return { exitCode: Number(code), settings: this.#output.slice(this.#output.lastIndexOf("speed ")) };
  }

  /** The window is closed: everything in it loses its terminal. */
  async [Symbol.asyncDispose](): Promise<void> {
    const inside = await this.#processes();
    this.#pty.kill("SIGHUP");
    await this.#ended;
    // What bktui keeps at its end would bring its home back.
    await Promise.all(inside.map(gone));
    this.#emulator.dispose();
    await this.#home[Symbol.asyncDispose]();
  }

  /** Process ids of what runs in it, the shell's own left out. */
  async #processes(): Promise<readonly number[]> {
    const { pid } = this.#pty;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    return children
      .split(" ")
      .map(Number)
      .filter((child) => child > 0);
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Nothing more will come on the screen. */
  #hasEnded(): boolean {
    return ENDING.test(this.#output.slice(Math.max(0, this.#drawn - 100), this.#drawn));
  }

  async #until(holds: () => boolean, failure: () => string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let look: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const give = (why: string): void => reject(new Error(`${failure()}: ${why}\n${this.picture()}`));
        look = () => {
          // A frame that is half drawn is not what a person sees.
          if (!this.#emulator.modes.synchronizedOutputMode && holds()) resolve();
          else if (this.#hasEnded()) give("bktui has ended");
        };
        this.#waiting.add(look);
        timer = setTimeout(() => give(`waited ${this.#waitMs} ms`), this.#waitMs);
        look();
      });
    } finally {
      clearTimeout(timer);
      if (look !== undefined) this.#waiting.delete(look);
    }
  }

  /** The screen in a frame, for messages of failing tests. */
  picture(): string {
    const { cols } = this.#emulator;
    const edge = `+${"-".repeat(cols)}+`;
    return [edge, ...this.screen().map((line) => `|${line.padEnd(cols)}|`), edge].join("\n");
  }
}

/** Waits until a process has ended; nothing tells of one that is no child. */
async function gone(pid: number): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS;
  while (existsSync(`/proc/${pid}`) && performance.now() < deadlineMs) await delay(20);
}
