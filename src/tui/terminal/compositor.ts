/** Paints frames on the terminal, writing only the rows that changed. */
import type { BktuiError } from "../../base/errors.ts";
import type { Rect, RowSource, Size } from "../cells/rect.ts";
import { isAsciiRow, isPlainAscii, pieces, slice } from "../cells/width.ts";
import { FrameClock } from "./frame-clock.ts";
import { ScreenFilter } from "./screen-filter.ts";
import {
  BEGIN_UPDATE,
  BELL,
  clipboardCopy,
  cursorTo,
  cursorToColumn,
  desktopNotification,
  END_UPDATE,
  ERASE_SCREEN,
  ERASE_TO_LINE_END,
  HIDE_CURSOR,
  type Multiplexer,
  RESET_STYLE,
  SHOW_CURSOR,
  windowTitle,
} from "./sequences.ts";
import type { ScreenOutput } from "./tty-output.ts";

/** A pane on the screen. */
export interface Layer {
  readonly rect: Rect;
  readonly content: RowSource;
}

/** What the screen shall show. */
export interface Frame {
  /** Rows under all layers, from the top of the screen; finished text with SGR. Missing rows are blank. */
  readonly base: readonly string[];
  /** Later layers cover earlier ones. Parts outside the screen are cut off. */
  readonly layers: readonly Layer[];
  /** What has the keyboard (its `cursor` decides), or a place on the screen; undefined = hidden. */
  readonly cursor?: RowSource | { readonly x: number; readonly y: number } | undefined;
}

export interface CompositorOptions {
  readonly output: ScreenOutput;
  readonly size: Size;
  readonly ascii?: boolean;
  /** The terminal is gone; nothing is painted any more. */
  readonly onError: (error: BktuiError) => void;
}

/** A part of a screen row: `columns` cells at `x`, taken from cell `from` of `source`. */
interface Segment {
  readonly x: number;
  readonly columns: number;
  readonly source: string;
  readonly from: number;
}

/**
 * The only writer to the terminal. It remembers what each row shows and writes only what changed, with absolute
 * addresses. While a write is under way nothing is queued: the next paint shows the latest state.
 */
export class Compositor implements Disposable {
  readonly #output: ScreenOutput;
  readonly #filter: ScreenFilter;
  readonly #onError: (error: BktuiError) => void;
  #size: Size;
  #frame: Frame = { base: [], layers: [] };
  #shown: (readonly Segment[])[] = [];
  #cursor: string | undefined;
  /** Sequences of our own that go out before the next rows. */
  #controls: string[] = [];
  readonly #clock = new FrameClock();
  #scheduled: "no" | "now" | "later" = "no";
  #timer: NodeJS.Timeout | undefined;
  #writing = false;
  #state: "active" | "suspended" | "closed" = "active";
  #idle: (() => void)[] = [];

  constructor(options: CompositorOptions) {
    this.#output = options.output;
    this.#size = options.size;
    this.#filter = new ScreenFilter({ ascii: options.ascii === true });
    this.#onError = options.onError;
  }

  get size(): Size {
    return this.#size;
  }

  /** Replaces what the screen shall show and asks for a paint. */
  show(frame: Frame): void {
    this.#frame = frame;
    this.requestPaint();
  }

  /**
   * Something changed in a layer. Paints at the end of the current turn, or when the frame clock lets it; while
   * the terminal is still taking the last frame, right after that.
   */
  requestPaint(): void {
    if (this.#scheduled !== "no" || this.#state !== "active") return;
    if (this.#writing) {
      this.#scheduled = "later";
      return;
    }
    const wait = this.#clock.waitMs;
    if (wait === 0) {
      this.#scheduled = "now";
      queueMicrotask(() => this.#paint());
    } else {
      this.#scheduled = "later";
      this.#timer = setTimeout(() => this.#paint(), wait);
    }
  }

  /** The terminal has another size: everything is written again. */
  resize(size: Size): void {
    this.#size = size;
    this.#forget();
    this.requestPaint();
  }

  /** Ctrl-L: clears the screen (not the scrollback) and writes everything again. */
  redraw(): void {
    this.#forget();
    this.#controls.push(ERASE_SCREEN);
    this.requestPaint();
  }

  setTitle(title: string): void {
    this.#issue(windowTitle(title));
  }

  /** Copies text to the clipboard of the user's terminal, where the terminal allows that. */
  copy(text: string, multiplexer: Multiplexer): void {
    for (const sequence of clipboardCopy(text, multiplexer)) this.#issue(sequence);
  }

  /** Calls the user back to the terminal. */
  alert(how: "bell" | "osc9", text: string): void {
    this.#issue(how === "bell" ? BELL : desktopNotification(text));
  }

  /** Sends one of the mode switches that the screen filter knows; for the terminal guard. */
  send(sequence: string): void {
    this.#controls.push(sequence);
    this.requestPaint();
  }

  /** Paints nothing more until `resume`; resolves when the terminal has taken what was under way. */
  suspend(): Promise<void> {
    if (this.#state === "active") this.#state = "suspended";
    this.#cancelTimer();
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** The terminal is ours again: everything is written anew. */
  resume(): void {
    if (this.#state !== "suspended") return;
    this.#state = "active";
    this.redraw();
  }

  [Symbol.dispose](): void {
    this.#state = "closed";
    this.#cancelTimer();
  }

  #issue(sequence: string): void {
    this.#filter.permit(sequence);
    this.send(sequence);
  }

  #forget(): void {
    this.#shown = [];
    this.#cursor = undefined;
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#scheduled === "later") this.#scheduled = "no";
  }

  #paint(): void {
    this.#scheduled = "no";
    this.#timer = undefined;
    if (this.#state !== "active" || this.#writing) return;
    const rows = this.#changedRows();
    const controls = this.#controls.join("");
    this.#controls = [];
    const cursor = this.#cursorSequence();
    if (rows === "" && controls === "" && cursor === this.#cursor) return;
    this.#cursor = cursor;
    this.#clock.count();
    const frame = `${BEGIN_UPDATE}${HIDE_CURSOR}${RESET_STYLE}${controls}${rows}${cursor}${END_UPDATE}`;
    this.#writing = true;
    this.#output.write(this.#filter.stream(frame), (error) => this.#written(error));
  }

  #written(error: BktuiError | undefined): void {
    this.#writing = false;
    for (const resolve of this.#idle.splice(0)) resolve();
    if (error !== undefined) {
      const known = this.#state === "closed";
      this[Symbol.dispose]();
      if (!known) this.#onError(error);
    } else if (this.#scheduled === "later") {
      this.#scheduled = "no";
      this.requestPaint();
    }
  }

  #cursorSequence(): string {
    const { cursor, layers } = this.#frame;
    if (cursor === undefined) return "";
    if (!("rows" in cursor)) return this.#cursorAt(cursor.x, cursor.y);
    const layer = layers.findLast(({ content }) => content === cursor);
    const place = layer?.content.cursor?.(layer.rect);
    if (layer === undefined || place === undefined) return "";
    return this.#cursorAt(layer.rect.x + place.x, layer.rect.y + place.y);
  }

  #cursorAt(x: number, y: number): string {
    const inside = x >= 0 && y >= 0 && x < this.#size.columns && y < this.#size.rows;
    return inside ? cursorTo(x, y) + SHOW_CURSOR : "";
  }

  #changedRows(): string {
    let out = "";
    const panes = this.#frame.layers.map((layer) => ({ layer, rows: layer.content.rows(layer.rect) }));
    for (let y = 0; y < this.#size.rows; y++) {
      let segments: Segment[] = [
        { x: 0, columns: this.#size.columns, source: this.#frame.base[y] ?? "", from: 0 },
      ];
      for (const { layer, rows } of panes) {
        const { x, columns } = layer.rect;
        if (y < layer.rect.y || y >= layer.rect.y + layer.rect.rows) continue;
        segments = cover(segments, { x, columns, source: rows[y - layer.rect.y] ?? "", from: 0 });
      }
      out += this.#rowUpdate(y, this.#shown[y], segments);
      this.#shown[y] = segments;
    }
    return out;
  }

  #rowUpdate(y: number, shown: readonly Segment[] | undefined, segments: readonly Segment[]): string {
    if (shown?.length === segments.length && shown.every((old, index) => samePlace(old, segments[index]))) {
      const changed = segments.filter((segment, index) => !sameSegment(segment, shown[index]));
      if (changed.length === 0) return "";
      const before = shown.filter((old, index) => !sameSegment(old, segments[index]));
      if ([...before, ...changed].every(({ source }) => isAsciiRow(source))) {
        return changed.map((segment) => cursorTo(segment.x, y) + this.#text(segment)).join("");
      }
    }
    // Erased first: a terminal that draws a cluster narrower than we think would keep old cells.
    const ascii = segments.every(({ source }) => isAsciiRow(source));
    const start = cursorTo(0, y) + (ascii ? "" : ERASE_TO_LINE_END);
    return start + segments.map((segment) => this.#text(segment)).join("");
  }

  #text(segment: Segment): string {
    const row = slice(this.#filter.row(segment.source), segment.from, segment.columns);
    const anchored = anchor(row, segment.x);
    if (segment.x + segment.columns < this.#size.columns) return anchored;
    return anchored.replace(/ +$/, ERASE_TO_LINE_END);
  }
}

function sameSegment(a: Segment, b: Segment | undefined): boolean {
  return samePlace(a, b) && a.source === b?.source && a.from === b.from;
}

function samePlace(a: Segment, b: Segment | undefined): boolean {
  return a.x === b?.x && a.columns === b.columns;
}

/** The segments with `top` over them. */
function cover(segments: readonly Segment[], top: Segment): Segment[] {
  const first = segments[0];
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return [];
  const start = Math.max(top.x, 0);
  const end = Math.min(top.x + top.columns, last.x + last.columns);
  if (start >= end) return [...segments];
  const below = (from: number, to: number): Segment[] =>
    segments.flatMap((segment) => part(segment, from, to));
  const cut = { ...top, x: start, columns: end - start, from: top.from + start - top.x };
  return [...below(0, start), cut, ...below(end, last.x + last.columns)];
}

function part(segment: Segment, from: number, to: number): Segment[] {
  const start = Math.max(segment.x, from);
  const end = Math.min(segment.x + segment.columns, to);
  if (start >= end) return [];
  return [{ ...segment, x: start, columns: end - start, from: segment.from + start - segment.x }];
}

/**
 * Terminals disagree about the width of emoji and wide characters, so after such a cell the column is set again:
 * a wrong guess then damages one cell, not the row. Runs of ordinary narrow characters are anchored once.
 */
function anchor(text: string, x: number): string {
  if (isAsciiRow(text)) return text;
  let out = "";
  let column = x;
  let pending = false;
  for (const piece of pieces(text)) {
    if (piece.kind === "sgr") {
      out += piece.text;
      continue;
    }
    const narrow = piece.width === 1 && /^[\u00a0-\u2e7f]$/.test(piece.text);
    if (pending && !narrow) out += cursorToColumn(column);
    out += piece.text;
    column += piece.width;
    pending = !isPlainAscii(piece.text);
    if (pending && !narrow) {
      out += cursorToColumn(column);
      pending = false;
    }
  }
  return pending ? out + cursorToColumn(column) : out;
}
