/** What the palette offers for the beginning of a line. */
import { fuzzyFilter } from "./fuzzy.ts";
import { type Binding, KEYMAP } from "./keymap.ts";

/** Entries of the palette that fit what has been typed, best first; none while an argument is being typed. */
export function suggestions(text: string): readonly Binding[] {
  if (/\s/.test(text.trim()) || /^\d/.test(text.trim())) return [];
  return fuzzyFilter(text.trim(), KEYMAP, (binding) => `${binding.name} ${binding.label}`);
}
