/** What a line typed after `:` means. Pure. */
import { fuzzyFilter } from "./fuzzy.ts";
import { type Binding, type CommandId, commandNamed, KEYMAP } from "./keymap.ts";

export type Setting = "wrap" | "color" | "ascii" | "zoom";

export type CommandLine =
  | { readonly kind: "nothing" }
  | { readonly kind: "line"; readonly line: number }
  | { readonly kind: "command"; readonly command: CommandId }
  | { readonly kind: "break-line"; readonly line: number }
  | { readonly kind: "break-stage"; readonly stage: string }
  | { readonly kind: "target"; readonly stage: string }
  | { readonly kind: "messages" }
  | { readonly kind: "error" }
  | { readonly kind: "set"; readonly setting: Setting; readonly on: boolean }
  | { readonly kind: "send"; readonly text: string }
  | { readonly kind: "unknown"; readonly why: string };

const SETTINGS: readonly Setting[] = ["wrap", "color", "ascii", "zoom"];

/** `:12`, `:break 11`, `:break end app`, `:target app`, `:messages`, `:error`, `:set wrap on`, or a command's name. */
export function parseCommandLine(text: string): CommandLine {
  const [word = "", ...rest] = text.trim().split(/\s+/);
  const argument = rest.join(" ");
  if (word === "") return { kind: "nothing" };
  if (/^\d+$/.test(word)) return { kind: "line", line: Number(word) };
  switch (word) {
    case "messages":
      return { kind: "messages" };
    case "error":
      return { kind: "error" };
    case "set":
      return parseSet(rest);
    case "q":
    case "q!":
      return { kind: "command", command: "quit" };
    case "target":
      return argument === "" ? { kind: "command", command: "target" } : { kind: "target", stage: argument };
    case "shell-send":
      return argument === "^]"
        ? { kind: "send", text: "\u001d" }
        : { kind: "unknown", why: "shell-send knows ^] only" };
    case "b":
    case "break":
      return argument === "" ? { kind: "command", command: "break-line" } : parseBreak(argument);
    default: {
      const command = commandNamed(word);
      if (command !== undefined && argument === "") return { kind: "command", command };
      return { kind: "unknown", why: `no command ":${word}"; ? lists them` };
    }
  }
}

/** `11`, `Dockerfile:11`, `end app`, `app:end`. */
export function parseBreak(text: string): CommandLine {
  const line = text.match(/^(?:.*:)?(\d+)$/)?.[1];
  if (line !== undefined && Number(line) > 0) return { kind: "break-line", line: Number(line) };
  const stage = text.match(/^end(?: of stage)?\s+(\S+)$/)?.[1] ?? text.match(/^(\S+):end$/)?.[1];
  if (stage !== undefined) return { kind: "break-stage", stage };
  return { kind: "unknown", why: `no breakpoint "${text}": a line number, or "end STAGE"` };
}

function parseSet(words: readonly string[]): CommandLine {
  const [name = "", value = "on"] = words;
  const setting = SETTINGS.find((known) => known === name);
  if (setting === undefined || (value !== "on" && value !== "off")) {
    return { kind: "unknown", why: `:set knows ${SETTINGS.join(", ")}, each on or off` };
  }
  return { kind: "set", setting, on: value === "on" };
}

/** Entries of the palette that fit what has been typed, best first; none while an argument is being typed. */
export function suggestions(text: string): readonly Binding[] {
  if (/\s/.test(text.trim()) || /^\d/.test(text.trim())) return [];
  return fuzzyFilter(text.trim(), KEYMAP, (binding) => `${binding.name} ${binding.label}`);
}
