/** A configuration file's text -> what it sets, and what is wrong in it. Pure. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import * as v from "valibot";
import { nearest } from "../../base/near.ts";
import { visibleLine } from "../../base/visible.ts";
import { type Config, configSchema, knownKeys, PROJECT_KEYS } from "./schema.ts";

/** One file, or what environment and options set. */
export interface ConfigLayer {
  readonly config: Config;
  /** Where a key was set, e.g. "/home/me/.config/bktui/config.json:3" or "--theme". */
  from(key: string): string;
}

export interface ReadConfig extends ConfigLayer {
  /** What is wrong, where, and what is allowed; one harmless line each. Never fatal: the key is left out. */
  readonly problems: readonly string[];
}

/**
 * @param file the name in messages
 * @param scope "project": only `PROJECT_KEYS` are taken
 */
export function readConfig(text: string, file: string, scope: "user" | "project"): ReadConfig {
  const errors: ParseError[] = [];
  const source = text.replace(/^\ufeff/, " ");
  const tree = parseTree(source, errors, { allowTrailingComma: true });
  const place = (offset: number): string => `${file}:${lineAt(source, offset)}`;
  const [error] = errors;
  if (source.trim() === "") return nothing(file, []);
  if (error !== undefined) {
    const what = printParseErrorCode(error.error)
      .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
      .toLowerCase();
    return nothing(file, [`${place(error.offset)}: ${what}: the file is left out`]);
  }
  if (tree === undefined) return nothing(file, []);
  if (tree.type !== "object") return nothing(file, [`${place(tree.offset)}: not an object { … }`]);
  return checked(tree, { file, place, scope });
}

interface Reading {
  readonly file: string;
  readonly scope: "user" | "project";
  place(offset: number): string;
}

/** Takes out what is wrong until the rest is right. */
function checked(tree: Node, { file, place, scope }: Reading): ReadConfig {
  const value: unknown = getNodeValue(tree);
  const problems: string[] = [];
  const report = (path: readonly string[], words: string): void => {
    const node = findNodeAtLocation(tree, [...path]);
    problems.push(visibleLine(`${place(node?.parent?.offset ?? tree.offset)}: ${path.join(".")}: ${words}`));
  };
  if (scope === "project") {
    for (const path of settable(value)) {
      if (PROJECT_KEYS.includes(path.join("."))) continue;
      report(path, `not taken from a project's file, which may set ${PROJECT_KEYS.join(", ")}`);
      remove(value, path);
    }
  }
  for (;;) {
    const result = v.safeParse(configSchema, value);
    if (result.success) {
      return { config: result.output, problems, from: (key) => place(offsetOf(tree, key)) };
    }
    const [issue] = result.issues;
    const path = keyPath(issue);
    if (path.length === 0) return nothing(file, [...problems, `${file}: ${visibleLine(issue.message)}`]);
    report(path, wordsOf(issue, path));
    remove(value, path);
  }
}

/** Paths of everything that is set, as deep as keys go. */
function settable(value: unknown): readonly (readonly string[])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const isSection = knownKeys().some((key) => key.startsWith(`${name}.`));
    return isSection && isRecord(inner) ? Object.keys(inner).map((key) => [name, key]) : [[name]];
  });
}

/** The path of an issue down to the key: `shell.command`, not its second word. */
function keyPath(issue: v.BaseIssue<unknown>): readonly string[] {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  return path.slice(0, knownKeys().includes(path[0] ?? "") ? 1 : 2);
}

function wordsOf(issue: v.BaseIssue<unknown>, path: readonly string[]): string {
  if (issue.type === "strict_object" && issue.expected === "never") return unknownWords(path);
  if (issue.type === "strict_object" || issue.type === "record") return "must be an object { … }";
  return `must be ${issue.message}`;
}

function unknownWords(path: readonly string[]): string {
  const section = path.slice(0, -1).join(".");
  const prefix = section === "" ? "" : `${section}.`;
  const known = new Set(
    knownKeys()
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length).replace(/\..*/, "")),
  );
  const [near] = nearest(path.at(-1) ?? "", known);
  const all = `${section === "" ? "the keys are" : `${section} has`} ${[...known].join(", ")}`;
  return near === undefined ? `no such key; ${all}` : `no such key, did you mean ${near}? ${all}`;
}

function remove(value: unknown, path: readonly string[]): void {
  const [name, ...rest] = path;
  if (name === undefined || !isRecord(value)) return;
  if (rest.length === 0) delete value[name];
  else remove(value[name], rest);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function offsetOf(tree: Node, key: string): number {
  return findNodeAtLocation(tree, key.split("."))?.parent?.offset ?? tree.offset;
}

/** Counts from 1. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function nothing(file: string, problems: readonly string[]): ReadConfig {
  return { config: {}, problems: problems.map(visibleLine), from: () => file };
}
