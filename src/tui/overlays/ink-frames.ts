/** Runs an Ink element without a terminal and collects its frames. */
import { Socket } from "node:net";
import { render } from "ink";
import type { ReactNode } from "react";
import type { Size } from "../cells/rect.ts";

export interface InkFramesOptions {
  readonly element: ReactNode;
  readonly size: Size;
  /** Each new frame, as rows from the top; called at once for the first one. */
  readonly onFrame: (rows: readonly string[]) => void;
}

/** Ink believes the screen to be this much higher, so that no frame ever fills it. */
const SPARE_ROWS = 50;

/**
 * Lets Ink draw an element without touching the terminal: Ink 6.8 in `debug` mode writes each frame as a whole
 * string into a stream that only collects rows. Keys come from `type`, never from the terminal.
 * `NODE_ENV` must be "production" before anything imports React: its development build keeps every render.
 */
export class InkFrames implements Disposable {
  readonly #stdout: FrameStream;
  readonly #stdin = new KeyStream();
  readonly #instance: ReturnType<typeof render>;
  readonly #element: ReactNode;
  /** Typed and not yet drawn; the first one has been given. */
  readonly #keys: string[] = [];
  #disposed = false;

  /** Draws the first frame. */
  constructor({ element, size, onFrame }: InkFramesOptions) {
    this.#element = element;
    this.#stdout = new FrameStream(size, onFrame);
    this.#instance = render(element, {
      stdout: this.#stdout,
      stdin: this.#stdin,
      stderr: new FrameStream(size, () => undefined),
      debug: true,
      patchConsole: false,
      exitOnCtrlC: false,
      isScreenReaderEnabled: false,
    });
  }

  /** Gives a key to the element's input hooks, as the terminal sent it; keys that come together act in turn. */
  type(raw: string): void {
    this.#keys.push(raw);
    if (this.#keys.length === 1) this.#giveKey();
  }

  /** The hooks act on the state that they were drawn with, so each key waits for the drawing after the one before. */
  #giveKey(): void {
    const [key] = this.#keys;
    if (key === undefined) return;
    this.#stdin.push(key);
    setImmediate(() => {
      if (this.#disposed) return;
      this.#instance.rerender(this.#element);
      this.#keys.shift();
      this.#giveKey();
    });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#stdout.mute();
    this.#instance.unmount();
  }
}

/** A terminal's output as far as Ink can tell; takes frames. A socket without a connection holds no resource. */
class FrameStream extends Socket implements NodeJS.WriteStream {
  readonly isTTY = false;
  readonly columns: number;
  readonly rows: number;
  #onFrame: (rows: readonly string[]) => void;

  constructor(size: Size, onFrame: (rows: readonly string[]) => void) {
    super();
    this.columns = size.columns;
    this.rows = size.rows + SPARE_ROWS;
    this.#onFrame = onFrame;
  }

  mute(): void {
    this.#onFrame = () => undefined;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.#onFrame(String(chunk).split("\n"));
    done();
  }

  clearLine(): boolean {
    return true;
  }
  clearScreenDown(): boolean {
    return true;
  }
  cursorTo(): boolean {
    return true;
  }
  moveCursor(): boolean {
    return true;
  }
  getColorDepth(): number {
    return 4;
  }
  hasColors(): boolean {
    return true;
  }
  getWindowSize(): [number, number] {
    return [this.columns, this.rows];
  }
}

/** A terminal's input as far as Ink can tell. */
class KeyStream extends Socket implements NodeJS.ReadStream {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }

  /** Keys are pushed by `InkChrome.type`. */
  override _read(): void {}
}
