/** Compose and Bake files: they name Dockerfiles, and are easily given in place of one. Read as far as it is plain. */
import { basename, dirname, join, resolve } from "node:path";
import { quote } from "./quote.ts";

/** One image that such a file builds. Paths are absolute. */
interface Build {
  readonly name: string;
  readonly context: string;
  /** Undefined = the context's own. */
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  readonly args: readonly (readonly [string, string])[];
}

/** What is said of a file that is no Dockerfile. */
export interface OtherBuildFile {
  /** "a Compose file", "a Bake file". */
  readonly what: string;
  /** Command lines for what it builds, those that could be read; each with what it is for. */
  readonly commands: readonly string[];
}

const MOST_COMMANDS = 5;
const COMPOSE_NAME = /^(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml$/i;
const BAKE_NAME = /^docker-bake(?:[._-][^/]*)?\.(?:hcl|json)$/i;

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
  return { what, commands: more > 0 ? [...commands, `… and ${more} more`] : commands };
}

function commandOf({ context, dockerfile, target, args }: Build): string {
  return [
    "bktui",
    ...(dockerfile === undefined ? [] : ["-f", quote(dockerfile)]),
    ...(target === undefined ? [] : ["--target", quote(target)]),
    ...args.flatMap(([name, value]) => ["--build-arg", quote(`${name}=${value}`)]),
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

interface YamlLine {
  readonly indent: number;
  readonly key: string;
  readonly value: string;
}

/** Services with `build:`, of the plain form only: what has anchors, variables or flow style is left out. */
function composeBuilds(text: string, base: string): readonly Build[] {
  const lines = text.split(/\r?\n/).flatMap(yamlLine);
  const services = childrenOf(
    lines,
    lines.findIndex(({ indent, key }) => indent === 0 && key === "services"),
  );
  return services.flatMap(({ at, line: service }) => {
    const build = childrenOf(lines, at).find(({ line }) => line.key === "build");
    if (build === undefined) return [];
    if (build.line.value !== "") {
      const context = plain(build.line.value);
      return context === undefined ? [] : [buildOf(service.key, new Map([["context", context]]), [], base)];
    }
    const entries = childrenOf(lines, build.at);
    const args = entries.find(({ line }) => line.key === "args");
    return readBuild(
      service.key,
      entries.filter((each) => each !== args).map(({ line }) => line),
      args === undefined ? [] : childrenOf(lines, args.at).map(({ line }) => line),
      base,
    );
  });
}

/** Empty when a value is not plain: a command line that builds something else is worse than none. */
function readBuild(
  name: string,
  entries: readonly Pick<YamlLine, "key" | "value">[],
  argEntries: readonly Pick<YamlLine, "key" | "value">[],
  base: string,
): readonly Build[] {
  if ([...entries, ...argEntries].some(({ key }) => key === "<<" || key === "dockerfile_inline")) return [];
  const values = new Map<string, string>();
  for (const { key, value } of entries) {
    if (key !== "context" && key !== "dockerfile" && key !== "target") continue;
    const read = plain(value);
    if (read === undefined) return [];
    values.set(key, read);
  }
  const args = argEntries.map(({ key, value }) => [key, plain(value)] as const);
  const known = args.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return known.length === args.length ? [buildOf(name, values, known, base)] : [];
}

function yamlLine(text: string): readonly YamlLine[] {
  const [, indent = "", item, key = "", value = ""] =
    /^( *)(- +)?["']?([\w./-]+|<<)["']?(?::|=)\s*(.*?)\s*$/.exec(text.replace(/\s+#.*$/, "")) ?? [];
  if (key === "" || /^\s*#/.test(text)) return [];
  // `- A=1` in a list of arguments.
  return [{ indent: indent.length + (item?.length ?? 0), key, value }];
}

function childrenOf(
  lines: readonly YamlLine[],
  parent: number,
): readonly { readonly at: number; readonly line: YamlLine }[] {
  const outer = lines[parent]?.indent ?? Number.POSITIVE_INFINITY;
  const end = lines.findIndex(({ indent }, at) => at > parent && indent <= outer);
  const within = lines.slice(parent + 1, end < 0 ? undefined : end);
  const inner = within[0]?.indent;
  return parent < 0
    ? []
    : within.flatMap((line, index) => (line.indent === inner ? [{ at: parent + 1 + index, line }] : []));
}

function plain(value: string): string | undefined {
  const bare = /^"([^"\\]*)"$/.exec(value)?.[1] ?? /^'([^']*)'$/.exec(value)?.[1] ?? value;
  return bare === "" || /[${}&*|>[\]]|:\/\//.test(bare) ? undefined : bare;
}

/** `target "web" { … }` with strings, and `args` with strings; what has variables or inherits is left out. */
function bakeBuilds(text: string, base: string): readonly Build[] {
  return [...text.matchAll(/^target\s+"([^"]+)"\s*\{([\s\S]*?)^\}/gm)].flatMap(([, name = "", body = ""]) => {
    if (/^\s*(?:inherits|matrix|contexts|dockerfile-inline)\b/m.test(body)) return [];
    const args = /^\s*args\s*=\s*\{([\s\S]*?)\}/m.exec(body)?.[1] ?? "";
    return readBuild(name, hclPairs(body.replace(/\{[\s\S]*?\}/g, "")), hclPairs(args), base);
  });
}

function hclPairs(text: string): readonly Pick<YamlLine, "key" | "value">[] {
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
    const args = isRecord(target["args"]) ? target["args"] : {};
    return readBuild(name, jsonPairs(target), jsonPairs(args), base);
  });
}

function jsonPairs(record: Readonly<Record<string, unknown>>): readonly Pick<YamlLine, "key" | "value">[] {
  return Object.entries(record).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? value : "$",
  }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
