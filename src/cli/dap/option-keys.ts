/** The options of a build as keys of a launch body: what they are called there, and what they may be. Pure. */
import type { Option } from "commander";
import * as v from "valibot";

/** A key that stands for an option. */
export interface OptionKey {
  /** "buildArg", "build-arg", "buildArgs", "build-args": the first is the one to suggest. */
  readonly names: readonly string[];
  /** The words of a command line that say the same; its messages say what is allowed. */
  readonly words: v.GenericSchema<unknown, readonly string[]>;
}

/** They say how a terminal is written to, what is done in place of debugging, or where commands come from. */
const NOT_HERE: ReadonlySet<string> = new Set([
  ...["--help", "--version", "--ui", "--theme", "--ascii", "--color", "--no-color", "--progress", "--quiet"],
  ...["--call", "--check", "--print", "--json", "--script", "--script-timeout", "--listen", "--dap"],
  // They have keys of their own.
  ...["--break", "--run", "--file", "--context"],
]);

const SWITCH = "true or false";
const TEXT = "a text";
const TEXTS = "a text or a list of texts";
const PAIRS = "a list of texts, or an object with a text for each name";

const scalar = v.union([v.string(), v.pipe(v.number(), v.finite())], TEXT);

/** @param options of a build, of the debugger and of the engine */
export function optionKeys(options: readonly Option[]): readonly OptionKey[] {
  return options.flatMap((option) => {
    const flag = option.long ?? "";
    return flag === "" || NOT_HERE.has(flag) ? [] : [{ names: namesOf(option), words: wordsSchema(option) }];
  });
}

export function isRepeated({ defaultValue }: Option): boolean {
  return Array.isArray(defaultValue);
}

function namesOf(option: Option): readonly string[] {
  const kebab = (option.long ?? "").replace(/^--/, "");
  const camel = kebab.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const names = isRepeated(option) ? [`${camel}s`, camel, `${kebab}s`, kebab] : [camel, kebab];
  return [...new Set(names)];
}

function wordsSchema(option: Option): OptionKey["words"] {
  const flag = option.long ?? "";
  const given = (value: string | number): string => `${flag}=${value}`;
  if (option.optional)
    return v.pipe(
      v.union([v.boolean(), scalar], `${SWITCH}, or a text`),
      v.transform((value) => (value === false ? [] : [given(value === true ? "" : value)])),
    );
  if (!option.required)
    return v.pipe(
      v.boolean(SWITCH),
      v.transform((isOn) => [isOn ? flag : `${flag}=false`]),
    );
  if (!isRepeated(option))
    return v.pipe(
      scalar,
      v.transform((value) => [given(value)]),
    );
  return v.pipe(
    textsSchema(option.flags),
    v.transform((texts) => texts.map(given)),
  );
}

/** `<name=value>`, `<host:ip>`: these can be an object. */
function textsSchema(flags: string): v.GenericSchema<unknown, readonly string[]> {
  const between = /<[a-z]+([=:])[^.]*>/.exec(flags)?.[1];
  const message = between === undefined ? TEXTS : PAIRS;
  const item = v.union([scalar, v.null()], message);
  const list = v.pipe(
    v.array(item, message),
    v.transform((values) => givenTexts(values)),
  );
  const one = v.pipe(
    scalar,
    v.transform((value) => givenTexts([value])),
  );
  if (between === undefined) return v.union([one, list], message);
  const value = v.union([scalar, v.boolean(), v.null()], message);
  const object = v.pipe(
    recordOf(value, message),
    v.transform((pairs) =>
      Object.entries(pairs).flatMap(([name, each]) => (each === null ? [] : [`${name}${between}${each}`])),
    ),
  );
  return v.union([one, list, object], message);
}

/** Lists, which are objects too, are none. */
export function recordOf<T>(value: v.GenericSchema<unknown, T>, message: string) {
  const isList = (each: unknown): boolean => Array.isArray(each);
  return v.pipe(
    v.unknown(),
    v.check((each) => !isList(each), message),
    v.record(v.string(), value, message),
  );
}

function givenTexts(values: readonly (string | number | null)[]): readonly string[] {
  return values.flatMap((value) => (value === null || value === "" ? [] : [String(value)]));
}
