import xterm, { type Terminal } from "@xterm/headless";
import type { Size } from "../../../../src/tui/cells/rect.ts";
import { unicodeWidths, WIDTHS_VERSION } from "../../../../src/tui/emulator/unicode-widths.ts";
import type { ScreenOutput } from "../../../../src/tui/terminal/tty-output.ts";

/** A real emulator as the outer terminal: what a user would see. */
export class HeadlessScreen implements ScreenOutput {
  readonly terminal: Terminal;
  /** Everything that was written, in order. */
  readonly writes: string[] = [];
  #held: (() => void) | undefined;
  #slow = false;

  constructor(size: Size) {
    this.terminal = new xterm.Terminal({
      cols: size.columns,
      rows: size.rows,
      allowProposedApi: true,
      logLevel: "off",
    });
    this.terminal.unicode.register(unicodeWidths());
    this.terminal.unicode.activeVersion = WIDTHS_VERSION;
  }

  write(text: string, done: () => void): void {
    this.writes.push(text);
    this.terminal.write(text, () => {
      if (this.#slow) this.#held = done;
      else done();
    });
  }

  /** From now on writes are taken but not acknowledged, like a terminal stopped with Ctrl-S. */
  stall(): void {
    this.#slow = true;
  }

  release(): void {
    this.#slow = false;
    this.#held?.();
    this.#held = undefined;
  }

  row(y: number): string {
    return (
      this.terminal.buffer.active.getLine(this.terminal.buffer.active.baseY + y)?.translateToString(true) ??
      ""
    );
  }

  rows(): string[] {
    return Array.from({ length: this.terminal.rows }, (_, y) => this.row(y));
  }
}
