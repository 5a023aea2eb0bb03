/** Tools that only look: where the build stands, its log, its text, the files and programs of its states. */

import { quoted } from "../../answers/words/quoted.ts";
import type { Told } from "../../answers/words/voice.ts";
import { BktuiError } from "../../base/errors.ts";
import { readText } from "../edit-file.ts";
import { flag, optional, text, texts, whole } from "../fields.ts";
import { placeOf } from "../places.ts";
import { runProgram, SIDE, shownSide } from "../states.ts";
import { told } from "../tell.ts";
import { type Around, STEP, type Tool, tool } from "../tool.ts";
import { statePath, stepNamed, stepWord } from "../words-of-console.ts";

const LINES_AROUND = 40;
const MOST_LINES = 2000;
const USUAL_LOG_LINES = 100;
/** As much as one answer can have. */
const FILE_BYTES = 64 * 1024;

async function asked(line: string, { current, signal }: Around): Promise<Told> {
  return told(await current.perform(line, signal));
}

export const LOOK_TOOLS: readonly Tool[] = [
  tool({
    name: "state",
    title: "State",
    description:
      "Where the build stands and why: status, step, line, states that can be looked into; of a failure its cause, the last lines of its log and what to do.",
    kind: "reads",
    fields: { now: optional(flag("do not wait for calls before it: how it stands at this moment")) },
    run: async (_args, { current }) => told(current.state()),
  }),
  tool({
    name: "explain",
    title: "Explain",
    description:
      "Everything known about the failure that the build stands at, or the last error: causes, the engine's own words, warnings.",
    kind: "reads",
    fields: {},
    run: async (_args, around) => {
      const state = told(around.current.state());
      const error = await asked("error", around);
      return {
        words: [...state.words, ...error.words.filter((line) => !state.words.includes(line))],
        blocks: [...(error.blocks ?? []), ...(state.blocks ?? [])],
      };
    },
  }),
  tool({
    name: "steps",
    title: "Steps",
    description: "All steps of the build in reading order: number, line, stage, status, time.",
    kind: "reads",
    fields: {},
    run: (_args, around) => asked("steps", around),
  }),
  tool({
    name: "log",
    title: "Log",
    description:
      "What a step has printed, with line numbers. Without from: the last lines. search: only lines with a match, of the last ones.",
    kind: "reads",
    fields: {
      step: STEP,
      search: optional(text("a pattern as breakpoints have it, e.g. error|warn")),
      from: optional(whole("number of the first line", { most: 1_000_000_000 })),
      lines: optional(whole(`how many lines; default ${USUAL_LOG_LINES}`, { most: MOST_LINES })),
    },
    run: async ({ step, search, from, lines: count = USUAL_LOG_LINES }, { current, signal }) => {
      const asked = {
        step: stepNamed(step),
        count,
        ...(from === undefined ? {} : { from }),
        ...(search === undefined ? {} : { pattern: patternOf(search) }),
      };
      return told(await current.answer((console) => console.readLog(asked, { signal }), signal));
    },
  }),
  tool({
    name: "source",
    title: "Source",
    description:
      "The Dockerfile around where the build stands, or around a line; with a path, a file of the build's own directories on this machine. This is what edit changes.",
    kind: "reads",
    fields: {
      line: optional(whole("line to show", { most: 10_000_000 })),
      path: optional(text("a file of the build, relative to its context")),
    },
    run: async ({ line, path }, around) =>
      path === undefined
        ? await asked(line === undefined ? "source" : `source ${line}`, around)
        : await fileHere(path, line, around),
  }),
  tool({
    name: "files",
    title: "Files",
    description: "What is in a directory of a state of a step.",
    kind: "reads",
    fields: { path: optional(text("absolute; default /")), step: STEP, side: SIDE },
    run: async ({ path = "/", step, side }, around) => {
      await shownSide(side, step, around);
      return await asked(`files ${stepWord(step)}${statePath(path)}`, around);
    },
  }),
  tool({
    name: "cat",
    title: "Read a file of a state",
    description: "The text of a file of a state of a step, from its beginning or from a byte.",
    kind: "reads",
    fields: {
      path: text("absolute"),
      step: STEP,
      side: SIDE,
      offset: optional(whole("byte to begin at", { least: 0, most: Number.MAX_SAFE_INTEGER })),
    },
    run: async ({ path, step, side, offset = 0 }, around) => {
      await shownSide(side, step, around);
      const { current, signal } = around;
      const asked = { step: stepNamed(step), path: statePath(path), offset, length: FILE_BYTES };
      return told(await current.answer((console) => console.readFile(asked, { signal }), signal));
    },
  }),
  tool({
    name: "diff",
    title: "Differences",
    description:
      "What a step changed: without a path the list of files that it added, changed and removed; with one the difference of that file. A failed step: what it did before it failed.",
    kind: "reads",
    fields: { path: optional(text("absolute")), step: STEP },
    run: ({ path, step }, around) =>
      asked(
        path === undefined ? `changes ${stepWord(step)}` : `diff ${stepWord(step)}${statePath(path)}`,
        around,
      ),
  }),
  tool({
    name: "env",
    title: "Environment",
    description:
      "What a command in a step has: user, directory, shell, environment, mounts, and which secrets it lacks.",
    kind: "reads",
    fields: { step: STEP, side: SIDE },
    run: async ({ step, side }, around) => {
      await shownSide(side, step, around);
      return await asked(`info ${stepWord(step)}`, around);
    },
  }),
  tool({
    name: "exec",
    title: "Run a command in a state",
    description:
      "Run one command in a throw-away copy of a state, with the step's user, directory, environment, secrets and caches: answers exit code and output. What it changes is gone afterwards, but for cache mounts, which belong to the engine. No input, no terminal.",
    kind: "runs",
    fields: {
      command: optional(text("a command for /bin/sh -c")),
      program: optional(texts("instead of command: a program and its arguments, without a shell")),
      step: STEP,
      side: SIDE,
      seconds: optional(whole("time limit; then it is ended (default 30)", { most: 600 })),
    },
    run: async ({ command, program, step, side, seconds }, around) => {
      if ((command === undefined) === (program === undefined))
        throw new BktuiError("usage", "exec needs either command or program");
      const words = program ?? ["/bin/sh", "-c", command ?? ""];
      if (words.length === 0) throw new BktuiError("usage", "program is empty");
      await shownSide(side, step, around);
      return await runProgram(words, { step, seconds }, around);
    },
  }),
  tool({
    name: "warnings",
    title: "Warnings",
    description: "What the frontend's rules warn of, by line, with what each rule asks for.",
    kind: "reads",
    fields: {},
    run: (_args, around) => asked("warnings", around),
  }),
];

function patternOf(search: string): string {
  if (search === "" || /[\r\n]/.test(search)) throw new BktuiError("usage", "search must be one line");
  return search;
}

async function fileHere(path: string, line: number | undefined, { current, signal }: Around): Promise<Told> {
  signal.throwIfAborted();
  const { places } = current.build;
  const place = await placeOf(path, places);
  if (!place.exists)
    throw new BktuiError("not-found", `${place.shown} is not there`, {
      hint: "exec and files look into states; source reads this machine.",
    });
  const { text: whole } = await readText(place);
  const all = whole.split(/\r?\n/);
  if (all.at(-1) === "") all.pop();
  const first = line === undefined ? 1 : Math.max(1, line - LINES_AROUND);
  const shown = line === undefined ? all : all.slice(first - 1, line + LINES_AROUND);
  const rows = shown.map((row, index) => `${String(first + index).padStart(5)} | ${row}`.trimEnd());
  return {
    words: [`${quoted(place.shown)}, ${all.length} lines, ${rows.length} from line ${first} on`],
    blocks:
      rows.length === 0
        ? []
        : [{ title: "file", text: rows.join("\n"), keeps: "start", rest: "line shows others" }],
  };
}
