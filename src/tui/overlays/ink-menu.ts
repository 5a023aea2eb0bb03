/** A menu as an Ink application of its own. Everything that needs Ink is behind this file, which is loaded late. */
import { createElement } from "react";
import type { Rect, Size } from "../cells/rect.ts";
import type { Look } from "../drawing/look.ts";
import type { Overlay } from "../state/ui-state.ts";
import { InkFrames } from "./ink-frames.ts";
import { Menu, menuRect } from "./menu.tsx";

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
