/** Sends what is typed either to the debugger or to the program that has the keyboard. */
import type { Readable } from "node:stream";
import { KeyDecoder } from "./decode.ts";
import type { InputEvent, MouseEvent } from "./events.ts";
import { type InputPart, PasteSplitter } from "./paste-splitter.ts";

/** The debugger's side. */
export interface InputHandler {
  onEvent(event: InputEvent): void;
  /** A leave key was pressed; the debugger has the keyboard again already. */
  onShellLeave(): void;
  /**
   * Several lines were pasted for a shell whose program would run them at once. Nothing was sent;
   * `pasteToShell` sends the text after a confirmation.
   */
  onShellPaste(text: string): void;
}

/** The shell's side; asked anew for each event. */
export interface ShellSink {
  write(bytes: Uint8Array): void;
  /** The program in the shell asked for paste brackets. */
  readonly bracketedPaste: boolean;
  /** The program asked for focus reports. */
  readonly focusReports: boolean;
  /** Bytes for the program, or undefined when it asked for no mouse or the event is outside the pane. */
  encodeMouse(event: MouseEvent): string | undefined;
}

export interface InputRouterOptions {
  /** The terminal's input in raw mode; the router starts reading at once. */
  readonly source: Readable;
  /** Sequences that take the keyboard from the shell; default Ctrl-] and F12. */
  readonly leaveKeys?: readonly string[];
  /** How long an Esc may be the beginning of a sequence; default 30. */
  readonly escapeDelayMs?: number;
  /** The terminal is gone (window closed, connection lost); usually SIGHUP says so too. */
  readonly onEnd?: (() => void) | undefined;
}

type Keyboard =
  | { readonly owner: "debugger" }
  | { readonly owner: "opening-shell"; readonly held: InputPart[] }
  | { readonly owner: "shell"; readonly sink: ShellSink };

const DEFAULT_LEAVE_KEYS = ["\u001d", "\u001b[24~"];
const DEFAULT_ESCAPE_DELAY_MS = 30;
/** For the shell, Esc and Alt-[ are never held back; for the debugger an Esc waits anyway. */
const SHELL_SHORTEST_HELD = 3;
/** A paste whose end marker does not come is taken as it is after this. */
const PASTE_TIMEOUT_MS = 1000;

/**
 * Owns the terminal's input and gives each event to whoever has the keyboard. Events before a handler is attached
 * are kept. While the shell has the keyboard only the leave keys are taken and everything else passes untouched.
 */
export class InputRouter implements Disposable {
  readonly #source: Readable;
  readonly #escapeDelayMs: number;
  readonly #splitter: PasteSplitter;
  readonly #decoder = new KeyDecoder();
  readonly #shellTokens: RegExp;
  readonly #leaveKeys: ReadonlySet<string>;
  #handler: InputHandler | undefined;
  #early: InputEvent[] = [];
  #keyboard: Keyboard = { owner: "debugger" };
  #timer: NodeJS.Timeout | undefined;
  readonly #onEnd: () => void;
  readonly #onData = (chunk: Buffer | string): void => this.#data(Buffer.from(chunk));

  constructor(options: InputRouterOptions) {
    const leaveKeys = options.leaveKeys ?? DEFAULT_LEAVE_KEYS;
    this.#source = options.source;
    this.#escapeDelayMs = options.escapeDelayMs ?? DEFAULT_ESCAPE_DELAY_MS;
    this.#splitter = new PasteSplitter(leaveKeys.map((key) => Buffer.from(key)));
    this.#leaveKeys = new Set(leaveKeys);
    this.#shellTokens = shellTokens(leaveKeys);
    this.#onEnd = () => options.onEnd?.();
    this.#source.on("data", this.#onData);
    // A closed terminal is an error (EIO) or an end; without a listener it would end the process before SIGHUP does.
    this.#source.on("error", this.#onEnd);
    this.#source.on("end", this.#onEnd);
  }

  get owner(): Keyboard["owner"] {
    return this.#keyboard.owner;
  }

  /** Events from before come at once, in order. */
  attach(handler: InputHandler): void {
    this.#handler = handler;
    for (const event of this.#early.splice(0)) handler.onEvent(event);
  }

  /** A shell is being opened: what is typed from now on waits for it. Leave keys give it up. */
  holdForShell(): void {
    if (this.#keyboard.owner === "debugger") this.#keyboard = { owner: "opening-shell", held: [] };
  }

  /** The shell gets the keyboard, and first what was typed while it was opened. */
  giveToShell(sink: ShellSink): void {
    const held = this.#keyboard.owner === "opening-shell" ? this.#keyboard.held : [];
    this.#keyboard = { owner: "shell", sink };
    for (const part of held) this.#part(part);
  }

  /** The debugger gets the keyboard; what waited for a shell is dropped. */
  takeFromShell(): void {
    this.#keyboard = { owner: "debugger" };
  }

  /** Sends text to the shell as a paste. Control characters in it are dropped, so that it cannot end its own brackets. */
  pasteToShell(text: string): void {
    if (this.#keyboard.owner !== "shell") return;
    const { sink } = this.#keyboard;
    const harmless = text.replace(PASTE_CONTROLS, "");
    sink.write(Buffer.from(sink.bracketedPaste ? `\u001b[200~${harmless}\u001b[201~` : harmless, "utf8"));
  }

  /** Stops reading: another program has the terminal. */
  pause(): void {
    this.#source.pause();
  }

  resume(): void {
    this.#source.resume();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#source.off("data", this.#onData);
    this.#source.off("end", this.#onEnd);
    this.#source.pause();
  }

  #data(chunk: Buffer): void {
    clearTimeout(this.#timer);
    const shortest = this.#keyboard.owner === "shell" ? SHELL_SHORTEST_HELD : 1;
    for (const part of this.#splitter.push(chunk, shortest)) this.#part(part);
    this.#armTimer();
  }

  #armTimer(): void {
    const { waitsFor } = this.#splitter;
    if (waitsFor === "nothing" && !this.#decoder.pending) return;
    const delay = waitsFor === "paste-end" ? PASTE_TIMEOUT_MS : this.#escapeDelayMs;
    this.#timer = setTimeout(() => this.#late(), delay);
  }

  #late(): void {
    for (const part of this.#splitter.flush()) this.#part(part);
    for (let event = this.#decoder.flush(); event !== undefined; event = this.#decoder.flush())
      this.#emit(event);
    this.#armTimer();
  }

  #part(part: InputPart): void {
    if (part.kind === "paste") this.#paste(part.text);
    else this.#typed(part.bytes);
  }

  #paste(text: string): void {
    const keyboard = this.#keyboard;
    if (keyboard.owner === "debugger") {
      this.#emit({ type: "paste", text });
    } else if (keyboard.owner === "opening-shell") {
      keyboard.held.push({ kind: "paste", text });
    } else if (keyboard.sink.bracketedPaste || !/[\r\n]/.test(text)) {
      this.pasteToShell(text);
    } else {
      this.#handler?.onShellPaste(text);
    }
  }

  #typed(bytes: Buffer): void {
    if (this.#keyboard.owner !== "debugger") {
      this.#typedToShell(bytes);
      return;
    }
    this.#decoder.push(bytes);
    for (let event = this.#decoder.next(); event !== undefined; event = this.#decoder.next()) {
      this.#emit(event);
      // The event may have given the keyboard away; what follows it belongs to the new owner.
      if (this.#keyboardIsTaken()) this.#typedToShell(this.#decoder.rest());
    }
  }

  #keyboardIsTaken(): boolean {
    return this.#keyboard.owner !== "debugger";
  }

  /** Latin-1 keeps each byte, so that the search for sequences cannot damage the shell's input. */
  #typedToShell(bytes: Buffer): void {
    const text = bytes.toString("latin1");
    let at = 0;
    for (const match of text.matchAll(this.#shellTokens)) {
      this.#toShell(text.slice(at, match.index));
      at = match.index + match[0].length;
      if (this.#leaveKeys.has(match[0])) {
        this.#keyboard = { owner: "debugger" };
        this.#handler?.onShellLeave();
        this.#typed(Buffer.from(text.slice(at), "latin1"));
        return;
      }
      this.#reportToShell(match[0]);
    }
    this.#toShell(text.slice(at));
  }

  #toShell(latin1: string): void {
    if (latin1 === "") return;
    const bytes = Buffer.from(latin1, "latin1");
    const keyboard = this.#keyboard;
    if (keyboard.owner === "shell") keyboard.sink.write(bytes);
    else if (keyboard.owner === "opening-shell") keyboard.held.push({ kind: "typed", bytes });
  }

  /** Mouse and focus reports were asked for by bktui; the program gets what it asked for, in its own form, bktui the rest. */
  #reportToShell(report: string): void {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from(report, "latin1"));
    const event = decoder.next();
    if (event?.type === "focus") this.#handler?.onEvent(event);
    if (event === undefined || this.#keyboard.owner !== "shell") return;
    const { sink } = this.#keyboard;
    if (event.type === "focus" && sink.focusReports) sink.write(Buffer.from(report, "latin1"));
    if (event.type !== "mouse") return;
    const encoded = sink.encodeMouse(event);
    if (encoded === undefined) this.#handler?.onEvent(event);
    else sink.write(Buffer.from(encoded, "latin1"));
  }

  #emit(event: InputEvent): void {
    if (this.#handler === undefined) this.#early.push(event);
    else this.#handler.onEvent(event);
  }
}

const ESC = "\u001b";
/** Whole paste markers, and control characters other than tab and line ends. */
const PASTE_CONTROLS = new RegExp(`${ESC}\\[20[01]~|(?![\\t\\r\\n])\\p{Cc}`, "gu");

function shellTokens(leaveKeys: readonly string[]): RegExp {
  const escaped = leaveKeys.map((key) => key.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp([...escaped, "\\u001b\\[<[0-9]+;[0-9]+;[0-9]+[Mm]", "\\u001b\\[[IO]"].join("|"), "g");
}
