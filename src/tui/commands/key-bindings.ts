/** The key table as it is in force: the defaults, with what the configuration puts in their place. */

import { type CommandId, commandsOf, namesOf } from "../../console/command-table.ts";
import type { KeySetting } from "../../console/settings.ts";
import { type Binding, KEYMAP, printedKey } from "./keymap.ts";
import type { PaneId } from "./pane-words.ts";

/** Keys by command and commands by key. */
export class Keys {
  /** In the order of the help. */
  readonly bindings: readonly Binding[];
  readonly #byCommand: ReadonlyMap<CommandId, Binding>;
  readonly #byChord: ReadonlyMap<string, readonly Binding[]>;

  constructor(bindings: readonly Binding[]) {
    this.bindings = bindings;
    this.#byCommand = new Map(bindings.map((binding) => [binding.command, binding]));
    const table = new Map<string, Binding[]>();
    for (const binding of bindings) {
      for (const key of binding.keys) table.set(key, [...(table.get(key) ?? []), binding]);
    }
    this.#byChord = table;
  }

  /** What a chord does in a pane; undefined when nothing. */
  commandFor(chord: string, pane: PaneId): CommandId | undefined {
    const candidates = this.#byChord.get(chord) ?? [];
    const own = candidates.find((binding) => binding.panes?.includes(pane) === true);
    return (own ?? candidates.find((binding) => binding.panes === undefined))?.command;
  }

  bindingOf(command: CommandId): Binding | undefined {
    return this.#byCommand.get(command);
  }

  /** What is shown for a command: its first key, e.g. "n", else how to type it, e.g. ":attempts". */
  keyOf(command: CommandId): string {
    const binding = this.#byCommand.get(command);
    const [key] = binding?.keys ?? [];
    return key === undefined ? `:${binding?.name ?? command}` : printedKey(key);
  }
}

export const defaultKeys: Keys = new Keys(KEYMAP);

/** The defaults with the settings over them. `problems` are sentences: what was not understood or no longer fits. */
export function keysWith(settings: readonly KeySetting[]): {
  readonly keys: Keys;
  readonly problems: readonly string[];
} {
  if (settings.length === 0) return { keys: defaultKeys, problems: [] };
  const problems: string[] = [];
  const unknown: string[] = [];
  const chosen = new Map<CommandId, readonly string[]>();
  for (const { command, keys, from } of settings) {
    const row = commandsOf("screen").find((known) => namesOf(known).includes(command));
    if (row === undefined) {
      unknown.push(`${from}: there is no command "${command}"`);
      continue;
    }
    chosen.set(
      row.id,
      keys.flatMap((key) => readChord(key, from, problems)),
    );
  }
  const bindings = KEYMAP.map((binding) => ({
    ...binding,
    keys: (chosen.get(binding.command) ?? binding.keys).filter((key) =>
      keeps(binding, key, chosen, problems),
    ),
  }));
  const keys = new Keys(bindings);
  const lists = `${keys.keyOf("help")} lists them`;
  return { keys, problems: [...unknown.map((problem) => `${problem}; ${lists}`), ...problems] };
}

/** A key that was chosen for one command is no other one's; of two that chose it the earlier in the table keeps it. */
function keeps(
  binding: Binding,
  key: string,
  chosen: ReadonlyMap<CommandId, readonly string[]>,
  problems: string[],
): boolean {
  const rivals = KEYMAP.filter(
    (other) =>
      other.command !== binding.command &&
      overlaps(other, binding) &&
      chosen.get(other.command)?.includes(key) === true,
  );
  const [rival] = rivals;
  if (rival === undefined) return true;
  if (!chosen.has(binding.command)) return false;
  const isFirst = rivals.every((other) => KEYMAP.indexOf(binding) < KEYMAP.indexOf(other));
  if (isFirst)
    problems.push(`key ${printedKey(key)} is set for ${binding.name} and ${rival.name}: the first has it`);
  return isFirst;
}

/** Keys of one pane may stand over keys of all panes, as Enter does. */
function overlaps(a: Binding, b: Binding): boolean {
  if (a.panes === undefined || b.panes === undefined) return a.panes === b.panes;
  return a.panes.some((pane) => b.panes?.includes(pane) === true);
}

const NAMED_KEYS: ReadonlyMap<string, string> = new Map(
  [
    "Enter Tab Backspace Esc Space Up Down Left Right Home End PgUp PgDn Insert Delete".split(" "),
    Array.from({ length: 12 }, (_, index) => `F${index + 1}`),
  ]
    .flat()
    .map((name) => [name.toLowerCase(), name]),
);

/** "ctrl-X" and "Shift-F11" to the spelling of the events; [] and a problem when it is no key. */
function readChord(text: string, from: string, problems: string[]): readonly string[] {
  const match = /^((?:(?:ctrl|alt|shift|s)-)*)(.+)$/isu.exec(text);
  const modifiers = (match?.[1] ?? "").toLowerCase();
  const key = match?.[2] ?? "";
  const name = [...key].length === 1 ? key : NAMED_KEYS.get(key.toLowerCase());
  if (name === undefined || /\s/.test(name)) {
    problems.push(`${from}: "${text}" is no key; write n, F10, Ctrl-x, Enter, Space`);
    return [];
  }
  const ctrl = modifiers.includes("ctrl-");
  const shift = /(?:^|-)(?:shift|s)-/.test(modifiers) && name.length > 1;
  const plain = ctrl && name.length === 1 ? name.toLowerCase() : name;
  return [`${ctrl ? "Ctrl-" : ""}${modifiers.includes("alt-") ? "Alt-" : ""}${shift ? "S-" : ""}${plain}`];
}
