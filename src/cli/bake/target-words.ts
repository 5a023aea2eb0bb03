/** A target of a bake file as the words of a `docker build` command line, so that there is one grammar for both. */
import { resolve } from "node:path";
import { visibleLine } from "../../base/visible.ts";
import { badValue } from "../../console/bad-values.ts";
import { isRemote } from "../../console/build-contexts.ts";
import { csvField } from "../../console/values/csv.ts";
import { BUILD_ROWS } from "../options/build-rows.ts";
import { type BakeTarget, record } from "./read-plan.ts";

export interface TargetWords {
  /** For the parser of bktui's own command line, the context last. */
  readonly words: readonly string[];
  /** The text of its `dockerfile-inline`, for which `-f -` stands among the words. */
  readonly inline: string | undefined;
  /** Names of targets that it is built from. */
  readonly links: readonly string[];
  /** What could not be taken over, one line each. */
  readonly notes: readonly string[];
}

type Words = readonly string[];

/** Of keys that are an option each; values as `bake --print` has them (buildx 0.29 to 0.37). */
const OPTIONS: Readonly<Record<string, (value: unknown) => Words>> = {
  annotations: (value) => repeated("--annotation", value),
  args: (value) => pairs("--build-arg", value),
  attest: (value) => repeated("--attest", value),
  "cache-from": (value) => repeated("--cache-from", value),
  "cache-to": (value) => repeated("--cache-to", value),
  call: (value) => (value === "build" ? [] : [`--call=${String(value)}`]),
  contexts: (value) =>
    Object.entries(record(value)).flatMap(([name, from]) => [
      `--build-context=${name}=${withoutScheme(String(from))}`,
    ]),
  entitlements: (value) => repeated("--allow", value),
  "extra-hosts": (value) => pairs("--add-host", value),
  labels: (value) => pairs("--label", value),
  network: (value) => [`--network=${String(value)}`],
  "no-cache": (value) => (value === true ? ["--no-cache"] : []),
  "no-cache-filter": (value) => repeated("--no-cache-filter", value),
  output: (value) => repeated("--output", value),
  platforms: (value) => (list(value).length === 0 ? [] : [`--platform=${list(value).join(",")}`]),
  policy: (value) => repeated("--policy", value),
  pull: (value) => (value === true ? ["--pull"] : []),
  resources: (value) => pairs("--resource", value),
  secret: (value) => repeated("--secret", value),
  "shm-size": (value) => [`--shm-size=${String(value)}`],
  ssh: (value) =>
    items(value).map((each) => `--ssh=${typeof each === "string" ? each : sshOf(record(each))}`),
  tags: (value) => repeated("--tag", value),
  target: (value) => [`--target=${String(value)}`],
  ulimits: (value) => repeated("--ulimit", value),
};
/** These say where the files are, or nothing about the build. */
const READ_APART: readonly string[] = ["context", "dockerfile", "dockerfile-inline", "description", "name"];

/**
 * @param cwd where bake ran: relative paths start there
 * @throws {BktuiError} "bad-request" for standard input, which bake does not take either.
 */
export function targetWords(name: string, target: BakeTarget, cwd: string): TargetWords {
  const notes: string[] = [];
  const note = (what: string): void => void notes.push(visibleLine(`target ${name}: ${what}`));
  const words = Object.entries(target).flatMap(([key, value]) => {
    if (READ_APART.includes(key) || value === null) return [];
    const option = OPTIONS[key];
    if (option === undefined) note(`the key ${key} is not known, it is left out`);
    return option?.(value) ?? [];
  });
  const known = words.filter((word) => {
    const isKnown = hasOption(word);
    if (!isKnown) note(`${word.split("=", 1)[0] ?? ""} is left out, bktui has no such option`);
    return isKnown;
  });
  const inline = target["dockerfile-inline"];
  const isInline = typeof inline === "string";
  return {
    words: [...known, ...places(name, target, { cwd, isInline })],
    inline: isInline ? inline : undefined,
    links: Object.values(record(target["contexts"])).flatMap(
      (from) => /^target:(.+)$/.exec(String(from))?.slice(1) ?? [],
    ),
    notes,
  };
}

function places(
  name: string,
  target: BakeTarget,
  { cwd, isInline }: { readonly cwd: string; readonly isInline: boolean },
): Words {
  const context = text(target["context"], ".");
  const dockerfile = text(target["dockerfile"], "Dockerfile");
  if (context === "-" || (dockerfile === "-" && !isInline))
    throw badValue(`target ${name}: a bake file takes no context or Dockerfile from standard input`);
  const isFetched = isRemote(context);
  const path = isFetched ? context : resolve(cwd, withoutScheme(context));
  if (isInline) return ["--file=-", path];
  if (dockerfile.startsWith(HERE)) return [`--file=${resolve(cwd, withoutScheme(dockerfile))}`, path];
  // Else either spelling of the name is looked for, as docker does.
  if (dockerfile === "Dockerfile") return [path];
  return [`--file=${isFetched ? dockerfile : resolve(path, dockerfile)}`, path];
}

const HERE = "cwd://";

function withoutScheme(path: string): string {
  return path.startsWith(HERE) ? path.slice(HERE.length) : path;
}

function text(value: unknown, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

function hasOption(word: string): boolean {
  const [flag = ""] = word.split("=", 1);
  return BUILD_ROWS.some(({ flags }) => flags.split(/[ ,]+/).includes(flag));
}

function repeated(flag: string, value: unknown): Words {
  return items(value).map((each) => `${flag}=${csv(each)}`);
}

/** A value that is null is that of nobody: bake leaves it out. */
function pairs(flag: string, value: unknown): Words {
  return Object.entries(record(value)).flatMap(([name, each]) =>
    each === null ? [] : [`${flag}=${name}=${String(each)}`],
  );
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function list(value: unknown): readonly string[] {
  return items(value).map(String);
}

/** `{ type: "local", dest: "out" }` -> `type=local,dest=out`; the type first, as options have it. */
function csv(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const { type, ...others } = record(value);
  const fields = type === undefined ? Object.entries(others) : [["type", type], ...Object.entries(others)];
  return fields.map(([key, each]) => csvField(`${String(key)}=${String(each)}`)).join(",");
}

function sshOf({ id, paths }: Readonly<Record<string, unknown>>): string {
  const all = Array.isArray(paths) ? paths.map(String) : [];
  return all.length === 0 ? String(id) : `${String(id)}=${all.join(",")}`;
}
