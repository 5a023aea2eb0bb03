/** Compose and Bake files: they name Dockerfiles, and are easily given in place of one. Read as far as it is plain. */
import { basename, dirname, join, resolve } from "node:path";
import { quote } from "../base/quote.ts";

/** One image that such a file builds. Paths are absolute. */
interface Build {
  readonly name: string;
  readonly context: string;
  /** Undefined = the context's own. */
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  /** Undefined value = taken from the environment. */
  readonly args: readonly (readonly [name: string, value: string | undefined])[];
}

/** What is said of a file that is no Dockerfile. */
export interface OtherBuildFile {
  /** "a Compose file", "a Bake file". */
  readonly what: string;
  readonly isCompose: boolean;
  /** Command lines for what it builds, those that could be read; each with what it is for. */
  readonly commands: readonly string[];
}

const MOST_COMMANDS = 5;
const COMPOSE_NAME = /^(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml$/i;
const BAKE_NAME = /^docker-bake(?:[._-][^/]*)?\.(?:hcl|json)$/i;

const READ: readonly string[] = ["context", "dockerfile", "target"];
/** What makes another build of it. */
const UNREAD: readonly string[] = ["<<", "dockerfile_inline", "additional_contexts"];
/** Dates, numbers with `_`, and what is true or false in other letters. */
const WRITTEN_ANEW = /^(?:\d{4}-\d\d?-\d|[-+]?\d[\d_]*$|[-+]?\.(?:inf|nan)$|true$|false$)/i;

/** Names that Compose and Bake look for by themselves. */
export function isOtherBuildName(name: string): boolean {
  return COMPOSE_NAME.test(name) || BAKE_NAME.test(name);
}

/** Undefined when it may well be a Dockerfile. @param path absolute */
export function otherBuildFile(path: string, text: string): OtherBuildFile | undefined {
  const first = /^[^\S\n]*([^#\s]\S*)/m.exec(text)?.[1] ?? "";
  if (/^(?:from|arg)$/i.test(first)) return undefined;
  const name = basename(path);
  const isYaml = COMPOSE_NAME.test(name) || (/\.ya?ml$/i.test(name) && /^services:\s*(?:#.*)?$/m.test(text));
  if (isYaml) return said("a Compose file", "service", composeBuilds(text, dirname(path)));
  const isJson = /\.json$/i.test(name);
  const isHcl = /\.hcl$/i.test(name) || (!isJson && /^target\s+"[^"]*"\s*\{/m.test(text));
  if (isHcl) return said("a Bake file", "target", bakeBuilds(text, dirname(path)));
  const targets = isJson ? targetsOf(text) : undefined;
  if (targets === undefined && !BAKE_NAME.test(name)) return undefined;
  return said("a Bake file", "target", jsonBuilds(targets ?? {}, dirname(path)));
}

function said(what: string, word: string, builds: readonly Build[]): OtherBuildFile {
  const commands = builds
    .slice(0, MOST_COMMANDS)
    .map((build) => `${commandOf(build)}  (${word} ${build.name})`);
  const more = builds.length - MOST_COMMANDS;
  return {
    what,
    isCompose: word === "service",
    commands: more > 0 ? [...commands, `… and ${more} more`] : commands,
  };
}

function commandOf({ context, dockerfile, target, args }: Build): string {
  return [
    "bktui",
    ...(dockerfile === undefined ? [] : ["-f", quote(dockerfile)]),
    ...(target === undefined ? [] : ["--target", quote(target)]),
    ...args.flatMap(([name, value]) => [
      "--build-arg",
      quote(value === undefined ? name : `${name}=${value}`),
    ]),
    quote(context),
  ].join(" ");
}

function buildOf(
  name: string,
  values: ReadonlyMap<string, string>,
  args: Build["args"],
  base: string,
): Build {
  const context = resolve(base, values.get("context") ?? ".");
  const dockerfile = values.get("dockerfile");
  return {
    name,
    context,
    dockerfile:
      dockerfile === undefined || dockerfile === "Dockerfile" ? undefined : join(context, dockerfile),
    target: values.get("target"),
    args,
  };
}

type Pair = Readonly<Record<"key" | "value", string>>;

interface YamlLine extends Pair {
  /** Of what stands behind `- `, in characters. */
  readonly indent: number;
  readonly isItem: boolean;
  /** The whole of it; key and value are empty where it is no `key: value`. */
  readonly text: string;
}

/** A line among the others. */
interface Placed {
  readonly at: number;
  readonly line: YamlLine;
}

/** Services with `build:`, of the plain form only: what has anchors, variables or flow style is left out. */
function composeBuilds(text: string, base: string): readonly Build[] {
  const lines = text.split(/\r?\n/).flatMap(yamlLine);
  const services = childrenOf(
    lines,
    lines.findIndex(({ indent, key }) => indent === 0 && key === "services"),
  );
  return services.flatMap(({ at, line: service }) => {
    const keys = childrenOf(lines, at);
    const build = keys.find(({ line }) => line.key === "build");
    if (build === undefined || keys.some(({ line }) => line.key === "extends")) return [];
    const { value } = build.line;
    if (value !== "") {
      const isWhole = below(lines, build.at).length === 0;
      return isWhole ? readBuild(service.key, [{ key: "context", value }], [], base) : [];
    }
    const entries = childrenOf(lines, build.at);
    // What goes on below a value belongs to it.
    if (
      entries.some((entry) => entry.line.key === "" || (isRead(entry) && below(lines, entry.at).length > 0))
    )
      return [];
    const args = entries.find(({ line }) => line.key === "args");
    return readBuild(
      service.key,
      entries.map(({ line }) => line),
      args === undefined ? [] : composeArgs(lines, args),
      base,
    );
  });
}

function isRead({ line }: Placed): boolean {
  return READ.includes(line.key);
}

/** Undefined when one of them cannot be read. */
function composeArgs(lines: readonly YamlLine[], { at, line }: Placed): Build["args"] | undefined {
  const children = childrenOf(lines, at);
  if (line.value !== "" || children.length !== below(lines, at).length) return undefined;
  return whole(children.map((child) => (child.line.isItem ? listArg(child.line) : mapArg(child.line))));
}

/** `- NAME=value`, also with quotes around all of it; quotes inside are the value's own. */
function listArg({ key, text }: YamlLine): Build["args"][number] | undefined {
  const [, name, value] = /^([^=\s]+)(?:=(.*))?$/.exec((key === "" ? scalar(text) : undefined) ?? "") ?? [];
  return name === undefined ? undefined : [name, value];
}

/** `NAME: value`. A number is written anew by Compose: only one that stays as it is can be read. */
function mapArg({ key, value }: YamlLine): Build["args"][number] | undefined {
  if (key === "" || key === "<<") return undefined;
  if (/^(?:|~|null)$/i.test(value)) return [key, undefined];
  const number = Number(value);
  const isSame = String(number) === value || value === "true" || value === "false";
  if (!isSame && (!Number.isNaN(number) || WRITTEN_ANEW.test(value))) return undefined;
  const read = scalar(value);
  return read === undefined ? undefined : [key, read];
}

/** Undefined for what YAML or Compose reads as something else than its characters. */
function scalar(text: string): string | undefined {
  const quoted = /^"([^"\\]*)"$/.exec(text)?.[1] ?? /^'([^']*)'$/.exec(text)?.[1];
  const read = quoted ?? (/^["'[\]{}&*|>!%@`?,]|:(?:\s|$)/.test(text) ? "$" : text);
  return read.includes("$") ? undefined : read;
}

function whole<T>(all: readonly (T | undefined)[]): readonly T[] | undefined {
  const there = all.flatMap((each) => (each === undefined ? [] : [each]));
  return there.length === all.length ? there : undefined;
}

/** Empty when a value is not plain: a command line that builds something else is worse than none. */
function readBuild(
  name: string,
  entries: readonly Pair[],
  args: Build["args"] | undefined,
  base: string,
): readonly Build[] {
  if (args === undefined || entries.some(({ key }) => UNREAD.includes(key))) return [];
  const values = new Map<string, string>();
  for (const { key, value } of entries) {
    if (!READ.includes(key)) continue;
    const read = plain(value);
    if (read === undefined) return [];
    values.set(key, read);
  }
  return [buildOf(name, values, args, base)];
}

function plainArgs(pairs: readonly Pair[]): Build["args"] | undefined {
  return whole(
    pairs.map(({ key, value }) => {
      const read = plain(value);
      return read === undefined ? undefined : ([key, read] as const);
    }),
  );
}

function yamlLine(line: string): readonly YamlLine[] {
  const [, indent = "", item = "", text = ""] =
    /^( *)((?:- +)?)(.*)$/.exec(line.replace(/(?:^|\s+)#.*$/, "").trimEnd()) ?? [];
  if (text === "") return [];
  const [, key = "", value = ""] = /^["']?([\w./-]+|<<)["']?:(?:\s+(.*))?$/.exec(text) ?? [];
  return [{ indent: indent.length + item.length, isItem: item !== "", key, value, text }];
}

/** All that stands inside a line, however deep. */
function below(lines: readonly YamlLine[], parent: number): readonly YamlLine[] {
  const outer = lines[parent]?.indent ?? Number.POSITIVE_INFINITY;
  const end = lines.findIndex(({ indent }, at) => at > parent && indent <= outer);
  return parent < 0 ? [] : lines.slice(parent + 1, end < 0 ? undefined : end);
}

function childrenOf(lines: readonly YamlLine[], parent: number): readonly Placed[] {
  const within = below(lines, parent);
  const inner = within[0]?.indent;
  return within.flatMap((line, index) => (line.indent === inner ? [{ at: parent + 1 + index, line }] : []));
}

function plain(value: string): string | undefined {
  const read = scalar(value);
  return read === undefined || read === "" || /[{}&*|>[\]]|:\/\//.test(read) ? undefined : read;
}

/** `target "web" { … }` with strings, and `args` with strings; what has variables or inherits is left out. */
function bakeBuilds(text: string, base: string): readonly Build[] {
  return [...text.matchAll(/^target\s+"([^"]+)"\s*\{([\s\S]*?)^\}/gm)].flatMap(([, name = "", body = ""]) => {
    // A block that begins inside: this one ended in its first line.
    if (/^\s*(?:inherits|matrix|contexts|dockerfile-inline)\b|^\w+\s+"|^\w+\s*\{/m.test(body)) return [];
    const args = /^\s*args\s*=\s*\{([\s\S]*?)\}/m.exec(body)?.[1];
    // From a function or a variable.
    if (args === undefined && /^\s*args\b/m.test(body)) return [];
    return readBuild(
      name,
      hclPairs(body.replace(/\{[\s\S]*?\}/g, "")),
      plainArgs(hclPairs(args ?? "")),
      base,
    );
  });
}

function hclPairs(text: string): readonly Pair[] {
  return [...text.matchAll(/(?:^|[\n,{])\s*"?([\w-]+)"?\s*[=:]\s*("[^"\n]*"|[^\s,\n]+)/g)].map(
    ([, key = "", value = ""]) => ({ key, value: value.startsWith('"') ? value : "$" }),
  );
}

/** Undefined for JSON that is no Bake file. */
function targetsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const file: unknown = JSON.parse(text);
    const targets = isRecord(file) ? file["target"] : undefined;
    return isRecord(targets) ? targets : undefined;
  } catch {
    return undefined;
  }
}

function jsonBuilds(targets: Readonly<Record<string, unknown>>, base: string): readonly Build[] {
  return Object.entries(targets).flatMap(([name, target]) => {
    if (
      !isRecord(target) ||
      ["inherits", "matrix", "contexts", "dockerfile-inline"].some((key) => key in target)
    )
      return [];
    const { args = {} } = target;
    return readBuild(name, jsonPairs(target), isRecord(args) ? plainArgs(jsonPairs(args)) : undefined, base);
  });
}

function jsonPairs(record: Readonly<Record<string, unknown>>): readonly Pair[] {
  return Object.entries(record).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? JSON.stringify(value) : "$",
  }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
