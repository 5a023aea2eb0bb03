/** What a line typed after `:` means. Pure. */
import { toBktuiError } from "../../base/errors.ts";
import { parseBreak, type TypedBreak } from "../../debugger/breakpoints/break-spec.ts";
import { fuzzyFilter } from "./fuzzy.ts";
import { type Binding, type CommandId, commandNamed, KEYMAP } from "./keymap.ts";
import { parseSet, type SetCommand } from "./set-command.ts";

const GIVEN = ["secret", "ssh", "allow"] as const;
export type GivenOption = (typeof GIVEN)[number];

export type CommandLine =
  | { readonly kind: "nothing" }
  /** `nth`: which of its steps, from 1. */
  | { readonly kind: "line"; readonly line: number; readonly nth: number | undefined }
  | { readonly kind: "command"; readonly command: CommandId }
  | { readonly kind: "break"; readonly typed: TypedBreak }
  | { readonly kind: "target"; readonly stage: string }
  /** `value` undefined = the argument is not given any more. */
  | { readonly kind: "argument"; readonly name: string; readonly value: string | undefined }
  /** An option of the command line that the next build gets too; `text` is what stands behind its name. */
  | { readonly kind: "give"; readonly option: GivenOption; readonly text: string }
  /** Counts from 1. */
  | { readonly kind: "failure"; readonly step: number }
  | SetCommand
  | { readonly kind: "send"; readonly text: string };

/**
 * `:12`, `:13.2`, `:break 11`, `:break /RUN npm/`, `:target app`, `:messages`, `:error`, `:set wrap on`, `:arg VERSION=2`,
 * `:secret id=token,src=PATH`, or a command's name.
 */
export function parseCommandLine(text: string): CommandLine {
  const [word = "", ...rest] = text.trim().split(/\s+/);
  const argument = rest.join(" ");
  if (word === "") return { kind: "nothing" };
  const [, line, nth] = /^(\d+)(?:\.(\d+))?$/.exec(word) ?? [];
  if (line !== undefined)
    return { kind: "line", line: Number(line), nth: nth === undefined ? undefined : Number(nth) };
  const given = GIVEN.find((option) => option === word);
  if (given !== undefined) return { kind: "give", option: given, text: argument };
  switch (word) {
    case "set":
      return argument === "" ? { kind: "command", command: "settings" } : parseSet(rest);
    case "arg":
      return parseArgument(text.trim().slice(word.length).trim());
    case "q":
    case "q!":
      return { kind: "command", command: "quit" };
    case "target":
      return argument === "" ? { kind: "command", command: "target" } : { kind: "target", stage: argument };
    case "failure":
      if (argument === "") return { kind: "command", command: "failure-next" };
      return /^[1-9]\d*$/.test(argument)
        ? { kind: "failure", step: Number(argument) }
        : { kind: "unknown", why: `:failure ${argument}: the number of a step that failed` };
    case "shell-send":
      return argument === "^]"
        ? { kind: "send", text: "\u001d" }
        : { kind: "unknown", why: "shell-send knows ^] only" };
    case "b":
    case "break":
      return argument === "" ? { kind: "command", command: "break-line" } : readBreak(argument);
    default: {
      const command = commandNamed(word);
      if (command !== undefined && argument === "") return { kind: "command", command };
      return { kind: "unknown", why: `no command ":${word}"; ? lists them` };
    }
  }
}

/** A place as `parseBreak` (break-spec.ts) knows them. */
export function readBreak(text: string): CommandLine {
  try {
    return { kind: "break", typed: parseBreak(text) };
  } catch (error) {
    const { message, hint } = toBktuiError(error);
    return { kind: "unknown", why: hint === undefined ? message : `${message}; ${hint}` };
  }
}

/** `NAME=VALUE`; NAME alone takes the argument back. */
export function parseArgument(text: string): CommandLine {
  const [, name, , value] = /^([A-Za-z_][A-Za-z0-9_.-]*)(=([\s\S]*))?$/.exec(text) ?? [];
  if (name === undefined)
    return { kind: "unknown", why: ":arg NAME=VALUE sets a build argument, :arg NAME removes it" };
  return { kind: "argument", name, value };
}

/** Entries of the palette that fit what has been typed, best first; none while an argument is being typed. */
export function suggestions(text: string): readonly Binding[] {
  if (/\s/.test(text.trim()) || /^\d/.test(text.trim())) return [];
  return fuzzyFilter(text.trim(), KEYMAP, (binding) => `${binding.name} ${binding.label}`);
}
