/** What is typed into a shell so that Enter runs the step's command once more. Pure. */
import type { StepEnvironment } from "../../engine/engine.ts";
import { interpreterOf } from "./process-group.ts";
import { quoted } from "./shell-script.ts";

export interface RetryOptions {
  /** The shell takes a paste in brackets as it is, with its line ends. */
  readonly bracketed: boolean;
}

/**
 * The words of the RUN for a plain `sh -c`; the quoted command line for an exec form, and for a shell with options or of
 * another kind, which the open shell would not read in the same way. Several lines, and what a terminal would act upon (a
 * tab completes), go in brackets or are written so that they are one line.
 */
export function retryText({ meta, shell }: StepEnvironment, { bracketed }: RetryOptions): string {
  const { args } = meta;
  const isShellForm = args.length === shell.length + 1 && shell.every((word, at) => word === args[at]);
  const script = args.at(-1) ?? "";
  const isPlain =
    isShellForm && shell.length === 2 && shell[1] === "-c" && interpreterOf(shell) !== undefined;
  if (!isPlain) return args.map((word) => (SIMPLE.test(word) ? word : oneLine(word))).join(" ");
  if (!CONTROLS.test(script)) return script;
  if (bracketed && !OTHER_CONTROLS.test(script)) return `\u001b[200~${script}\u001b[201~`;
  return [...shell.map(quoted), oneLine(script)].join(" ");
}

/** Words that mean themselves in every shell. */
const SIMPLE = /^[\w@%+=:,./-]+$/;
const CONTROLS = /\p{Cc}/u;
/** Those that a paste cannot hold, or that end it. */
const OTHER_CONTROLS = /(?![\t\n])\p{Cc}/u;

/** One word without a control character in it. Line ends at its end are lost, which mean nothing to a script. */
function oneLine(word: string): string {
  if (!CONTROLS.test(word)) return quoted(word);
  const text = word
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replace(/\p{Cc}|'/gu, (character) => `\\0${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
  return `"$(printf %b '${text}')"`;
}
