/** What may stand in a configuration file. The messages say what is allowed. */
import * as v from "valibot";
import { BktuiError } from "../../base/errors.ts";
import { parseImage } from "../../console/option-values.ts";
import { ON_ERROR_WORDS, parseOnError } from "../../console/values/on-error.ts";
import { parsePlatform } from "../../console/values/platform.ts";
import { milliseconds, TIME_PATTERN } from "../../console/values/time.ts";
import { parseOrder } from "../../debugger/breakpoints/break-order.ts";

const TRUE_OR_FALSE = "true or false";
const COMMAND = 'a list of words, e.g. ["bash", "-l"]';
const KEYS = 'a list of keys, e.g. ["n", "F10"]';
const AFTER = 'a time such as "500ms", "10s" or "2m"';
const PATIENCE = 'a time such as "90s" or "10m", or "0": for ever';
const PLACES = 'a list of places, e.g. ["11", "app:end", "/RUN npm/"]';
const PLATFORM = 'a platform, e.g. "linux/arm64"';
const ON_ERROR = `one of ${ON_ERROR_WORDS}`;
const MAX_SCROLLBACK = 100_000;
const IMAGE = 'an image, e.g. "alpine:3.22"';
const SCROLLBACK = `a number of lines from 0 to ${MAX_SCROLLBACK}`;

const flag = v.optional(v.boolean(TRUE_OR_FALSE));

const onError = v.optional(
  v.pipe(
    v.string(ON_ERROR),
    v.check((text) => accepts(() => parseOnError(text)), ON_ERROR),
    v.transform(parseOnError),
  ),
);

function oneOf<const T extends readonly string[]>(words: T) {
  return v.optional(v.picklist(words, wordList(words)));
}

function time() {
  return v.optional(v.pipe(v.string(AFTER), v.regex(/^\d{1,6}(ms|s|m)$/, AFTER), v.transform(milliseconds)));
}

function wordList(words: readonly string[]): string {
  return `one of ${words.map((word) => `"${word}"`).join(", ")}`;
}

/** The one schema. A key belongs here only when something looks at it. */
export const configSchema = v.strictObject({
  /** As `--target`, `--break` and `--platform`: mostly for the file beside a Dockerfile. */
  target: v.optional(v.pipe(v.string("a stage's name"), v.nonEmpty("a stage's name"))),
  break: v.optional(v.array(v.pipe(v.string(PLACES), v.check(isPlace, PLACES)), PLACES)),
  platform: v.optional(v.pipe(v.string(PLATFORM), v.check(isPlatform, PLATFORM))),
  ui: v.optional(
    v.strictObject({
      theme: oneOf(["terminal", "high-contrast", "mono"]),
      ascii: v.optional(v.union([v.boolean(), v.literal("auto")], `${TRUE_OR_FALSE}, or "auto"`)),
      mouse: flag,
      animations: flag,
      start: oneOf(["entry", "run"]),
      lower_pane: oneOf(["log", "shell", "breaks", "graph", "info"]),
      editor: oneOf(["terminal", "pane"]),
    }),
  ),
  shell: v.optional(
    v.strictObject({
      command: v.optional(v.pipe(v.array(v.string(COMMAND), COMMAND), v.minLength(1, COMMAND))),
      debug_image: v.optional(v.pipe(v.string(IMAGE), v.check(isImage, IMAGE))),
      leave: v.optional(v.array(v.string(KEYS), KEYS)),
      prompt: flag,
      confirm_multiline_paste: flag,
      clipboard: oneOf(["ask", "allow", "deny"]),
      scrollback: v.optional(
        v.pipe(
          v.number(SCROLLBACK),
          v.integer(SCROLLBACK),
          v.minValue(0, SCROLLBACK),
          v.maxValue(MAX_SCROLLBACK, SCROLLBACK),
        ),
      ),
    }),
  ),
  build: v.optional(v.strictObject({ on_error: onError })),
  engine: v.optional(
    v.strictObject({
      patience: v.optional(
        v.pipe(v.string(PATIENCE), v.regex(TIME_PATTERN, PATIENCE), v.transform(milliseconds)),
      ),
    }),
  ),
  confirm: v.optional(v.strictObject({ quit: flag, close_shell: flag, overwrite: flag })),
  notify: v.optional(
    v.strictObject({
      after: time(),
      silent_after: time(),
      how: v.optional(
        v.array(
          v.picklist(["title", "bell", "osc9"], 'a list of "title", "bell", "osc9"'),
          "a list of texts",
        ),
      ),
    }),
  ),
  keys: v.optional(v.record(v.string(), v.array(v.string(KEYS), KEYS))),
});

/** What a file sets; what it does not set is undefined. */
export type Config = v.InferOutput<typeof configSchema>;

/**
 * What a file beside the Dockerfile may set, because it comes with somebody else's repository: nothing that runs a
 * program, asks less or names a registry.
 */
export const PROJECT_KEYS: readonly string[] = ["target", "break", "platform", "ui.lower_pane"];

/** Dotted names of all keys; `keys.*` stands for any command. */
export function knownKeys(): readonly string[] {
  return Object.entries(configSchema.entries).flatMap(([name, { wrapped }]) => {
    if (wrapped.type === "strict_object")
      return Object.keys(wrapped.entries).map((inner) => `${name}.${inner}`);
    return wrapped.type === "record" ? [`${name}.*`] : [name];
  });
}

/**
 * How long a silent engine is waited for, in milliseconds; 0 = for ever.
 * @throws {BktuiError} "usage".
 */
export function parsePatience(text: string): number {
  if (TIME_PATTERN.test(text)) return milliseconds(text);
  throw new BktuiError("usage", `--engine-patience ${text}: not ${PATIENCE}`);
}

function isPlace(text: string): boolean {
  return accepts(() => parseOrder(text));
}

function isPlatform(text: string): boolean {
  return accepts(() => parsePlatform([text]));
}

function isImage(text: string): boolean {
  return accepts(() => parseImage(text));
}

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof BktuiError) return false;
    throw error;
  }
}
