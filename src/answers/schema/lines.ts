/** The lines that `bktui --json` writes: the schema of docs/bktui.schema.json. Read by `npm run schema` and by tests alone. */
import * as v from "valibot";
import { EVENT } from "./events.ts";
import { COUNT, ERROR, NUMBER, TIME, UNTRUSTED } from "./parts.ts";
import { RESULT } from "./results.ts";

/** Goes up when something is taken away or means something else; what is new does not count. */
export const VERSION = 1;

const HEAD = { v: v.literal(VERSION), at: TIME };

/** The first line. */
const HELLO = v.object({
  ...HEAD,
  type: v.literal("hello"),
  bktui: v.string(),
  engine: UNTRUSTED,
  /** What is built. */
  source: UNTRUSTED,
  notes: v.array(UNTRUSTED),
});

/** `id`: as it was given with the command. `command`: the command that was meant, by its name. */
const ANSWER_HEAD = {
  ...HEAD,
  type: v.literal("answer"),
  id: v.optional(v.union([v.string(), v.number()])),
  command: v.optional(v.string()),
  /** Of the script, from 1. */
  line: v.optional(NUMBER),
};

const DONE = v.object({ ...ANSWER_HEAD, ok: v.literal(true), result: RESULT });
const NOT_DONE = v.object({ ...ANSWER_HEAD, ok: v.literal(false), error: ERROR });

/** Nothing was to be told for some seconds. Whoever reads no more is noticed by it. */
const ALIVE = v.object({ ...HEAD, type: v.literal("alive") });

/** The last line. */
const ENDED = v.object({
  ...HEAD,
  type: v.literal("ended"),
  exitCode: COUNT,
  error: v.optional(ERROR),
});

export const LINE = v.union([
  HELLO,
  DONE,
  NOT_DONE,
  ...EVENT.options.map((event) => v.object({ ...HEAD, ...event.entries })),
  ALIVE,
  ENDED,
]);
