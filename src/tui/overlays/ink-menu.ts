/** A menu as an Ink application of its own. Everything that needs Ink is behind this file, which is loaded late. */
import type { ReadStream, WriteStream } from "node:tty";
import { createElement } from "react";
import type { Rect, Size } from "../cells/rect.ts";
import { type Look, makeLook } from "../drawing/look.ts";
import type { MenuItem, Overlay } from "../state/ui-state.ts";
import { InkFrames } from "./ink-frames.ts";
import { LeavableMenu, Menu, menuRect } from "./menu.tsx";

export interface MenuSurroundings {
  readonly screen: Size;
  readonly look: Look;
  readonly onChoose: (value: string) => void;
  /** The box's rows from the top; called at once for the first frame. */
  readonly onFrame: (rows: readonly string[]) => void;
}

export interface DrawnMenu {
  readonly rect: Rect;
  /** A key as the terminal sent it. */
  type(raw: string): void;
  end(): void;
}

export function drawMenu(
  overlay: Extract<Overlay, { kind: "menu" }>,
  { screen, look, onChoose, onFrame }: MenuSurroundings,
): DrawnMenu {
  const rect = menuRect(overlay.title, overlay.items, screen);
  const element = createElement(Menu, { ...overlay, rect, look, onChoose });
  const ink = new InkFrames({ element, size: rect, onFrame });
  return { rect, type: (raw) => ink.type(raw), end: () => ink[Symbol.dispose]() };
}

export interface Choice {
  readonly title: string;
  readonly items: readonly MenuItem[];
  /** Undefined = as NO_COLOR and the terminal say. */
  readonly color: boolean | undefined;
  /** Undefined = as the locale and the terminal say. */
  readonly ascii: boolean | undefined;
}

export interface ChoiceTerminal {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A menu before there is a screen, below the command line. Resolves with what was chosen; undefined when it was left by
 * Escape, q or Ctrl-C. The terminal is as before then.
 */
export async function chooseOnTerminal(
  { title, items, color, ascii }: Choice,
  { stdin, stdout, env }: ChoiceTerminal,
): Promise<string | undefined> {
  const look = makeLook({
    env,
    color: color === undefined ? "auto" : color ? "always" : "never",
    ascii: ascii ?? "auto",
  });
  const rect = menuRect(title, items, { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  return await new Promise((resolve) => {
    let drawn = 0;
    let isLeft = false;
    const wipe = (): string => (drawn === 0 ? "" : `\u001b[${drawn}A\r\u001b[J`);
    const onFrame = (rows: readonly string[]): void => {
      if (isLeft) return;
      stdout.write(wipe() + rows.map((row) => `${row}\r\n`).join(""));
      drawn = rows.length;
    };
    // Not by "data": a stream that was paused stays so for whoever reads it next.
    const onReadable = (): void => {
      for (let data = stdin.read(); data !== null; data = stdin.read())
        // Typed ahead, Enter came as a line feed.
        for (const key of String(data).match(KEY) ?? []) ink.type(key === "\n" ? "\r" : key);
    };
    const end = (value: string | undefined): void => {
      isLeft = true;
      stdin.off("readable", onReadable);
      // Who reads the terminal next finds it as it was.
      stdin.setRawMode(false);
      stdout.write(wipe());
      resolve(value);
      // Not while one of its own hooks runs.
      setImmediate(() => ink[Symbol.dispose]());
    };
    const menu = { title, items, initial: 0, rect, look, onChoose: end, onLeave: () => end(undefined) };
    // Before anything is drawn: what is typed at the first sight of it must not be echoed into it.
    stdin.setRawMode(true);
    const ink = new InkFrames({ element: createElement(LeavableMenu, menu), size: rect, onFrame });
    stdin.on("readable", onReadable);
  });
}

const ESCAPE = "\u001b";
/** One key as a terminal sends it. */
const KEY = new RegExp(`${ESCAPE}(?:\\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[\\s\\S]`, "gu");
