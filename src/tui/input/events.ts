/** What the bytes of a terminal become: keys, pastes, mouse and focus events. */

/** A key as the keymap spells it. */
export interface KeyEvent {
  readonly type: "key";
  /**
   * Modifiers in the order `Ctrl-`, `Alt-`, `S-`, then the key: a printable character as typed (`n`, `N`, `!`),
   * or Enter Tab Backspace Esc Space Up Down Left Right Home End PgUp PgDn Insert Delete F1 to F12.
   * Letters with Ctrl are lower case (`Ctrl-c`, `Ctrl-]`).
   */
  readonly chord: string;
  /** The printable character, when the key is one without Ctrl and Alt. */
  readonly char: string | undefined;
  /** What the terminal sent. */
  readonly raw: string;
}

/** Text that was pasted, never typed; raw and untrusted. */
export interface PasteEvent {
  readonly type: "paste";
  readonly text: string;
}

/** x and y in cells from 0 at the top left of the screen. */
export interface MouseEvent {
  readonly type: "mouse";
  readonly action: "press" | "release" | "move" | "wheel-up" | "wheel-down";
  readonly button: "left" | "middle" | "right" | "none";
  readonly x: number;
  readonly y: number;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/** The terminal window got or lost the focus. */
export interface FocusEvent {
  readonly type: "focus";
  readonly focused: boolean;
}

export type InputEvent = KeyEvent | PasteEvent | MouseEvent | FocusEvent;
