/** How an instruction's sources are written, and what that says about their not being found. Pure. */
import { posix } from "node:path";
import { nearest } from "../../../base/near.ts";
import type { Program, Step } from "../../../graph/program.ts";

/** E.g. ["src/*.ts", "app-$VERSION.tgz"]; without flags, destination and heredocs. Empty for a RUN. */
export function writtenSources(text: string): readonly string[] {
  const rest = /^(?:ONBUILD\s+)?(?:COPY|ADD)\s+([\s\S]*)$/i.exec(text)?.[1];
  if (rest === undefined) return [];
  const words = rest.replace(/^(?:--\S+\s+)+/, "");
  const listed = jsonWords(words) ?? words.split(/\s+/).filter((word) => word !== "");
  return listed.slice(0, -1).filter((word) => !word.startsWith("<<"));
}

function jsonWords(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) ? words.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** What a person may have meant by it, as paths: said when it is there. */
export interface Guess {
  readonly path: string;
  readonly words: string;
}

/** @param path as the engine has it */
export function guessesFor(path: string, step: Step): readonly Guess[] {
  const words = writtenSources(step.text);
  const guesses: Guess[] = [];
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    const joined = `${word.replace(/\\$/, "")} ${next ?? ""}`;
    if (next !== undefined && [word, next].some((each) => isWritten(each, path))) {
      const words = `There is "${joined}": names with blanks are written in a list, COPY ["${joined}", "…"].`;
      guesses.push({ path: joined, words: words.replace("COPY", step.instruction) });
    }
    if (word.includes("\\") && isWritten(word.replaceAll("\\", ""), path)) {
      const slashed = word.replaceAll("\\", "/");
      guesses.push({
        path: slashed,
        words: `"\\" takes away the meaning of what follows: write ${slashed}.`,
      });
    }
  }
  return guesses;
}

function isWritten(word: string, path: string): boolean {
  return posix.normalize(`/${word.replace(/\\$/, "")}`) === posix.normalize(`/${path}`);
}

/** What can be said from the text alone, when the path is missing in the context. */
export function contextHints(path: string, step: Step, root: string | undefined): readonly string[] {
  const word = writtenSources(step.text).find((each) => isWritten(each, path));
  if (word === undefined) return [];
  if (word.startsWith("#"))
    return ["# begins a comment only at the start of a line; here it is taken for a source."];
  if (word.startsWith("~")) return ["~ stands for no home directory here; sources are paths in the context."];
  if (posix.normalize(word).startsWith("..")) {
    return ["Nothing above the context can be copied: .. ends at its top."];
  }
  const place = root === undefined ? "" : ` (${root})`;
  return word.startsWith("/") ? [`/ is the context${place} here, not this machine's root.`] : [];
}

/** Set in every stage that asks for them with ARG. */
const PLATFORM_ARGS = ["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"].flatMap((name) => [
  name,
  name.replace("TARGET", "BUILD"),
]);

/** Variables of the written source that turned out empty, in words. `path` is what the engine made of it. */
export function emptyVariables(
  path: string,
  step: Step,
  program: Program,
  buildArgs: Readonly<Record<string, string>>,
): readonly string[] {
  const found = new Set<string>();
  for (const word of writtenSources(step.text)) {
    for (const name of namesIn(word)) if (isEmptyIn(word, name, path)) found.add(name);
  }
  return [...found].map((name) => emptyWords(name, step, program, buildArgs));
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g;
const MOST_VARIABLES = 5;
const LONGEST_WORD = 500;

function namesIn(word: string): readonly string[] {
  if (word.length > LONGEST_WORD) return [];
  const names = [...word.matchAll(VARIABLE)].map(([, braced, plain]) => braced ?? plain ?? "");
  return names.length > MOST_VARIABLES ? [] : names;
}

/** The path is the word with nothing in place of that variable, and anything in place of others. */
function isEmptyIn(word: string, name: string, path: string): boolean {
  const parts = word.split(VARIABLE);
  // Three by three: the text before, and the two ways to write a name.
  let source = "";
  for (let at = 0; at < parts.length; at += 3) {
    source += (parts[at] ?? "").replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const variable = parts[at + 1] ?? parts[at + 2];
    if (variable !== undefined && variable !== name) source += ".*";
  }
  return new RegExp(`^/?(?:\\./)?${source}$`, "s").test(path.replace(/^\//, ""));
}

function emptyWords(
  name: string,
  { stage, start }: Step,
  { instructions }: Program,
  buildArgs: Readonly<Record<string, string>>,
): string {
  const above = instructions.filter((each) => each.start < start && /^(?:ARG|ENV)$/.test(each.keyword));
  const own = above.filter((each) => each.stage === stage);
  const setHere = own.flatMap(({ text }) => namesSet(text));
  if (setHere.includes(name)) {
    const isArg = own.some(
      ({ keyword, text }) => keyword === "ARG" && new RegExp(`\\s${name}(?:\\s|$)`).test(text),
    );
    const value = isArg && buildArgs[name] === undefined;
    return value
      ? `$${name} is empty: its ARG has no value, --build-arg ${name}=VALUE gives it one.`
      : `$${name} is empty.`;
  }
  const isGlobal = above.some((each) => each.stage === undefined && namesSet(each.text).includes(name));
  if (isGlobal)
    return `$${name} is empty in this stage: ARG ${name} stands above FROM, and has to stand below it, too.`;
  if (PLATFORM_ARGS.includes(name)) return `$${name} is empty: ARG ${name} in this stage brings it in.`;
  const [near] = nearest(name, setHere, 1);
  return `$${name} is not set in this stage${near === undefined ? "" : `: did you mean $${near}?`}${near === undefined ? "." : ""}`;
}

/** "ARG A=1 B" -> ["A", "B"]; "ENV A some text" -> ["A", …], which does no harm. */
function namesSet(text: string): readonly string[] {
  return [...text.matchAll(/\s([A-Za-z_]\w*)(?==|\s|$)/g)].map(([, name]) => name ?? "");
}
