/** How the screen behaves; from the configuration, and changed with `:set`. */

export const themeNames = ["terminal", "high-contrast", "mono"] as const;
export type ThemeName = (typeof themeNames)[number];

export const clipboardPolicies = ["ask", "allow", "deny"] as const;
/** What happens when a program in a shell wants to set the clipboard (OSC 52). */
export type ClipboardPolicy = (typeof clipboardPolicies)[number];

export const editorPlaces = ["terminal", "pane"] as const;
/** Where `e` opens the editor: it gets the whole terminal, or a pane. */
export type EditorPlace = (typeof editorPlaces)[number];

export const noticeKinds = ["title", "bell", "osc9"] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface ScreenSettings {
  readonly theme: ThemeName;
  /** The mouse is bktui's; the terminal's own selection then needs Shift. */
  readonly mouse: boolean;
  /** False: no turning mark, and times in steps of ten seconds. */
  readonly animations: boolean;
  readonly clipboard: ClipboardPolicy;
  readonly editor: EditorPlace;
  /** A stop after so many milliseconds calls an absent user back. */
  readonly notifyAfterMs: number;
  /** In these ways; none = never. */
  readonly notify: readonly NoticeKind[];
  readonly confirmQuit: boolean;
  readonly confirmCloseShell: boolean;
  readonly confirmMultilinePaste: boolean;
  /** Lines kept above a shell's screen. */
  readonly scrollback: number;
  /** Chords by the name of a command, e.g. `next: ["n", "F10"]`; they replace the command's own. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export const defaultSettings: ScreenSettings = {
  theme: "terminal",
  mouse: false,
  animations: true,
  clipboard: "ask",
  editor: "terminal",
  notifyAfterMs: 10_000,
  notify: ["title", "bell"],
  confirmQuit: true,
  confirmCloseShell: true,
  confirmMultilinePaste: true,
  scrollback: 5000,
  keys: {},
};
