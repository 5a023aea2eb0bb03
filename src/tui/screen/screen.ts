/** Draws views: chrome and panes through the compositor, menus through Ink. */

import type { Overlay } from "../state/ui-state.ts";
import type { Compositor, Layer } from "../terminal/compositor.ts";
import { FrameClock } from "../terminal/frame-clock.ts";
import { chromeRows } from "./chrome.ts";
import { frameOf } from "./frame.ts";
import { titleText } from "./status-model.ts";
import type { View } from "./view.ts";

type Menu = Extract<Overlay, { kind: "menu" }>;

export interface ScreenOptions {
  readonly compositor: Compositor;
  readonly view: () => View;
  /** Called with each view before it is drawn. */
  readonly onDraw: (view: View) => void;
  readonly onChoose: (value: string) => void;
  /** A menu could not be drawn. */
  readonly onError: (error: unknown) => void;
}

/** What draws a menu; undefined parts come with Ink, which is loaded when the first menu opens. */
interface OpenMenu {
  readonly overlay: Menu;
  /** Keys that came before there was a component to take them. */
  readonly early: string[];
  type?: (raw: string) => void;
  layer?: Layer;
  end?: () => void;
}

/** Draws the latest view, at the pace of the frame clock. Disposing closes the menu. */
export class Screen implements Disposable {
  readonly #options: ScreenOptions;
  #menu: OpenMenu | undefined;
  /** As the compositor paints: what is drawn in between would not be seen. */
  readonly #clock = new FrameClock();
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #title = "";
  #closed = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /** Something changed; draws at the end of the turn, and as the frame clock lets it however often it is called. */
  request(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    const wait = this.#clock.waitMs;
    if (wait === 0) queueMicrotask(() => this.#draw());
    else this.#timer = setTimeout(() => this.#draw(), wait);
  }

  /** Keys for the menu; none is lost while Ink is being loaded. */
  menuKey(raw: string): void {
    this.#followMenu(this.#options.view().ui.overlay);
    const menu = this.#menu;
    if (menu?.type === undefined) menu?.early.push(raw);
    else menu.type(raw);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#menu?.end?.();
  }

  #draw(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    this.#clock.count();
    const view = this.#options.view();
    this.#options.onDraw(view);
    this.#setTitle(titleText(view.status, view.ui.terminal === "wanted"));
    this.#followMenu(view.ui.overlay);
    this.#options.compositor.show(frameOf(view, chromeRows(view), this.#menu?.layer));
  }

  #setTitle(title: string): void {
    if (title === this.#title) return;
    this.#title = title;
    this.#options.compositor.setTitle(title);
  }

  /** A menu is a small Ink application of its own, with the keys that the overlay is given. */
  #followMenu(overlay: Overlay): void {
    if (this.#menu === undefined ? overlay.kind !== "menu" : this.#menu.overlay === overlay) return;
    this.#menu?.end?.();
    this.#menu = undefined;
    if (overlay.kind !== "menu") return;
    const menu: OpenMenu = { overlay, early: [] };
    this.#menu = menu;
    void this.#openMenu(menu).catch((error: unknown) => this.#options.onError(error));
  }

  async #openMenu(menu: OpenMenu): Promise<void> {
    // Ink, React and a layout engine: as much code as everything else together, and most runs open no menu.
    const { drawMenu } = await import("../overlays/ink-menu.ts");
    if (this.#closed || this.#menu !== menu) return;
    const { overlay } = menu;
    const { size, look } = this.#options.view();
    let rows: readonly string[] = [];
    const drawn = drawMenu(overlay, {
      screen: size,
      look,
      onChoose: this.#options.onChoose,
      onFrame: (frame) => {
        rows = frame;
        this.request();
      },
    });
    menu.end = drawn.end;
    menu.type = drawn.type;
    menu.layer = { rect: drawn.rect, content: { rows: () => rows } };
    for (const raw of menu.early) drawn.type(raw);
    this.request();
  }
}
