/** The entries of the help: the key table, filtered, with the reason where a key cannot act now. */

import type { CommandGroup, CommandId } from "../../console/command-table.ts";
import { fuzzyScore } from "../commands/fuzzy.ts";
import { defaultKeys, type Keys } from "../commands/key-bindings.ts";
import { type Binding, printedKey } from "../commands/keymap.ts";
import { FOCUS_COMMANDS, PANE_WORDS, type PaneId } from "../commands/pane-words.ts";
import { type Availability, whyUnavailable } from "../state/availability.ts";
import type { HelpEntry, HelpModel } from "./help-box.ts";

const GROUPS: readonly CommandGroup[] = ["Run", "Look", "Break", "Move", "Tool"];

/** The commands that mean something in a pane and fit the filter, in the order of the help. */
export function helpCommands(pane: PaneId, filter: string, keys: Keys = defaultKeys): readonly CommandId[] {
  return helpBindings(pane, filter, keys).map((binding) => binding.command);
}

export function helpModel(
  now: Availability,
  overlay: { readonly filter: string; readonly selected: number },
): HelpModel {
  const bindings = helpBindings(now.pane, overlay.filter, now.keys);
  return {
    title: `${now.status.toUpperCase()}, ${PANE_WORDS[now.pane].title} pane`,
    filter: overlay.filter,
    entries: bindings.map((binding) => entryOf(binding, now, overlay.filter === "")),
    selected: Math.min(overlay.selected, Math.max(0, bindings.length - 1)),
  };
}

/** For commands that are typed. */
const byName = (keys: Keys): string => keys.keyOf("palette");

/** Neighbours that one line can tell about while nothing is filtered; Enter runs the first. */
const FAMILIES: readonly {
  /** What stands for all of its keys. */
  key(keys: Keys): string;
  readonly label: string;
  readonly members: readonly CommandId[];
}[] = [
  {
    key: () => `${FOCUS_COMMANDS[0]?.key}..${FOCUS_COMMANDS.at(-1)?.key}`,
    label: "panes; Tab the next one",
    members: [...FOCUS_COMMANDS.map(({ command }) => command), "pane-next", "pane-previous"],
  },
  { key: byName, label: "attempts restart no-cache", members: ["attempts", "rerun-start", "rerun-no-cache"] },
  { key: byName, label: "cancel reconnect", members: ["cancel", "reconnect"] },
  {
    key: byName,
    label: "secret ssh allow arg build-arg",
    members: ["secret", "ssh", "allow", "arg", "build-arg"],
  },
  { key: byName, label: "on off NUMBER", members: ["break-off", "break-on"] },
  {
    key: byName,
    label: "files diff cat exec debug-shell",
    members: ["files", "file-diff", "file-show", "run-program", "debug-shell"],
  },
  { key: byName, label: "shell -c COMMAND, env", members: ["shell-command", "environment"] },
  { key: byName, label: "shell-send ^]", members: ["shell-send"] },
  {
    key: byName,
    label: "set messages error",
    members: ["settings", "messages", "error"],
  },
  { key: () => "z + - =", label: "zoom, sizes, reset", members: ["zoom", "grow", "shrink", "layout-reset"] },
  { key: () => "/ , .", label: "search, previous, next", members: ["search", "hit-next", "hit-previous"] },
  {
    key: () => "[ ] { }",
    label: "steps, stages",
    members: ["step-previous", "step-next", "stage-previous", "stage-next"],
  },
  { key: () => "hjkl", label: "or arrows: move", members: ["down", "up", "left", "right"] },
  { key: () => "g G", label: "top, end", members: ["top", "bottom"] },
  {
    key: () => "PgUp/Dn",
    label: "pages, Ctrl-u/d half",
    members: ["page-down", "page-up", "half-down", "half-up"],
  },
];

/** Only while its keys are the usual ones, which its line names. */
function familyOf(command: CommandId, keys: Keys): (typeof FAMILIES)[number] | undefined {
  const family = FAMILIES.find(({ members }) => members.includes(command));
  const isUsual = family?.members.every((member) => keysOf(keys, member) === keysOf(defaultKeys, member));
  return isUsual === true ? family : undefined;
}

function keysOf(keys: Keys, command: CommandId): string {
  return (keys.bindingOf(command)?.keys ?? []).join(" ");
}

function helpBindings(pane: PaneId, filter: string, keys: Keys): readonly Binding[] {
  const bindings = matchingBindings(pane, filter, keys);
  if (filter !== "") return bindings;
  return bindings.filter(({ command }) => (familyOf(command, keys)?.members[0] ?? command) === command);
}

function matchingBindings(pane: PaneId, filter: string, keys: Keys): readonly Binding[] {
  return GROUPS.flatMap((group) =>
    keys.bindings.filter(
      (binding) =>
        binding.group === group && (binding.panes?.includes(pane) ?? true) && matches(binding, filter),
    ),
  );
}

function matches(binding: Binding, filter: string): boolean {
  if (filter === "" || binding.keys.includes(filter)) return true;
  const text = `${binding.label} ${binding.name}`;
  return text.toLowerCase().includes(filter.toLowerCase()) || (fuzzyScore(filter, binding.name) ?? -1) > 2;
}

function entryOf(binding: Binding, now: Availability, folded: boolean): HelpEntry {
  const family = folded ? familyOf(binding.command, now.keys) : undefined;
  if (family !== undefined) {
    const key = family.key(now.keys);
    return { group: binding.group, key, alias: "", label: family.label, whyNot: undefined };
  }
  const [key = `:${binding.name}`, ...aliases] = binding.keys.map(printedKey);
  return {
    group: binding.group,
    key,
    alias: aliases.join(" "),
    label: binding.label,
    whyNot: whyUnavailable(binding.command, now),
  };
}
