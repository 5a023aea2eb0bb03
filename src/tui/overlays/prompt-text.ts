/** Editing one line of text: what a key does to it. Pure. */
import type { PromptText } from "../state/ui-state.ts";

/** The text after a key; undefined when the key is not an editing key. `char` is a printable character. */
export function editPrompt(
  input: PromptText,
  key: { readonly chord: string; readonly char: string | undefined },
): PromptText | undefined {
  const { text, caret } = input;
  if (key.char !== undefined) return insert(input, key.char);
  switch (key.chord) {
    case "Backspace":
    case "Ctrl-h":
      return cut(input, previousStart(text, caret), caret);
    case "Delete":
    case "Ctrl-d":
      return cut(input, caret, nextEnd(text, caret));
    case "Left":
    case "Ctrl-b":
      return { text, caret: previousStart(text, caret) };
    case "Right":
    case "Ctrl-f":
      return { text, caret: nextEnd(text, caret) };
    case "Home":
    case "Ctrl-a":
      return { text, caret: 0 };
    case "End":
    case "Ctrl-e":
      return { text, caret: text.length };
    case "Ctrl-u":
      return cut(input, 0, caret);
    case "Ctrl-k":
      return cut(input, caret, text.length);
    case "Ctrl-w":
      return cut(input, wordStart(text, caret), caret);
    default:
      return undefined;
  }
}

/** Inserts one line of pasted or typed text; line ends and control characters are left out. */
export function insert(input: PromptText, added: string): PromptText {
  const printable = [...added].filter((char) => char >= " " && !/[\u007f-\u009f]/.test(char)).join("");
  const text = input.text.slice(0, input.caret) + printable + input.text.slice(input.caret);
  return { text, caret: input.caret + printable.length };
}

function cut(input: PromptText, from: number, to: number): PromptText {
  return { text: input.text.slice(0, from) + input.text.slice(to), caret: from };
}

function previousStart(text: string, caret: number): number {
  const before = [...text.slice(0, caret)];
  return caret - (before.at(-1)?.length ?? 0);
}

function nextEnd(text: string, caret: number): number {
  const [next] = text.slice(caret);
  return caret + (next?.length ?? 0);
}

function wordStart(text: string, caret: number): number {
  return text.slice(0, caret).replace(/\S*\s*$/, "").length;
}
