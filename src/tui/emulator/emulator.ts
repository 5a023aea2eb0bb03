/** A terminal in a pane: output of a program in, rows out. */
import xterm, { type IBufferCell, type IMarker, type Terminal } from "@xterm/headless";
import { limits } from "../../base/limits.ts";
import type { Rect, RowSource, Size } from "../cells/rect.ts";
import type { MouseEvent } from "../input/events.ts";
import { encodeMouse, type MouseReports } from "../input/mouse.ts";
import { styledRow } from "./cell-rows.ts";
import { CLIPBOARD_LIMIT, CLIPBOARD_START, EmulatorFilter } from "./emulator-filter.ts";
import { type Point, type Selection, selectedCells, selectedLines } from "./selection.ts";
import { markedRow, noMarks, type ShellMarks } from "./shell-marks.ts";
import { unicodeWidths, WIDTHS_VERSION } from "./unicode-widths.ts";

export interface EmulatorOptions {
  readonly size: Size;
  /** False under NO_COLOR: bold, underline and inverse stay. */
  readonly color: boolean;
  /** Answers of the terminal (cursor position, device attributes) for the program; never for the outer terminal. */
  readonly onReply: (bytes: Uint8Array) => void;
  /** The program prints faster than it can be shown: stop and go on reading from it. */
  readonly onFlow: (flow: "pause" | "resume") => void;
  /** Something visible or a mode changed. */
  readonly onChange: () => void;
  /** The program wants this text on the clipboard (OSC 52); raw, untrusted. Questions for its content are never answered. */
  readonly onClipboard?: ((text: string) => void) | undefined;
  /** Lines kept above the screen; default 5,000. */
  readonly scrollback?: number;
}

/** What the program asked of its terminal. */
export interface EmulatorModes {
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReports: boolean;
  readonly mouse: MouseReports["tracking"];
  /** A full-screen program: no scrollback. */
  readonly alternateScreen: boolean;
}

const RESUME_BELOW_BYTES = 64 * 1024;
/** The emulator gives the event loop a turn between such parts when it has been parsing for 12 ms. */
const PARSE_CHARACTERS = 4096;
const DEFAULT_SCROLLBACK = 5000;

const trackings: Readonly<Record<Terminal["modes"]["mouseTrackingMode"], MouseReports["tracking"]>> = {
  none: "none",
  x10: "press",
  vt200: "press",
  drag: "drag",
  any: "any",
};

/**
 * A terminal inside a pane: what a program prints goes through the emulator and comes out as rows. Nothing of it
 * reaches the outer terminal in any other way.
 */
export class Emulator implements RowSource, Disposable {
  readonly #terminal: Terminal;
  readonly #filter: EmulatorFilter;
  readonly #decoder = new TextDecoder("utf-8");
  readonly #options: EmulatorOptions;
  readonly #cell: IBufferCell;
  #unparsedBytes = 0;
  #paused = false;
  #cursorHidden = false;
  #mouseEncoding: MouseReports["encoding"] = "plain";
  #changed = true;
  #marks: ShellMarks = noMarks;
  #hit: number | undefined;
  /** Where the selection's anchor is, also after older lines were dropped. */
  #anchor: IMarker | undefined;
  #rendered: { readonly rows: readonly string[]; readonly size: Size; readonly top: number } | undefined;

  constructor(options: EmulatorOptions) {
    this.#options = options;
    const size = usable(options.size);
    this.#filter = new EmulatorFilter(size);
    this.#terminal = new xterm.Terminal({
      cols: size.columns,
      rows: size.rows,
      scrollback: options.scrollback ?? DEFAULT_SCROLLBACK,
      allowProposedApi: true,
      logLevel: "off",
    });
    this.#terminal.unicode.register(unicodeWidths());
    this.#terminal.unicode.activeVersion = WIDTHS_VERSION;
    this.#cell = this.#terminal.buffer.active.getNullCell();
    this.#terminal.onData((reply) => {
      if (reply !== "") options.onReply(Buffer.from(reply, "utf8"));
    });
    this.#terminal.onWriteParsed(() => this.#invalidate());
    this.#watchModes();
  }

  /** Output of the program in order; `done` is called when it has been parsed. */
  write(chunk: Uint8Array, done?: () => void): void {
    this.#unparsedBytes += chunk.length;
    if (!this.#paused && this.#unparsedBytes > limits.shellBacklogBytes) {
      this.#paused = true;
      this.#options.onFlow("pause");
    }
    const text = this.#filter.push(this.#decoder.decode(chunk, { stream: true }));
    for (let at = 0; at + PARSE_CHARACTERS < text.length; at += PARSE_CHARACTERS) {
      this.#terminal.write(text.slice(at, at + PARSE_CHARACTERS));
    }
    const tail = text.length % PARSE_CHARACTERS || Math.min(text.length, PARSE_CHARACTERS);
    this.#terminal.write(text.slice(text.length - tail), () => {
      this.#parsed(chunk.length);
      done?.();
    });
  }

  /**
   * Something was typed into the program: the view goes to the end, and what comes next is parsed at once. The
   * emulator (@xterm/headless 6.0.0) lets output wait for a timer unless it answers a user's input.
   */
  typed(): void {
    if (this.linesAboveEnd > 0) this.scrollToEnd();
    this.#terminal.input("", true);
  }

  #parsed(bytes: number): void {
    this.#unparsedBytes -= bytes;
    if (this.#paused && this.#unparsedBytes < RESUME_BELOW_BYTES) {
      this.#paused = false;
      this.#options.onFlow("resume");
    }
  }

  /** The program's terminal gets this size; tell the container too. */
  resize(size: Size): void {
    const { columns, rows } = usable(size);
    this.#filter.resize({ columns, rows });
    if (columns === this.#terminal.cols && rows === this.#terminal.rows) return;
    // Lines are wrapped anew: what was selected is elsewhere.
    this.select(undefined);
    this.#terminal.resize(columns, rows);
    this.#invalidate();
  }

  /** Size of the emulated terminal. */
  get size(): Size {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows };
  }

  rows(size: Size): readonly string[] {
    const buffer = this.#terminal.buffer.active;
    const top = buffer.viewportY;
    const known = this.#rendered;
    const fits = known?.size.columns === size.columns && known.size.rows === size.rows && known.top === top;
    if (known !== undefined && fits && !this.#changed) return known.rows;
    const rows: string[] = [];
    for (let y = 0; y < Math.min(size.rows, this.#terminal.rows); y++) {
      const line = buffer.getLine(top + y);
      const options = { cell: this.#cell, color: this.#options.color };
      rows.push(
        line === undefined ? "" : this.#marked(styledRow(line, size.columns, options), top + y, size),
      );
    }
    this.#changed = false;
    this.#rendered = { rows, size, top };
    return rows;
  }

  #marked(row: string, line: number, { columns }: Size): string {
    const marks = { search: this.#marks.search, selection: this.selection };
    if (marks.search === "" && marks.selection === undefined) return row;
    return markedRow(row, { line, text: this.lineText(line), columns }, marks);
  }

  /** Shows where the text stands in the lines; "" = nowhere. */
  highlight(search: string): void {
    if (search === this.#marks.search) return;
    this.#marks = { ...this.#marks, search };
    this.#hit = undefined;
    this.#invalidate();
  }

  /** Line of the last hit; undefined = none, or it is not on the screen any more. */
  get hit(): number | undefined {
    const isVisible = this.#hit !== undefined && this.#isVisible(this.#hit);
    return isVisible ? this.#hit : undefined;
  }

  /** Brings a hit into view. */
  showHit(line: number): void {
    this.#hit = line;
    if (!this.#isVisible(line)) this.scrollToLine(Math.max(0, line - Math.floor(this.#terminal.rows / 2)));
  }

  #isVisible(line: number): boolean {
    return line >= this.firstLine && line < this.firstLine + this.#terminal.rows;
  }

  /** undefined = nothing is selected, or what was selected has scrolled out of the lines that are kept. */
  get selection(): Selection | undefined {
    const { selection } = this.#marks;
    if (selection === undefined || this.#anchor === undefined) return selection;
    if (this.#anchor.isDisposed) return undefined;
    const by = this.#anchor.line - selection.anchor.line;
    if (by === 0) return selection;
    const moved = ({ line, column }: Point): Point => ({ line: Math.max(0, line + by), column });
    return { ...selection, anchor: moved(selection.anchor), head: moved(selection.head) };
  }

  /** Selects, and brings the moving end into view. */
  select(selection: Selection | undefined): void {
    this.#anchor?.dispose();
    this.#anchor = undefined;
    this.#marks = { ...this.#marks, selection };
    const { baseY, cursorY, viewportY, type } = this.#terminal.buffer.active;
    if (selection !== undefined) {
      // The lines of a full-screen program are not dropped at the top.
      if (type === "normal")
        this.#anchor = this.#terminal.registerMarker(selection.anchor.line - baseY - cursorY);
      const { line } = selection.head;
      if (line < viewportY) this.scrollToLine(line);
      else if (line >= viewportY + this.#terminal.rows) this.scrollToLine(line - this.#terminal.rows + 1);
    }
    this.#invalidate();
  }

  /** The selected text; lines that the terminal only wrapped are one. undefined = nothing is selected. */
  selectedText(): string | undefined {
    const { selection } = this;
    if (selection === undefined) return undefined;
    const buffer = this.#terminal.buffer.active;
    const [first, last] = selectedLines(selection);
    let text = "";
    for (let index = first; index <= last; index += 1) {
      const line = buffer.getLine(index);
      const cells = selectedCells(selection, index, this.#terminal.cols);
      if (line === undefined || cells === undefined) continue;
      const continues = index < last && buffer.getLine(index + 1)?.isWrapped === true;
      const part = line.translateToString(false, cells.from, cells.to);
      text += continues ? part : part.trimEnd();
      if (index < last && !continues) text += "\n";
    }
    return text;
  }

  /** Last line with text in it, at or above the cursor's. */
  get lastLine(): number {
    const { baseY, cursorY } = this.#terminal.buffer.active;
    for (let index = baseY + cursorY; index > 0; index -= 1) if (this.lineText(index) !== "") return index;
    return 0;
  }

  cursor(size: Size): { readonly x: number; readonly y: number } | undefined {
    const { cursorX, cursorY, viewportY, baseY } = this.#terminal.buffer.active;
    if (this.#cursorHidden) return undefined;
    const y = cursorY + baseY - viewportY;
    // After the last column the cursor waits outside the screen.
    const x = Math.min(cursorX, this.#terminal.cols - 1);
    return y < size.rows && x < size.columns ? { x, y } : undefined;
  }

  get modes(): EmulatorModes {
    const { modes, buffer } = this.#terminal;
    return {
      applicationCursor: modes.applicationCursorKeysMode,
      applicationKeypad: modes.applicationKeypadMode,
      bracketedPaste: modes.bracketedPasteMode,
      focusReports: modes.sendFocusMode,
      mouse: trackings[modes.mouseTrackingMode],
      alternateScreen: buffer.active.type === "alternate",
    };
  }

  /** A mouse event on the screen as bytes for the program; undefined when it wants none or it is elsewhere. */
  encodeMouse(event: MouseEvent, rect: Rect): string | undefined {
    const [x, y] = [event.x - rect.x, event.y - rect.y];
    if (x < 0 || y < 0 || x >= rect.columns || y >= rect.rows) return undefined;
    const tracking = trackings[this.#terminal.modes.mouseTrackingMode];
    return encodeMouse({ ...event, x, y }, { tracking, encoding: this.#mouseEncoding });
  }

  /** How far the view is scrolled back, in lines; 0 = at the end. Output does not move a view that is scrolled back. */
  get linesAboveEnd(): number {
    const { baseY, viewportY } = this.#terminal.buffer.active;
    return baseY - viewportY;
  }

  /** Negative = back. */
  scrollBy(lines: number): void {
    this.#terminal.scrollLines(lines);
    this.#invalidate();
  }

  scrollToTop(): void {
    this.#terminal.scrollToTop();
    this.#invalidate();
  }

  scrollToEnd(): void {
    this.#terminal.scrollToBottom();
    this.#invalidate();
  }

  /** Brings a line (as counted by `lineText`) into view. */
  scrollToLine(index: number): void {
    const { baseY } = this.#terminal.buffer.active;
    this.#terminal.scrollToLine(Math.min(index, baseY));
    this.#invalidate();
  }

  /** Lines kept: scrollback and screen. */
  get lineCount(): number {
    return this.#terminal.buffer.active.length;
  }

  /** Index of the line shown in the first row. */
  get firstLine(): number {
    return this.#terminal.buffer.active.viewportY;
  }

  /** Text of one line, 0 = the oldest kept; "" outside. Raw: sanitize before showing elsewhere. */
  lineText(index: number): string {
    return this.#terminal.buffer.active.getLine(index)?.translateToString(true) ?? "";
  }

  [Symbol.dispose](): void {
    this.#terminal.dispose();
  }

  #invalidate(): void {
    this.#changed = true;
    this.#options.onChange();
  }

  /** Cursor visibility and mouse encoding are not among the emulator's public modes (@xterm/headless 6.0.0). */
  #watchModes(): void {
    const { parser } = this.#terminal;
    const watch = (on: boolean) => (parameters: (number | number[])[]) => {
      if (parameters.includes(25)) this.#cursorHidden = !on;
      if (parameters.includes(1006)) this.#mouseEncoding = on ? "sgr" : "plain";
      return false;
    };
    const reset = (): boolean => {
      this.#cursorHidden = false;
      this.#mouseEncoding = "plain";
      return false;
    };
    parser.registerCsiHandler({ prefix: "?", final: "h" }, watch(true));
    parser.registerCsiHandler({ prefix: "?", final: "l" }, watch(false));
    parser.registerCsiHandler({ intermediates: "!", final: "p" }, reset);
    parser.registerEscHandler({ final: "c" }, reset);
    parser.registerOscHandler(52, (data) => {
      const text = clipboardText(data);
      if (text !== undefined) this.#options.onClipboard?.(text);
      return true;
    });
  }
}

/** The text of `52;c;BASE64`; undefined for questions, for damaged text, and for an empty one, which would erase. */
function clipboardText(data: string): string | undefined {
  const encoded = /^[^;]*;([A-Za-z0-9+/=]+)$/.exec(data)?.[1];
  if (encoded === undefined || data.length + CLIPBOARD_START.length >= CLIPBOARD_LIMIT) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  return text === "" ? undefined : text;
}

/** The emulator needs at least 2 columns and 1 row. */
function usable(size: Size): Size {
  return { columns: Math.max(2, size.columns), rows: Math.max(1, size.rows) };
}
