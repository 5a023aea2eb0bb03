/** `expect`: what a script says must hold, as typed data. Pure. */
import { BktuiError } from "../../base/errors.ts";
import { compilePattern } from "../../base/pattern.ts";
import { visibleLine } from "../../base/visible.ts";
import { type StepName, splitStep } from "../step-names.ts";

/** What a text must have in it: a pattern in one of its lines, or the very words. */
export type Wanted = { readonly kind: "pattern" | "text"; readonly text: string };

/** `not`: it must not be so. */
export type Expectation =
  /** At the line, or at the end of the stage; undefined = anywhere. */
  | {
      readonly kind: "paused" | "failed";
      readonly line: number | undefined;
      readonly stage: string | undefined;
    }
  | { readonly kind: "finished" | "broken" | "lost" }
  /** Of the last program, else of the step that failed. */
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "step" | "breakpoints" | "failures"; readonly number: number }
  | { readonly kind: "output"; readonly wanted: Wanted; readonly not: boolean }
  | {
      readonly kind: "log";
      readonly step: StepName | undefined;
      readonly wanted: Wanted;
      readonly not: boolean;
    }
  | {
      readonly kind: "file";
      readonly step: StepName | undefined;
      readonly path: string;
      readonly wanted: Wanted | undefined;
      readonly not: boolean;
    }
  | {
      readonly kind: "env";
      readonly step: StepName | undefined;
      readonly name: string;
      readonly value: string | undefined;
      readonly not: boolean;
    };

type Reader = (rest: string, not: boolean) => Expectation;

const READERS: Readonly<Record<Expectation["kind"], Reader>> = {
  paused: (rest) => ({ kind: "paused", ...placeOf(rest) }),
  failed: (rest) => ({ kind: "failed", ...placeOf(rest) }),
  finished: (rest) => bare("finished", rest),
  broken: (rest) => bare("broken", rest),
  lost: (rest) => bare("lost", rest),
  exit: (rest) => ({ kind: "exit", code: numberOf(rest) }),
  step: (rest) => ({ kind: "step", number: numberOf(rest) }),
  breakpoints: (rest) => ({ kind: "breakpoints", number: numberOf(rest) }),
  failures: (rest) => ({ kind: "failures", number: numberOf(rest) }),
  output: (rest, not) => ({ kind: "output", wanted: wantedOf(rest), not }),
  log: (text, not) => {
    const { step, rest } = splitStep(text);
    return { kind: "log", step, wanted: wantedOf(rest), not };
  },
  file: (text, not) => {
    const { step, rest } = splitStep(text);
    const [, quoted, plain, content = ""] = /^(?:"([^"]+)"|(\S+))\s*(.*)$/s.exec(rest) ?? [];
    const path = quoted ?? plain;
    if (path === undefined) throw wrong("a path is missing, e.g. expect file /app/a.txt /two/");
    return { kind: "file", step, path, wanted: content === "" ? undefined : wantedOf(content), not };
  },
  env: (text, not) => {
    const { step, rest } = splitStep(text);
    const [, name, , value] = /^([^\s=]+)(=(.*))?$/s.exec(rest) ?? [];
    if (name === undefined) throw wrong("a variable is missing, e.g. expect env NAME=VALUE");
    return { kind: "env", step, name, value, not };
  },
};

/** Those that can be expected not to be. */
const DENIABLE: ReadonlySet<string> = new Set(["output", "log", "file", "env"]);

/** As messages and help say it. */
export const EXPECTATIONS = Object.keys(READERS).join(", ");

/** @throws {BktuiError} "usage" with what can be expected. */
export function readExpectation(text: string): Expectation {
  const [, no, kind = "", rest = ""] = /^(no\s+)?(\S*)\s*(.*)$/s.exec(text) ?? [];
  if (!Object.hasOwn(READERS, kind)) {
    const shown = kind === "" ? "expect what?" : `expect ${visibleLine(kind)}?`;
    throw wrong(`${shown} There are ${EXPECTATIONS}`);
  }
  if (no !== undefined && !DENIABLE.has(kind))
    throw wrong(`expect no ${kind}: only ${[...DENIABLE].join(", ")} can be expected not to be`);
  return READERS[kind as Expectation["kind"]](rest.trim(), no !== undefined);
}

function bare(kind: "finished" | "broken" | "lost", rest: string): Expectation {
  if (rest !== "") throw wrong(`expect ${kind} takes nothing after it`);
  return { kind };
}

function placeOf(text: string): { readonly line: number | undefined; readonly stage: string | undefined } {
  if (text === "") return { line: undefined, stage: undefined };
  const stage = /^([^:\s/]+):end$/.exec(text)?.[1];
  if (stage !== undefined) return { line: undefined, stage };
  return { line: numberOf(text.replace(/^line\s+/, "")), stage: undefined };
}

function numberOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw wrong(text === "" ? "a number is missing" : `"${visibleLine(text)}" is not a number`);
}

/** `/RE/`, else the words as they stand, in quotes where blanks at their ends count. */
function wantedOf(text: string): Wanted {
  if (text === "") throw wrong("a /PATTERN/ or a text is missing");
  const pattern = /^\/(.+)\/$/s.exec(text)?.[1];
  if (pattern !== undefined) {
    compilePattern(pattern);
    return { kind: "pattern", text: pattern };
  }
  return { kind: "text", text: /^"(.+)"$/s.exec(text)?.[1] ?? text };
}

function wrong(message: string): BktuiError {
  return new BktuiError("usage", message);
}
