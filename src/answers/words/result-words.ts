/** What the console answers, told to a model or a person: short facts in bktui's words, texts of the build apart. Pure. */
import { unreachable } from "../../base/errors.ts";
import { byteSize, count, totalTime } from "../../base/words.ts";
import { ruleText } from "../../debugger/breakpoints/break-order.ts";
import { catchText } from "../../debugger/breakpoints/catches.ts";
import type { BreakpointAnswer, ErrorAnswer, PlaceAnswer, Result, ResultOf } from "../answers.ts";
import { stateTold } from "./state-words.ts";
import type { Block, Told, Voice } from "./voice.ts";

export function told(result: Result, voice: Voice): Told {
  const { words, blocks } = plainTold(result, voice);
  const rest = voice.rest[result.kind];
  if (blocks === undefined || rest === undefined)
    return { words, ...(blocks === undefined ? {} : { blocks }) };
  return { words, blocks: blocks.map((block) => ({ ...block, rest })) };
}

function plainTold(result: Result, voice: Voice): Told {
  const { quoted } = voice;
  switch (result.kind) {
    case "state":
      return stateTold(result, voice);
    case "steps":
      return stepsTold(result, voice);
    case "source":
      return sourceTold(result, voice);
    case "breakpoints":
      return { words: breakpointLines(result.breakpoints, voice) };
    case "breakpoint":
      return changedBreakpointTold(result, voice);
    case "log":
      return logTold(result);
    case "files":
      return filesTold(result, voice);
    case "file":
      return fileTold(result, voice);
    case "changes":
      return changesTold(result, voice);
    case "diff":
      return diffTold(result, voice);
    case "environment":
      return environmentTold(result, voice);
    case "program":
      return programTold(result);
    case "exported":
      return exportedTold(result, voice);
    case "threads":
      return {
        words: result.threads.map(
          ({ number, platform, shown, words }) =>
            `${shown ? ">" : " "} ${number} ${quoted(platform)}: ${quoted(words)}`,
        ),
      };
    case "warnings":
      return warningsTold(result);
    case "error":
      return lastErrorTold(result, voice);
    case "shown":
      return { words: [`${result.side.toUpperCase()} of step ${result.step} is shown`] };
    case "expected":
      return { words: [`as expected: ${quoted(result.words)}`] };
    case "editors":
      return { words: [quoted(result.words)] };
    case "quit":
      return { words: ["the build is over"] };
    case "nothing":
      return { words: ["done"] };
    case "graph":
    case "ops":
    case "bundle":
    case "attempts":
    case "help":
    case "next-build":
      return { words: [`${result.kind}:`], blocks: [jsonBlock(result)] };
    default:
      return unreachable(result);
  }
}

function jsonBlock(result: Result): Block {
  return { title: result.kind, text: JSON.stringify(result, undefined, 1), keeps: "start" };
}

function stepsTold({ steps, omitted }: ResultOf<"steps">, voice: Voice): Told {
  const lines = steps.map((step) => {
    const took =
      step.startedAt === undefined || step.completedAt === undefined
        ? ""
        : ` ${totalTime(step.completedAt - step.startedAt)}`;
    const exit = step.exitCode === undefined ? "" : ` exit ${step.exitCode}`;
    return `${step.current ? ">" : " "}${placeWords(step, voice)} ${step.status}${exit}${took}: ${step.text}`;
  });
  const more = omitted === 0 ? [] : [`… ${count(omitted, "step")} more`];
  return {
    words: [`${count(steps.length + omitted, "step")}; > marks where the build stands`],
    blocks: [{ title: "steps", text: [...lines, ...more].join("\n"), keeps: "start" }],
  };
}

/** "step 5/8, line 18 (stage "build")". */
function placeWords({ step, of, line, endLine, stage }: PlaceAnswer, { quoted }: Voice): string {
  const lines = endLine > line ? `lines ${line}-${endLine}` : `line ${line}`;
  return `step ${step}/${of}, ${lines} (stage ${quoted(stage)})`;
}

function sourceTold({ file, total, lines }: ResultOf<"source">, { quoted }: Voice): Told {
  const rows = lines.flatMap(({ line, text, here, breakpoints, warnings }) => [
    `${breakpoints.length > 0 ? "*" : " "}${here ? ">" : " "}${String(line).padStart(4)} | ${text}`.trimEnd(),
    ...warnings.map((warning) => `       ! ${warning}`),
  ]);
  return {
    words: [
      `${quoted(file)}, ${count(total, "line")}; > where the build stands, * a breakpoint, ! a warning`,
    ],
    blocks: [{ title: "source", text: rows.join("\n"), keeps: "start" }],
  };
}

function breakpointLines(breakpoints: readonly BreakpointAnswer[], voice: Voice): readonly string[] {
  return breakpoints.length === 0
    ? ["no breakpoints"]
    : breakpoints.map((each) => breakpointLine(each, voice));
}

function breakpointLine(breakpoint: BreakpointAnswer, { quoted }: Voice): string {
  const { number, place, rule, behind, enabled, hits, bound, why, line, steps, atEnd } = breakpoint;
  const under = ruleText(rule);
  const typed = under === "" ? place : `${place} ${under}`;
  const start = `breakpoint ${number} ${enabled ? "on" : "off"} ${quoted(typed)}`;
  const reason = why === undefined ? "" : ` (${quoted(why)})`;
  if (bound === "pending") return `${start}: not looked at yet`;
  if (bound === "lost") return `${start}: cannot stop${reason}`;
  const verb = rule?.log === undefined ? "stops" : "is a log point";
  const where = `${atEnd || behind ? "behind" : "before"} ${steps.length === 1 ? "step" : "steps"} ${steps.join(", ")}`;
  const moved = bound === "moved" && line !== undefined ? `, moved to line ${line}` : "";
  return `${start}: ${verb} ${where}${moved}${reason}, ${count(hits, "hit")}`;
}

function changedBreakpointTold(result: ResultOf<"breakpoint">, voice: Voice): Told {
  const { change, breakpoint, deleted, why = [], catches = [] } = result;
  if (change === "catch") return { words: [`failures that stop: ${voice.quoted(catchText(catches))}`] };
  if (change === "why") return { words: why.map((each) => voice.quoted(each)) };
  const words = breakpoint === undefined ? [] : [breakpointLine(breakpoint, voice)];
  if (change === "all-deleted") return { words: [`${count(deleted ?? 0, "breakpoint")} deleted`] };
  if (change === "nothing") return { words: ["nothing to do"] };
  return { words: [change, ...words] };
}

function logTold({ step, matches, total, lost, before, after, lines }: ResultOf<"log">): Told {
  const of = step === undefined ? "the build" : `step ${step}`;
  const first = lines[0]?.number;
  const last = lines.at(-1)?.number;
  const range = first === undefined ? "none shown" : `${first} to ${last} shown`;
  const found = matches === undefined ? "" : `, ${count(matches, "line")} with a match`;
  const left = before + after === 0 ? "" : `; ${before} before and ${after} behind them left out`;
  const gone = lost === 0 ? "" : `; the first ${lost} are not kept any more`;
  const rows = lines.map((line) => {
    const own = step === undefined && line.step !== undefined ? `[${line.step}] ` : "";
    return `${String(line.number).padStart(5)} ${own}${line.text}`;
  });
  return {
    words: [`log of ${of}: ${count(total, "line")}, ${range}${found}${left}${gone}`],
    blocks:
      rows.length === 0
        ? []
        : [
            {
              title: `log of ${of}`,
              text: rows.join("\n"),
              keeps: "end",
            },
          ],
  };
}

function filesTold({ step, side, path, entries, omitted }: ResultOf<"files">, voice: Voice): Told {
  const rows = entries.map(({ name, kind, bytes, mode, target, uid, gid }) => {
    const link = target === undefined || target === "" ? "" : ` -> ${target}`;
    const size = kind === "file" ? ` ${bytes}` : "";
    return `${mode} ${uid ?? 0}:${gid ?? 0}${size} ${name}${kind === "directory" ? "/" : ""}${link}`;
  });
  const more = omitted === 0 ? "" : `, ${omitted} more left out${howTo(voice.rest.files)}`;
  return {
    words: [
      `${voice.quoted(path)} in ${side.toUpperCase()} of step ${step}: ${count(entries.length, "entry").replace(/entrys$/, "entries")}${more}`,
    ],
    blocks: rows.length === 0 ? [] : [{ title: "directory", text: rows.join("\n"), keeps: "start" }],
  };
}

function fileTold(
  { step, side, path, bytes, offset, omitted, text, altered, base64 }: ResultOf<"file">,
  voice: Voice,
): Told {
  const where = `${voice.quoted(path)} in ${side.toUpperCase()} of step ${step}, ${count(bytes, "byte")}`;
  if (text === undefined)
    return {
      words: [`${where}: not text, its first bytes are in base64`],
      blocks: [{ title: "file in base64", text: (base64 ?? "").slice(0, BASE64_SHOWN), keeps: "start" }],
    };
  const rest =
    omitted === 0 ? [] : [`${count(omitted, "byte")} behind this piece left out${howTo(voice.rest.file)}`];
  const from = offset === 0 ? "" : `, from byte ${offset}`;
  const changed =
    altered === true ? ["not the very bytes: control characters are written out, secrets are ***"] : [];
  return {
    words: [`${where}${from}`, ...changed, ...rest],
    blocks: [{ title: "file", text, keeps: "start" }],
  };
}

const BASE64_SHOWN = 512;

function changesTold(result: ResultOf<"changes">, { quoted }: Voice): Told {
  const { step, side, added, changed, removed, changes, omitted, problems } = result;
  const sign = { added: "+", removed: "-", changed: "~" } as const;
  const rows = changes.map(({ path, change, kind, bytesBefore, bytesAfter, differs }) => {
    const sizes =
      kind !== "file"
        ? ""
        : change === "changed"
          ? ` ${bytesBefore} -> ${bytesAfter} bytes`
          : ` ${bytesAfter ?? bytesBefore} bytes`;
    const what = differs.length === 0 ? "" : ` (${differs.join(", ")})`;
    return `${sign[change]} ${path}${kind === "directory" ? "/" : ""}${sizes}${what}`;
  });
  const more = omitted === 0 ? [] : [`… ${omitted} more`];
  return {
    words: [
      `step ${step} (BASE -> ${side.toUpperCase()}): ${added} added, ${changed} changed, ${removed} removed`,
      ...problems.slice(0, MOST_NOTES).map((problem) => `note: ${quoted(problem)}`),
    ],
    blocks:
      rows.length === 0
        ? []
        : [
            {
              title: "changed files",
              text: [...rows, ...more].join("\n"),
              keeps: "start",
            },
          ],
  };
}

const MOST_NOTES = 10;
const SIGNS = { same: " ", removed: "-", added: "+", gap: "…", note: "\\" } as const;

function diffTold({ step, side, path, facts, rows, omitted }: ResultOf<"diff">, { quoted }: Voice): Told {
  const lines = rows.map(({ kind, before, after, text }) => {
    const number = after ?? before;
    return `${SIGNS[kind]} ${number === undefined ? "" : `${number}  `}${text}`;
  });
  const more = omitted === 0 ? [] : [`… ${omitted} more rows`];
  return {
    words: [
      `${quoted(path)} (BASE -> ${side.toUpperCase()} of step ${step})`,
      ...facts.slice(0, MOST_NOTES).map((fact) => quoted(fact)),
    ],
    blocks:
      lines.length === 0
        ? []
        : [{ title: "difference", text: [...lines, ...more].join("\n"), keeps: "start" }],
  };
}

function environmentTold(result: ResultOf<"environment">, voice: Voice): Told {
  const { place, side, user, directory, shell, variables, mounts, needs, lacking, given } = result;
  const state = side === undefined ? "not reached yet" : side.toUpperCase();
  const rows = [
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(directory === undefined ? [] : [`directory ${directory}`]),
    ...(shell === undefined ? [] : [`shell ${JSON.stringify(shell)}`]),
    ...variables.map(({ name, value }) => `env ${name}=${value}`),
    ...mounts.map(({ kind, path }) => `mount ${kind} ${path}`),
    ...needs.map((stage) => `needs stage ${stage}`),
    ...lacking.map((each) => `not given: ${each}`),
    ...given.map((each) => `given: ${each}`),
  ];
  return {
    words: [`${placeWords(place, voice)}, ${state}`],
    blocks: [{ title: "environment", text: rows.join("\n"), keeps: "start" }],
  };
}

function programTold({ step, side, exitCode, output, omitted, ranMs }: ResultOf<"program">): Told {
  const end = exitCode === undefined ? "the engine dropped it" : `exit code ${exitCode}`;
  const left = omitted === 0 ? "" : `; ${omitted} bytes of its output left out in the middle`;
  const where = `${side.toUpperCase()} of step ${step}`;
  return {
    words: [`${end} in ${where}, after ${totalTime(ranMs)}${output === "" ? ", no output" : left}`],
    blocks:
      output === ""
        ? []
        : [
            {
              title: "output",
              text: output.replace(/\n$/, ""),
              keeps: "end",
            },
          ],
  };
}

function exportedTold(
  { step, side, outputs, imageId, changed, notes }: ResultOf<"exported">,
  { quoted }: Voice,
): Told {
  const made = outputs.map(({ kind, path, names, files, bytes }) => {
    const what = [...(path === undefined ? [] : [path]), ...(names ?? [])].map(quoted).join(", ");
    const size = bytes === undefined ? "" : `, ${byteSize(bytes)}`;
    return `${kind} ${what}${files === undefined ? "" : `, ${count(files, "file")}`}${size}`;
  });
  return {
    words: [
      `${side.toUpperCase()} of step ${step} was exported`,
      ...made,
      ...(imageId === undefined ? [] : [`image ${quoted(imageId)}`]),
      ...(changed ? ["with what programs changed in it"] : []),
      ...notes.map((note) => `note: ${quoted(note)}`),
    ],
  };
}

function warningsTold({ warnings, omitted }: ResultOf<"warnings">): Told {
  if (warnings.length === 0) return { words: ["no warnings"] };
  const rows = warnings.flatMap(({ text, detail, lines }) => [
    `${lines.length === 0 ? "" : `line ${lines.join(", ")}: `}${text}`,
    ...detail.map((each) => `  ${each}`),
  ]);
  return {
    words: [count(warnings.length + omitted, "warning")],
    blocks: [{ title: "warnings", text: rows.join("\n"), keeps: "start" }],
  };
}

function lastErrorTold({ error, blocks }: ResultOf<"error">, voice: Voice): Told {
  if (error === undefined) return { words: ["there was no error"] };
  const text = blocks.map((block) => block.join("\n")).join("\n\n");
  return {
    words: errorWords(error, voice),
    blocks: text === "" ? [] : [{ title: "all that is known about it", text, keeps: "start" }],
  };
}

/** What failed, why, and what to do next. */
export function errorWords(
  { code, message, hint, remedies }: ErrorAnswer,
  { quoted, command: typed }: Voice,
): readonly string[] {
  return [
    `error (${code}): ${quoted(message)}`,
    ...(hint === undefined ? [] : [`what to do: ${quoted(hint)}`]),
    ...remedies.map(({ command, does }) => `${typed(command)} ${quoted(does)}`),
  ];
}

function howTo(rest: string | undefined): string {
  return rest === undefined ? "" : `: ${rest}`;
}
