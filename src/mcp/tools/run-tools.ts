/** Tools that run the build: each answers where it stands then. */
import { BktuiError } from "../../base/errors.ts";
import { flag, named, oneOf, optional, text, whole } from "../fields.ts";
import { runs, waitFor } from "../runs.ts";
import { STEP, type Tool, tool } from "../tool.ts";
import { argWord, quotedWord } from "../words-of-console.ts";

const SECONDS = optional(
  whole("seconds to wait for the build to stop; then the answer says that it runs on (default 45)", {
    most: 3600,
  }),
);
const ANSWERS =
  "Answers where the build stands then: status, step, line, why, and of a failure its cause and what to do.";

export const RUN_TOOLS: readonly Tool[] = [
  tool({
    name: "continue",
    title: "Continue",
    description: `Run to the next breakpoint, a failure or the end. ${ANSWERS}`,
    kind: "runs",
    fields: { seconds: SECONDS },
    run: ({ seconds }, around) => runs("continue", seconds, around),
  }),
  tool({
    name: "step",
    title: "Step",
    description: `Run one step. next: the step here, stopping at the next of this stage. into: stop in the stage that the step here needs. out: finish this stage. ${ANSWERS}`,
    kind: "runs",
    fields: {
      how: optional(oneOf(["next", "into", "out"], "default next")),
      seconds: SECONDS,
    },
    run: ({ how = "next", seconds }, around) => runs(how === "out" ? "finish" : how, seconds, around),
  }),
  tool({
    name: "run_to",
    title: "Run to a line",
    description: `Run until before the step on a line of the Dockerfile. ${ANSWERS}`,
    kind: "runs",
    fields: {
      line: whole("line of the Dockerfile", { most: 10_000_000 }),
      nth: optional(whole("which of the steps of that line, from 1", { most: 9999 })),
      seconds: SECONDS,
    },
    run: ({ line, nth, seconds }, around) =>
      runs(`to ${line}${nth === undefined ? "" : `.${nth}`}`, seconds, around),
  }),
  tool({
    name: "back",
    title: "Step back",
    description: `Move the position back over what has run, without running anything: to the step before, or (to: breakpoint) to the breakpoint before, else to the first step. Its states, files and log are those of that step then; step and continue go on over what has run, up to where the build really is. ${ANSWERS}`,
    kind: "reads",
    fields: { to: optional(oneOf(["step", "breakpoint"], "default step")) },
    run: ({ to = "step" }, around) => runs(to === "step" ? "back" : "reverse", undefined, around),
  }),
  tool({
    name: "goto",
    title: "Go to a step",
    description: `Move the position to a step that has run, or to where the build really is, without running anything. ${ANSWERS}`,
    kind: "reads",
    fields: {
      line: whole("line of the Dockerfile", { most: 10_000_000 }),
      nth: optional(whole("which of the steps of that line, from 1", { most: 9999 })),
    },
    run: ({ line, nth }, around) =>
      runs(`goto ${line}${nth === undefined ? "" : `.${nth}`}`, undefined, around),
  }),
  tool({
    name: "keep_going",
    title: "Keep going",
    description: `After a failure: run everything that does not need the failed step; the answer lists all failures. ${ANSWERS}`,
    kind: "runs",
    fields: { seconds: SECONDS },
    run: ({ seconds }, around) => runs("keep-going", seconds, around),
  }),
  tool({
    name: "rerun",
    title: "Rerun",
    description: `Run the build again with the files as they are now, e.g. after edit. By default it comes back to before the same step and stops there; go_on runs on to a breakpoint, a failure or the end. ${ANSWERS}`,
    kind: "runs",
    fields: {
      from_start: optional(flag("stop at the first step instead of here")),
      no_cache: optional(flag("run every step anew, from the start")),
      args: optional(named("build arguments to set, by name; from the start")),
      target: optional(text("another stage to build, from the start")),
      go_on: optional(flag("do not stop where the rerun comes back to")),
      seconds: SECONDS,
    },
    run: async ({ from_start, no_cache, args = {}, target, go_on, seconds }, around) => {
      const given = Object.entries(args).map(([name, value]) => argWord(name, value));
      const anew = [
        ...given,
        ...(target === undefined ? [] : [`target ${quotedWord(target, "target")}`]),
        ...(no_cache === true ? ["no-cache"] : []),
      ];
      const words = anew.length > 0 ? anew : [from_start === true ? "restart" : "rerun"];
      return await runs([...words, ...(go_on === true ? ["continue"] : [])], seconds, around);
    },
  }),
  tool({
    name: "wait",
    title: "Wait",
    description: `Wait on for a build that runs, after a call said that it runs on. ${ANSWERS}`,
    kind: "reads",
    fields: { seconds: SECONDS },
    run: ({ seconds }, around) => waitFor(seconds, around),
  }),
  tool({
    name: "pause",
    title: "Pause",
    description: "Stop before the next step. Acts at once, also while another call waits for the build.",
    kind: "runs",
    isUrgent: true,
    fields: {},
    run: (_args, around) => runs("pause", 0, around),
  }),
  tool({
    name: "cancel",
    title: "Cancel",
    description: "Cancel the step that runs; the build stops before it. Acts at once, as pause.",
    kind: "runs",
    isUrgent: true,
    fields: {},
    run: (_args, around) => runs("cancel", 0, around),
  }),
  tool({
    name: "thread",
    title: "Platforms",
    description:
      "Of a build for several platforms: without an argument how each stands; with one, the platform that all other tools are about from now on.",
    kind: "reads",
    fields: { platform: optional(text("e.g. linux/arm64, or its number")) },
    run: ({ platform }, around) =>
      runs(
        platform === undefined ? "thread" : `thread ${quotedWord(platform, "platform")}`,
        undefined,
        around,
      ),
  }),
  tool({
    name: "failure",
    title: "Other failures",
    description: `Of several steps that failed: stand at the next one, or at one by its step. ${ANSWERS}`,
    kind: "reads",
    fields: { step: STEP },
    run: ({ step }, around) => runs(step === undefined ? "failure" : `failure ${step}`, undefined, around),
  }),
  tool({
    name: "quit",
    title: "Quit",
    description: "End the build and all it has in the engine. The server stays; launch begins another.",
    kind: "runs",
    isUrgent: true,
    fields: {},
    run: async (_args, { current }) => {
      if (await current.end()) return { words: ["the build was ended"] };
      throw new BktuiError("not-now", "there is no build to end", { hint: "launch begins one." });
    },
  }),
];
