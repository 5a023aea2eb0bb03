/** Draws views: the chrome through Ink, the panes through the compositor. */
import { createElement } from "react";
import { App } from "./app.ts";
import { chromeRows } from "./chrome.ts";
import type { Compositor, Layer } from "./compositor.ts";
import { Menu, menuRect } from "./dialogs/menu.tsx";
import { frameOf } from "./frame.ts";
import { InkChrome } from "./ink-chrome.ts";
import { titleText } from "./models/status.ts";
import type { Overlay } from "./ui-state.ts";
import type { View } from "./view.ts";

/**
 * Ink is asked for at most 60 frames a second (a frame costs it 4 to 5 ms, and only when its rows changed): the first
 * row tells the state, and a step from the cache is over before a longer interval is.
 */
const CHROME_INTERVAL_MS = 16;

export interface ScreenOptions {
  readonly compositor: Compositor;
  readonly view: () => View;
  /** Called with each view before it is drawn. */
  readonly onDraw: (view: View) => void;
  readonly onChoose: (value: string) => void;
}

export class Screen implements Disposable {
  readonly #options: ScreenOptions;
  #chrome: InkChrome | undefined;
  #menu: { readonly overlay: Overlay; readonly chrome: InkChrome; readonly layer: Layer } | undefined;
  /** The overlay that the menu follows; set at once, while its component is still being made. */
  #menuFor: Overlay | undefined;
  #rows: readonly string[] = [];
  /** What Ink made of `#rows`; the rows themselves until Ink is loaded. */
  #base: readonly string[] = [];
  #layout: View["layout"] | undefined;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #title = "";
  #closed = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /** Loads Ink, which takes a while: the first frames are drawn without it. */
  async load(): Promise<void> {
    const { size } = this.#options.view();
    const element = createElement(App, { rows: this.#rows, columns: size.columns });
    const chrome = await InkChrome.create({ element, size, onFrame: (rows) => this.#onFrame(rows) });
    if (this.#closed) {
      chrome[Symbol.dispose]();
      return;
    }
    this.#chrome = chrome;
    // What was drawn meanwhile has to be laid out by Ink once more.
    this.#rows = [];
    this.#drawnAtMs = Number.NEGATIVE_INFINITY;
    this.request();
  }

  /** Something changed; draws once per turn however often it is called. */
  request(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#draw();
    });
  }

  menuKey(raw: string): void {
    this.#menu?.chrome.type(raw);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#chrome?.[Symbol.dispose]();
    this.#menu?.chrome[Symbol.dispose]();
  }

  #draw(): void {
    const view = this.#options.view();
    this.#options.onDraw(view);
    const now = performance.now();
    // A new layout and the chrome around it must be seen together.
    const due = now - this.#drawnAtMs >= CHROME_INTERVAL_MS || !sameLayout(view.layout, this.#layout);
    if (due) this.#drawChrome(view, now);
    else this.#timer ??= setTimeout(() => this.#chromeIsDue(), CHROME_INTERVAL_MS - (now - this.#drawnAtMs));
    this.#followMenu(view);
    this.#show(view);
  }

  /** Timers may fire a little early; the wait is over all the same. */
  #chromeIsDue(): void {
    this.#timer = undefined;
    this.#drawnAtMs = Number.NEGATIVE_INFINITY;
    this.request();
  }

  #show(view: View): void {
    const menu = this.#menu?.overlay === view.ui.overlay ? this.#menu.layer : undefined;
    this.#options.compositor.show(frameOf(view, this.#base, menu));
  }

  #drawChrome(view: View, now: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = chromeRows(view);
    const resized = this.#layout?.status.columns !== view.layout.status.columns;
    this.#layout = view.layout;
    this.#setTitle(titleText(view.status, view.ui.terminal === "wanted"));
    if (!resized && sameRows(rows, this.#rows)) return;
    this.#drawnAtMs = now;
    this.#rows = rows;
    this.#base = rows;
    this.#chrome?.resize(view.size);
    this.#chrome?.rerender(createElement(App, { rows, columns: view.size.columns }));
  }

  #onFrame(rows: readonly string[]): void {
    this.#base = rows;
  }

  #setTitle(title: string): void {
    if (title === this.#title) return;
    this.#title = title;
    this.#options.compositor.setTitle(title);
  }

  /** A menu is a small Ink application of its own, with the keys that the overlay is given. */
  #followMenu(view: View): void {
    const { overlay } = view.ui;
    if (this.#menuFor === overlay) return;
    this.#menuFor = overlay;
    this.#menu?.chrome[Symbol.dispose]();
    this.#menu = undefined;
    if (overlay.kind !== "menu") return;
    // Its failure would be one of Ink's loading, which `load` has reported already.
    void this.#openMenu(view, overlay).catch(() => undefined);
  }

  async #openMenu(view: View, overlay: Extract<Overlay, { kind: "menu" }>): Promise<void> {
    const rect = menuRect(overlay.title, overlay.items, view.size);
    let rows: readonly string[] = [];
    const element = createElement(Menu, {
      ...overlay,
      rect,
      look: view.look,
      onChoose: this.#options.onChoose,
    });
    const chrome = await InkChrome.create({
      element,
      size: rect,
      onFrame: (drawn) => {
        rows = drawn;
        this.request();
      },
    });
    if (this.#closed || this.#options.view().ui.overlay !== overlay) {
      chrome[Symbol.dispose]();
      return;
    }
    this.#menu = { overlay, chrome, layer: { rect, surface: { rows: () => rows } } };
    this.request();
  }
}

function sameRows(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((row, y) => row === b[y]);
}

function sameLayout(a: View["layout"], b: View["layout"] | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
