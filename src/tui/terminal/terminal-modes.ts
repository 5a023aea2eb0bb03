/** The modes of a terminal that bktui switches, and the sequences that do it. */

/** What the shell's program asked of its terminal, to be asked of the outer terminal while the shell has the keyboard. */
export interface ShellModes {
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly mouse: MouseTracking;
}
export type MouseTracking = "none" | "press" | "drag" | "any";

/**
 * Title saved, alternate screen, no autowrap (a width that the terminal sees differently cannot scroll the
 * screen), paste brackets, focus reports, wheel as arrow keys (saved first: its default differs).
 */
export const ENTER_SEQUENCE =
  "\u001b[22;0t\u001b[?1049h\u001b[?7l\u001b[?2004h\u001b[?1004h\u001b[?1007s\u001b[?1007h\u001b[?1l\u001b>\u001b[?25l";
/** Undoes `enterSequence` and everything the compositor or `mirror` may have switched. */
export const LEAVE_SEQUENCE =
  "\u001b[?2026l\u001b[?1003l\u001b[?1002l\u001b[?1000l\u001b[?1006l\u001b[?1004l\u001b[?1007r\u001b[?2004l\u001b[?1l\u001b>" +
  "\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1049l\u001b[23;0t";

/** What is written to a terminal when it is taken, and when it is given back. */
export interface TakingSequences {
  readonly enter: string;
  readonly leave: string;
  /** Behind `leave` when a signal ends the process: what was on its way may have come after that. */
  readonly late: string;
}

/** What a frame changes and does not end itself. */
const AFTER_FRAME_SEQUENCE = "\u001b[?2026l\u001b[0m\u001b[?25h";

export const SCREEN_SEQUENCES: TakingSequences = {
  enter: ENTER_SEQUENCE,
  leave: LEAVE_SEQUENCE,
  late: AFTER_FRAME_SEQUENCE,
};

/** For a terminal that obeys none: its settings alone are taken and given back. */
export const NO_SEQUENCES: TakingSequences = { enter: "", leave: "", late: "" };

/**
 * For a terminal that nothing is drawn on but what a program prints: it stays as it is, and whatever the program may have
 * switched is undone. The other alternate screen is left by a sequence that does not move the cursor where it was not on.
 */
export const RELAY_SEQUENCES: TakingSequences = {
  enter: "",
  leave:
    "\u001b[?2026l\u001b[?1003l\u001b[?1002l\u001b[?1000l\u001b[?1006l\u001b[?1004l\u001b[?2004l\u001b[?1l\u001b[?5l\u001b>" +
    "\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1047l\u001b7\u001b[r\u001b8\u001b(B\u000f\u001b[4l",
  late: AFTER_FRAME_SEQUENCE,
};

export const noModes: ShellModes = { applicationCursor: false, applicationKeypad: false, mouse: "none" };

const mouseModes: Readonly<Record<MouseTracking, string | undefined>> = {
  none: undefined,
  press: "1000",
  drag: "1002",
  any: "1003",
};

/** The sequences that lead from one set of modes to another; mouse reports always in the SGR encoding. */
export function modeChanges(from: ShellModes, to: ShellModes): string {
  let out = "";
  if (from.applicationCursor !== to.applicationCursor)
    out += to.applicationCursor ? "\u001b[?1h" : "\u001b[?1l";
  if (from.applicationKeypad !== to.applicationKeypad) out += to.applicationKeypad ? "\u001b=" : "\u001b>";
  if (from.mouse !== to.mouse) {
    const [off, on] = [mouseModes[from.mouse], mouseModes[to.mouse]];
    if (off !== undefined) out += `\u001b[?${off}l\u001b[?1006l`;
    if (on !== undefined) out += `\u001b[?${on}h\u001b[?1006h`;
  }
  return out;
}
