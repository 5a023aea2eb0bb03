/** What happens to a build, as it is told without being asked. Read by `npm run schema` and by tests alone, like all here. */
import * as v from "valibot";
import {
  BREAKPOINT,
  COUNT,
  ERROR,
  LOG_LINE,
  NUMBER,
  OUTPUT,
  PLACE,
  STEP_STATUS,
  TIME,
  UNTRUSTED,
  WARNING,
} from "./parts.ts";
import { STATE } from "./results.ts";

/** The build has come to rest, begins to run, or was told to do otherwise. */
const STATE_CHANGED = v.object({ type: v.literal("state"), state: STATE });

/** A step has begun or ended. */
const STEP_CHANGED = v.object({
  type: v.literal("step"),
  ...PLACE.entries,
  status: STEP_STATUS,
  attempt: COUNT,
  startedAt: v.optional(TIME),
  completedAt: v.optional(TIME),
});

/** What steps have printed since the last such event. */
const LOG_EVENT = v.object({ type: v.literal("log"), lines: v.array(LOG_LINE) });

/** Lines that were not told, since there were more than their reader took; `log` has them as far as they are kept. */
const GAP = v.object({ type: v.literal("gap"), lines: COUNT, events: COUNT });

const WARNED = v.object({ type: v.literal("warning"), warning: WARNING });

const MADE = v.object({
  type: v.literal("output"),
  imageId: v.optional(UNTRUSTED),
  outputs: v.array(OUTPUT),
});

/** The engine does not answer, does again, or is gone. */
const ENGINE = v.object({
  type: v.literal("engine"),
  engine: v.picklist(["silent", "still-silent", "answers", "lost", "back"]),
  words: UNTRUSTED,
  silentMs: v.optional(v.number()),
  error: v.optional(ERROR),
});

const BREAKPOINT_EVENT = v.object({
  type: v.literal("breakpoint"),
  change: v.picklist(["set", "changed", "deleted"]),
  breakpoint: BREAKPOINT,
});

/** A log point has been come by. */
const LOG_POINT = v.object({
  type: v.literal("log-point"),
  breakpoint: NUMBER,
  line: NUMBER,
  attempt: COUNT,
  platform: v.optional(UNTRUSTED),
  text: UNTRUSTED,
});

/** Anything else that is worth a sentence. */
const NOTE = v.object({ type: v.literal("note"), words: UNTRUSTED });

export const EVENT = v.variant("type", [
  STATE_CHANGED,
  STEP_CHANGED,
  LOG_EVENT,
  GAP,
  WARNED,
  MADE,
  ENGINE,
  BREAKPOINT_EVENT,
  LOG_POINT,
  NOTE,
]);
