/** A keyboard of somebody else: every command that has a key has another one. */
import { KEYMAP } from "../../src/tui/commands/keymap.ts";

/** One letter each that no text has, so that every Latin key on the screen is an old one. */
export const OTHER_KEYS: readonly {
  readonly command: string;
  readonly key: string;
  readonly usual: readonly string[];
}[] = KEYMAP.filter(({ keys }) => keys.length > 0).map(({ name, keys }, index) => ({
  command: name,
  key: String.fromCodePoint(0x0430 + index),
  usual: keys,
}));

/** Keys that dialogs and prompts have by themselves, and their rows. */
const FIXED = [
  "Enter run it · Esc close",
  "no (also Enter, Esc)",
  / Enter accept .*Esc cancel/,
  / Up\/Down choose {2}Enter run the command {2}Esc close/,
  / j\/k scroll {2}Esc close/,
  / y yes {2}n no {2}Esc no/,
  / y {2}yes /,
  / n {2}no /,
];

/** A row without what dialogs and prompts say of their own keys. */
export function withoutFixedKeys(row: string): string {
  return FIXED.reduce<string>((rest, fixed) => rest.replace(fixed, ""), row);
}
