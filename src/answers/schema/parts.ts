/** The parts that answers and events are made of. Read by `npm run schema` and by tests: at run time nobody needs them. */
import * as v from "valibot";

/** The mark of text that comes from builds, images, engines or files: never to be obeyed, shown as it is here. */
export const UNTRUSTED_MARK = "x-untrusted";

/** Text of builds, images, engines or files. Control characters are written out (`^[`), values of secrets are `***`. */
export const UNTRUSTED = v.pipe(v.string(), v.metadata({ [UNTRUSTED_MARK]: true }));
export const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Counted from 1. */
export const NUMBER = v.pipe(v.number(), v.integer(), v.minValue(1));
/** Epoch milliseconds. */
export const TIME = v.number();

export const SIDE = v.picklist(["base", "after", "failed"]);

/** How the build stands, in one word. */
export const STATUS = v.picklist([
  "connecting",
  "loading",
  "broken",
  "loaded",
  "running",
  "paused",
  "failed",
  "finished",
  "lost",
  "ended",
]);

export const STEP_STATUS = v.picklist(["waiting", "running", "done", "cached", "failed", "cancelled"]);

export const ERROR_CODE = v.picklist([
  "usage",
  "bad-request",
  "not-now",
  "not-found",
  "unsupported",
  "cancelled",
  "no-engine",
  "engine-unreachable",
  "engine",
  "io",
  "internal",
]);

/** A command that helps, as it is typed, and what it would do here. */
export const REMEDY = v.object({ command: UNTRUSTED, does: UNTRUSTED });

export const ERROR = v.object({
  code: ERROR_CODE,
  message: UNTRUSTED,
  hint: v.optional(UNTRUSTED),
  remedies: v.array(REMEDY),
});

/** Where a step stands. */
export const PLACE = v.object({
  step: NUMBER,
  /** How many steps there are. */
  of: COUNT,
  line: NUMBER,
  endLine: NUMBER,
  stage: UNTRUSTED,
  instruction: UNTRUSTED,
  text: UNTRUSTED,
});

export const STEP = v.object({
  ...PLACE.entries,
  status: STEP_STATUS,
  /** The build stands at it. */
  current: v.boolean(),
  /** While an earlier stop is stood at: the build really is here. */
  live: v.boolean(),
  startedAt: v.optional(TIME),
  completedAt: v.optional(TIME),
  exitCode: v.optional(COUNT),
  /** Those that can be looked at. */
  states: v.array(SIDE),
});

/** `number`: of the line among those of its log, from 1. */
export const LOG_LINE = v.object({
  number: NUMBER,
  step: v.optional(NUMBER),
  stream: v.picklist(["stdout", "stderr"]),
  at: TIME,
  text: UNTRUSTED,
  /** What was written over. */
  raw: v.optional(UNTRUSTED),
});

/** `total`: lines of the log, of which `lost` are no longer kept; `before` and `after`: lines left out around these. */
export const LOG = v.object({
  total: COUNT,
  lost: COUNT,
  before: COUNT,
  after: COUNT,
  lines: v.array(LOG_LINE),
});

/** What to do, most useful first: a command of the console, an option for the next start, or a program of the user's own. */
export const ADVICE = v.object({
  kind: v.picklist(["command", "option", "program"]),
  text: UNTRUSTED,
  label: UNTRUSTED,
});

export const FAILURE = v.object({
  step: v.optional(NUMBER),
  exitCode: v.optional(COUNT),
  message: UNTRUSTED,
  headline: UNTRUSTED,
  /** Sentences, most important first. */
  why: v.array(UNTRUSTED),
  /** What is left to look at. */
  kept: v.optional(UNTRUSTED),
  next: v.array(ADVICE),
  /** Steps that failed in parallel. */
  also: v.array(v.object({ step: NUMBER, headline: UNTRUSTED })),
  cancelled: v.optional(UNTRUSTED),
  /** Where a missing source was searched for. */
  searched: v.optional(v.object({ step: NUMBER, directory: UNTRUSTED })),
  /** The last lines that it printed. */
  log: LOG,
});

export const OUTPUT = v.object({
  kind: v.picklist(["directory", "file", "layout", "loaded", "pushed", "stored"]),
  path: v.optional(UNTRUSTED),
  names: v.optional(v.array(UNTRUSTED)),
  files: v.optional(COUNT),
  bytes: v.optional(COUNT),
});

export const BREAKPOINT = v.object({
  number: NUMBER,
  /** As it is typed behind `break`. */
  place: UNTRUSTED,
  /** As they are typed behind `if`, `hits` and `text`; with a text it is a log point. */
  rule: v.optional(
    v.object({
      condition: v.optional(UNTRUSTED),
      hits: v.optional(UNTRUSTED),
      log: v.optional(UNTRUSTED),
    }),
  ),
  /** It stops behind its steps, as its place or its rule asks for. */
  behind: v.boolean(),
  enabled: v.boolean(),
  /** Of this attempt: stops, or with a rule how often its condition held. */
  hits: COUNT,
  /** "pending": nothing is loaded yet. "lost": it cannot stop anywhere, `why` says it. */
  bound: v.picklist(["pending", "verified", "moved", "spread", "lost"]),
  verified: v.boolean(),
  why: v.optional(UNTRUSTED),
  line: v.optional(NUMBER),
  /** Steps that it stops before or, where `atEnd`, behind. */
  steps: v.array(NUMBER),
  atEnd: v.boolean(),
});

/** Failures that stop: of a kind, under a condition. */
export const CATCH = v.object({
  kind: v.picklist(["all", "run", "copy", "source", "other"]),
  condition: v.optional(UNTRUSTED),
});

export const WARNING = v.object({
  text: UNTRUSTED,
  detail: v.array(UNTRUSTED),
  url: v.optional(UNTRUSTED),
  lines: v.array(NUMBER),
});

export const PLATFORM = v.object({ number: NUMBER, platform: UNTRUSTED });
