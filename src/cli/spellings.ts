/** The spellings that docker takes for an option: `-f=X`, `-fX`, `-Df X`, `--pull=true`; all become one. Pure. */
import type { Option } from "commander";
import { usageError } from "../console/bad-values.ts";
import { isRemote } from "../console/build-contexts.ts";

/** The parts of an option that decide how it is read. */
export type Spelled = Pick<Option, "short" | "long" | "required"> & Partial<Pick<Option, "optional">>;

const NO_VALUES = ["--", "--help", "--version"];

/** True when the next word is the value of this option; also for options that are not known. */
export function takesNextWord(word: string, options: readonly Spelled[]): boolean {
  if (word.startsWith("--"))
    return !word.includes("=") && !NO_VALUES.includes(word) && (longOf(word, options)?.required ?? true);
  const last = shortsOf(word, options).at(-1);
  return last === undefined ? word.length === 2 : last.option.required && last.value === undefined;
}

/** Where the words stand that are neither options nor their values. */
export function operandsOf(words: readonly string[], options: readonly Spelled[]): readonly number[] {
  const operands: number[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-") || word === "-") operands.push(at);
    else if (takesNextWord(word, options)) at += 1;
  }
  return operands;
}

/**
 * Every option as two words, its long or short flag and its value, or as one when it is a switch that is on. A mistyped
 * flag is so compared and shown without its value, which may be a secret. The last one counts of a switch that is
 * given twice. A path after `--` cannot be taken for a command or an option.
 * @throws {BktuiError} "usage" when a switch is neither true nor false.
 */
export function canonical(argv: readonly string[], options: readonly Spelled[]): readonly string[] {
  let words: { readonly text: string; readonly isSwitch?: boolean }[] = [];
  const turn = (flag: string, value: string | undefined): void => {
    if (isOn(flag, value)) words.push({ text: flag, isSwitch: true });
    else words = words.filter(({ text, isSwitch }) => isSwitch !== true || text !== flag);
  };
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") {
      const isPlain = (path: string): boolean => path.startsWith("/") || isRemote(path);
      words.push(...argv.slice(at + 1).map((path) => ({ text: isPlain(path) ? path : `./${path}` })));
      break;
    }
    for (const { flag, value, isSwitch } of partsOf(word, options)) {
      if (isSwitch) turn(flag, value);
      else words.push({ text: flag }, ...(value === undefined ? [] : [{ text: value }]));
    }
    const next = argv[at + 1];
    // Also one that looks like an option: `--memory-swap -1`.
    if (!isOption(word) || next === undefined || !isKnown(word, options)) continue;
    if (!takesNextWord(word, options)) continue;
    words.push({ text: next });
    at += 1;
  }
  return words.map(({ text }) => text);
}

interface Part {
  readonly flag: string;
  readonly value?: string | undefined;
  readonly isSwitch: boolean;
}

function partsOf(word: string, options: readonly Spelled[]): readonly Part[] {
  const [, long, longValue] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [word, word];
  if (long.startsWith("--")) {
    // In one word, so that what stands behind it is not taken for its value.
    const option = longOf(long, options);
    if (option?.optional === true && !option.required)
      return [{ flag: `${long}=${longValue ?? ""}`, isSwitch: false }];
    const isSwitch = longOf(long, options)?.required === false && !NO_VALUES.includes(long);
    return [{ flag: long, value: longValue, isSwitch }];
  }
  const shorts = shortsOf(word, options);
  if (shorts.length === 0) return [{ flag: word, isSwitch: false }];
  return shorts.map(({ option, value }) => ({
    flag: option.long ?? option.short ?? "",
    value,
    isSwitch: !option.required,
  }));
}

/** The options of `-Df=X`; empty when one of the letters is none. */
function shortsOf(
  word: string,
  options: readonly Spelled[],
): readonly { readonly option: Spelled; readonly value?: string }[] {
  const found: { option: Spelled; value?: string }[] = [];
  if (!isOption(word) || word.startsWith("--")) return [];
  for (let at = 1; at < word.length; at += 1) {
    const option = options.find(({ short }) => short === `-${word[at]}`);
    if (option === undefined) return [];
    const rest = word.slice(at + 1);
    if (rest !== "" && (option.required || rest.startsWith("="))) {
      found.push({ option, value: rest.replace(/^=/, "") });
      break;
    }
    found.push({ option });
  }
  return found;
}

function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function isKnown(word: string, options: readonly Spelled[]): boolean {
  return longOf(word, options) !== undefined || shortsOf(word, options).length > 0;
}

function longOf(word: string, options: readonly Spelled[]): Spelled | undefined {
  return options.find(({ long }) => long === word);
}

/** As Go's strconv.ParseBool, which docker reads switches with, but in any case of letters. */
function isOn(flag: string, value = "true"): boolean {
  if (/^(true|t|1)$/i.test(value)) return true;
  if (/^(false|f|0)$/i.test(value)) return false;
  throw usageError(`${flag}=${value}: a switch is true or false`);
}
