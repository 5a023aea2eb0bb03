/** What the console answers, as text for the debug console of an editor: short, with texts of the build as they are. Pure. */
import type { ErrorAnswer, Result, StateAnswer } from "../../answers/answers.ts";
import { errorWords, told } from "../../answers/words/result-words.ts";
import type { Voice } from "../../answers/words/voice.ts";
import { clipText } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";

const LONGEST_SHORT = 600;

const TO_A_PERSON: Voice = {
  quoted: (text) => clipText(visibleLine(text), LONGEST_SHORT),
  rest: { log: "log STEP last N shows more", files: "name a directory in it" },
  states: "the first is shown; swap shows another",
  thread: "thread shows another",
  advice: { command: "type", option: "an option of the build", program: "a program" },
  command: (command) => `type ${visibleLine(command)}:`,
  next: nextLines,
};

/** Without a line end at its end. */
export function answerText(result: Result): string {
  if (result.kind === "nothing") return "";
  if (result.kind === "help") return helpText(result);
  if (result.kind === "next-build") return nextBuildText(result);
  if (result.kind === "attempts") return attemptsText(result);
  if (result.kind === "bundle") return result.words.join("\n");
  if (result.kind === "ops")
    return result.vertices.map(({ digest, json }) => `${digest}\n${json}`).join("\n");
  if (result.kind === "graph") return graphText(result);
  const { words, blocks = [] } = told(result, TO_A_PERSON);
  const texts = blocks.map(({ text }) => text);
  // Of a program what it printed is the answer; how it ended stands behind it, as in a terminal.
  const parts =
    result.kind === "program" || result.kind === "file" ? [...texts, ...words] : [...words, ...texts];
  return parts.filter((part) => part !== "").join("\n");
}

/** What failed, why, and what to do next. */
export function errorText(error: ErrorAnswer): string {
  const [, ...more] = errorWords(error, TO_A_PERSON);
  return [error.message, ...more].join("\n");
}

type Of<Kind extends Result["kind"]> = Extract<Result, { readonly kind: Kind }>;

function helpText({ commands }: Of<"help">): string {
  const rows = commands.map(({ name, aliases, argument, about }) => {
    const typed = argument === "" ? name : `${name} ${argument}`;
    const others = aliases.length === 0 ? "" : ` (also ${aliases.join(", ")})`;
    return { typed, about: `${about}${others}` };
  });
  const width = Math.min(30, Math.max(...rows.map(({ typed }) => typed.length)));
  return rows.map(({ typed, about }) => `${typed.padEnd(width)}  ${about}`).join("\n");
}

function nextBuildText({ target, arguments: given, secrets, ssh, allow }: Of<"next-build">): string {
  const rows = [
    ...(target === undefined ? [] : [`target ${target}`]),
    ...given.map(({ name, value }) => `build argument ${name}=${value}`),
    ...secrets.map((id) => `secret ${id}`),
    ...ssh.map((id) => `ssh ${id}`),
    ...allow.map((name) => `allowed ${name}`),
  ];
  return ["The next build gets:", ...(rows.length === 0 ? ["nothing beside its files"] : rows)].join("\n");
}

function attemptsText({ attempts }: Of<"attempts">): string {
  return attempts
    .map(({ number, result, ranMs, cacheBreak }) => {
      const cache = cacheBreak === undefined ? "" : `, ${cacheBreak}`;
      return `run ${number}: ${result}, ${(ranMs / 1000).toFixed(1)}s${cache}`;
    })
    .join("\n");
}

function graphText({ stages, steps }: Of<"graph">): string {
  return stages
    .flatMap(({ name, from, needed, steps: own }) => [
      `stage ${name}, from ${from === "" ? "nothing" : from}${needed ? "" : ", not needed"}`,
      ...steps.flatMap(({ step, text, feeds }) => {
        if (!own.includes(step)) return [];
        const fed =
          feeds.length === 0 ? "" : `  <- ${feeds.map((each) => `${each.kind} ${each.name}`).join(", ")}`;
        return [`  ${step} ${text}${fed}`];
      }),
    ])
    .join("\n");
}

function nextLines({ status }: StateAnswer): readonly string[] {
  return status === "failed"
    ? ["log, diff, files and ! COMMAND look into what the step left; restart runs it again"]
    : [];
}
