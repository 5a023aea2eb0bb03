/** What commands answer, one shape for each kind. Read by `npm run schema` and by tests alone, like all here. */
import * as v from "valibot";
import {
  BREAKPOINT,
  CATCH,
  COUNT,
  ERROR,
  FAILURE,
  LOG,
  NUMBER,
  OUTPUT,
  PLACE,
  PLATFORM,
  SIDE,
  STATUS,
  STEP,
  TIME,
  UNTRUSTED,
  WARNING,
} from "./parts.ts";

const WHY = v.object({
  /** "travel": the position was moved to an earlier stop. */
  kind: v.picklist([
    "entry",
    "step",
    "breakpoint",
    "cursor",
    "pause",
    "cancelled",
    "rerun",
    "exception",
    "travel",
  ]),
  breakpoint: v.optional(NUMBER),
  /** The rule of the breakpoint could not be decided, so the build stopped. */
  problem: v.optional(UNTRUSTED),
  /** Of an exception: why no filter of `catch` took it. */
  uncaught: v.optional(UNTRUSTED),
});

const STOP = v.object({ ...PLACE.entries, where: v.picklist(["before", "end"]) });

/** Where the build stands. */
export const STATE = v.object({
  kind: v.literal("state"),
  status: STATUS,
  /** The same in one sentence. */
  words: UNTRUSTED,
  /** Counts from 1; a rerun is the next one. */
  attempt: COUNT,
  /** Each stop counts one up. */
  stops: COUNT,
  why: v.optional(WHY),
  /** The step that it stands before, or the last one of the stage at whose end it stands. */
  at: v.optional(STOP),
  /** Set while an earlier stop is stood at, which `at` is: where the build really is, and how it stands there. */
  live: v.optional(
    v.object({ status: STATUS, words: UNTRUSTED, at: v.optional(STOP), why: v.optional(WHY) }),
  ),
  /** What was asked for while it runs. */
  asked: v.optional(v.picklist(["pause", "cancel"])),
  running: v.array(PLACE),
  counts: v.object({
    steps: COUNT,
    waiting: COUNT,
    running: COUNT,
    done: COUNT,
    cached: COUNT,
    failed: COUNT,
    cancelled: COUNT,
  }),
  /** Of the step: those that can be looked at, the one that is shown first. */
  states: v.array(SIDE),
  /** Of a build for several platforms: the one that this is about. */
  thread: v.optional(PLATFORM),
  threads: COUNT,
  failure: v.optional(FAILURE),
  /** Why it could not begin or go on, or why its outputs could not be made. */
  error: v.optional(ERROR),
  imageId: v.optional(UNTRUSTED),
  outputs: v.optional(v.array(OUTPUT)),
  engineSilent: v.boolean(),
  /** What was said on the way. */
  notes: v.array(UNTRUSTED),
});

export const STEPS = v.object({ kind: v.literal("steps"), steps: v.array(STEP), omitted: COUNT });

export const SOURCE = v.object({
  kind: v.literal("source"),
  file: UNTRUSTED,
  /** Lines of the whole file. */
  total: COUNT,
  lines: v.array(
    v.object({
      line: NUMBER,
      text: UNTRUSTED,
      here: v.boolean(),
      /** While an earlier stop is stood at: the build really is here. */
      live: v.boolean(),
      steps: v.array(NUMBER),
      breakpoints: v.array(NUMBER),
      warnings: v.array(UNTRUSTED),
    }),
  ),
});

/** `catches`: which failures stop. */
export const BREAKPOINTS = v.object({
  kind: v.literal("breakpoints"),
  breakpoints: v.array(BREAKPOINT),
  catches: v.array(CATCH),
});

/** `breakpoint`: as it is now, or was before it was deleted. */
export const BREAKPOINT_CHANGED = v.object({
  kind: v.literal("breakpoint"),
  change: v.picklist(["set", "deleted", "on", "off", "all-deleted", "nothing", "why", "catch"]),
  breakpoint: v.optional(BREAKPOINT),
  /** How many were deleted. */
  deleted: v.optional(COUNT),
  /** Why it does not stop, or where it will: sentences, most important first. */
  why: v.optional(v.array(UNTRUSTED)),
  catches: v.optional(v.array(CATCH)),
});

/** `matches`: how many lines have a match, where one was searched for; `lines` are the last of them. */
export const LOG_ANSWER = v.object({
  kind: v.literal("log"),
  step: v.optional(NUMBER),
  matches: v.optional(COUNT),
  ...LOG.entries,
});

const OF_STATE = { step: NUMBER, side: SIDE };

export const FILES = v.object({
  kind: v.literal("files"),
  ...OF_STATE,
  path: UNTRUSTED,
  entries: v.array(
    v.object({
      name: UNTRUSTED,
      kind: v.picklist(["directory", "file", "link", "other"]),
      bytes: COUNT,
      /** E.g. "rwxr-xr-x". */
      mode: v.string(),
      target: v.optional(UNTRUSTED),
      uid: v.optional(COUNT),
      gid: v.optional(COUNT),
      modifiedAt: v.optional(TIME),
    }),
  ),
  omitted: COUNT,
});

/**
 * A piece of a file. Text that is not what the bytes say, since something in it was made harmless, is `altered`; bytes that
 * are no text are in `base64`.
 */
export const FILE = v.object({
  kind: v.literal("file"),
  ...OF_STATE,
  path: UNTRUSTED,
  /** Of the whole file. */
  bytes: COUNT,
  offset: COUNT,
  /** In this piece. */
  length: COUNT,
  /** Behind this piece. */
  omitted: COUNT,
  text: v.optional(UNTRUSTED),
  altered: v.optional(v.boolean()),
  base64: v.optional(UNTRUSTED),
});

export const CHANGES = v.object({
  kind: v.literal("changes"),
  ...OF_STATE,
  added: COUNT,
  changed: COUNT,
  removed: COUNT,
  changes: v.array(
    v.object({
      path: UNTRUSTED,
      change: v.picklist(["added", "removed", "changed"]),
      kind: v.picklist(["directory", "file", "link", "other"]),
      bytesBefore: v.optional(COUNT),
      bytesAfter: v.optional(COUNT),
      differs: v.array(v.picklist(["content", "mode", "owner", "kind", "target"])),
    }),
  ),
  omitted: COUNT,
  problems: v.array(UNTRUSTED),
});

export const DIFF = v.object({
  kind: v.literal("diff"),
  ...OF_STATE,
  path: UNTRUSTED,
  /** What is not in the rows, or why there are none. */
  facts: v.array(UNTRUSTED),
  rows: v.array(
    v.object({
      kind: v.picklist(["same", "removed", "added", "gap", "note"]),
      before: v.optional(NUMBER),
      after: v.optional(NUMBER),
      text: UNTRUSTED,
    }),
  ),
  omitted: COUNT,
});

const VARIABLE = v.object({ name: UNTRUSTED, value: UNTRUSTED });

export const ENVIRONMENT = v.object({
  kind: v.literal("environment"),
  place: PLACE,
  side: v.optional(SIDE),
  /** Undefined parts: the step has not been reached. */
  user: v.optional(UNTRUSTED),
  directory: v.optional(UNTRUSTED),
  shell: v.optional(v.array(UNTRUSTED)),
  variables: v.array(VARIABLE),
  mounts: v.array(
    v.object({ kind: v.picklist(["bind", "secret", "ssh", "cache", "tmpfs"]), path: UNTRUSTED }),
  ),
  needs: v.array(UNTRUSTED),
  /** What it asks for and was not given. */
  lacking: v.array(UNTRUSTED),
  /** What the build was given beside options, and its limits. */
  given: v.array(UNTRUSTED),
});

export const GRAPH = v.object({
  kind: v.literal("graph"),
  stages: v.array(
    v.object({ name: UNTRUSTED, from: UNTRUSTED, needed: v.boolean(), steps: v.array(NUMBER) }),
  ),
  steps: v.array(
    v.object({
      step: NUMBER,
      stage: UNTRUSTED,
      text: UNTRUSTED,
      depth: COUNT,
      feeds: v.array(
        v.object({
          kind: v.picklist(["stage", "context", "image", "source", "cache", "tmpfs", "secret", "ssh"]),
          name: UNTRUSTED,
        }),
      ),
      canRun: v.boolean(),
      breakpoints: v.array(NUMBER),
    }),
  ),
});

export const OPS = v.object({
  kind: v.literal("ops"),
  step: NUMBER,
  vertices: v.array(v.object({ digest: v.string(), json: UNTRUSTED })),
});

export const WARNINGS = v.object({ kind: v.literal("warnings"), warnings: v.array(WARNING), omitted: COUNT });

/** A program that ran; without an exit code the engine dropped it. */
export const PROGRAM = v.object({
  kind: v.literal("program"),
  ...OF_STATE,
  args: v.array(UNTRUSTED),
  exitCode: v.optional(COUNT),
  /** Both streams, as they came: the beginning and the end. */
  output: UNTRUSTED,
  /** Bytes left out between them. */
  omitted: COUNT,
  ranMs: COUNT,
});

export const EXPORTED = v.object({
  kind: v.literal("exported"),
  ...OF_STATE,
  outputs: v.array(OUTPUT),
  imageId: v.optional(UNTRUSTED),
  /** How the state was had; see docs/how-to/export.md. */
  way: v.picklist(["solved", "captured", "reproduced", "rebuilt"]),
  /** What was done in shells is in it. */
  changed: v.boolean(),
  notes: v.array(UNTRUSTED),
});

export const BUNDLE = v.object({ kind: v.literal("bundle"), words: v.array(UNTRUSTED) });

export const ATTEMPTS = v.object({
  kind: v.literal("attempts"),
  attempts: v.array(
    v.object({ number: NUMBER, result: UNTRUSTED, ranMs: v.number(), cacheBreak: v.optional(UNTRUSTED) }),
  ),
});

export const THREADS = v.object({
  kind: v.literal("threads"),
  threads: v.array(v.object({ ...PLATFORM.entries, shown: v.boolean(), words: UNTRUSTED })),
});

export const HELP = v.object({
  kind: v.literal("help"),
  commands: v.array(
    v.object({
      name: v.string(),
      aliases: v.array(v.string()),
      argument: v.string(),
      about: v.string(),
      group: v.string(),
      when: v.picklist(["at-rest", "always"]),
    }),
  ),
});

/** What the next build will be given; `rerun` runs it. */
export const NEXT_BUILD = v.object({
  kind: v.literal("next-build"),
  target: v.optional(UNTRUSTED),
  arguments: v.array(VARIABLE),
  secrets: v.array(UNTRUSTED),
  ssh: v.array(UNTRUSTED),
  allow: v.array(UNTRUSTED),
});

/** `swap`: which state is shown now. */
export const SHOWN = v.object({ kind: v.literal("shown"), ...OF_STATE, other: v.boolean() });

/** Everything known about the last error: blocks of lines, and the error itself; none = there was no error. */
export const LAST_ERROR = v.object({
  kind: v.literal("error"),
  error: v.optional(ERROR),
  blocks: v.array(v.array(UNTRUSTED)),
});

/** What is not met is an error. `end`: it says how a build ends that comes to no good end. */
export const EXPECTED = v.object({ kind: v.literal("expected"), words: UNTRUSTED, end: v.boolean() });

export const QUITTING = v.object({ kind: v.literal("quit"), exitCode: COUNT });

/** Editors can attach; `words`: with what they do. */
export const EDITORS = v.object({ kind: v.literal("editors"), words: UNTRUSTED });

/** An empty line, or one that is a comment. */
export const NOTHING = v.object({ kind: v.literal("nothing") });

export const RESULT = v.variant("kind", [
  STATE,
  STEPS,
  SOURCE,
  BREAKPOINTS,
  BREAKPOINT_CHANGED,
  LOG_ANSWER,
  FILES,
  FILE,
  CHANGES,
  DIFF,
  ENVIRONMENT,
  GRAPH,
  OPS,
  WARNINGS,
  PROGRAM,
  EXPORTED,
  BUNDLE,
  ATTEMPTS,
  THREADS,
  HELP,
  NEXT_BUILD,
  SHOWN,
  LAST_ERROR,
  EXPECTED,
  QUITTING,
  EDITORS,
  NOTHING,
]);

/** What `perform` answers. `command`: the command that was meant, by its name; undefined where none was. */
export const ANSWER = v.variant("ok", [
  v.object({ ok: v.literal(true), command: v.optional(v.string()), result: RESULT }),
  v.object({ ok: v.literal(false), command: v.optional(v.string()), error: ERROR }),
]);
