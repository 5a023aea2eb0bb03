/**
 * Docker's config.json as docker's client takes it (28.5 and the docker/cli of buildx 0.37, tried): what cannot be read is
 * warned of and counts as not there; a value of the wrong kind is left out, and the others count.
 */
import { join } from "node:path";
import { parseFirstJson } from "../../../base/first-json.ts";
import {
  dockerDirectory,
  type Environment,
  isJsonRecord,
  type JsonRecord,
  placeIn,
  readTextFile,
} from "./files.ts";

export interface DockerConfigFile {
  readonly path: string;
  /** Without those of the wrong kind. */
  readonly values: JsonRecord;
  /** What cannot be read, with file and place and without a word of its text, for it may hold credentials. */
  readonly problems: readonly string[];
}

type Kind = "text" | "texts" | "list" | "record" | "records";

/** What a build minds, by the kind that docker wants. */
const KINDS: Readonly<Record<string, Kind>> = {
  auths: "record",
  credHelpers: "texts",
  credsStore: "text",
  currentContext: "text",
  proxies: "records",
  cliPluginsExtraDirs: "list",
};
const IN_WORDS: Readonly<Record<Kind, string>> = {
  text: "a text",
  texts: "an object of texts",
  list: "a list of texts",
  record: "an object of objects",
  records: "an object of objects of texts",
};
const ALL = "proxies, credentials and a docker context in it do not count";

/** Never rejects: docker's client builds with what there is. */
export async function readConfigFile(env: Environment): Promise<DockerConfigFile> {
  const path = join(dockerDirectory(env), "config.json");
  const empty = (problem: string): DockerConfigFile => ({ path, values: {}, problems: [problem] });
  let text: string;
  try {
    text = (await readTextFile(path)) ?? "";
  } catch (error) {
    return empty(`${error instanceof Error ? error.message : String(error)}; ${ALL}`);
  }
  let value: unknown;
  try {
    value = parseFirstJson(text) ?? {};
  } catch {
    return empty(`${path}${await placeIn(text)} is not JSON; ${ALL}`);
  }
  if (!isJsonRecord(value)) return empty(`${path} is no JSON object; ${ALL}`);
  return await checked(path, text, value);
}

async function checked(path: string, text: string, all: JsonRecord): Promise<DockerConfigFile> {
  const values: Partial<Record<string, unknown>> = { ...all };
  const problems: string[] = [];
  for (const [name, kind] of Object.entries(KINDS)) {
    const value = all[name];
    if (value === undefined || value === null) continue;
    const wrong = wrongPart(value, kind);
    if (wrong === undefined) continue;
    delete values[name];
    const place = `${path}${await placeIn(text, [name, ...wrong])}`;
    problems.push(`${place}: ${name} has to be ${IN_WORDS[kind]}; what docker has there does not count`);
  }
  return { path, values, problems };
}

/** The path to what is of another kind; undefined when all is as it should be. */
function wrongPart(value: unknown, kind: Kind): readonly (string | number)[] | undefined {
  switch (kind) {
    case "text":
      return typeof value === "string" ? undefined : [];
    case "list":
      return Array.isArray(value) ? wrongIn([...value.entries()], "text") : [];
    case "texts":
      return isJsonRecord(value) ? wrongIn(Object.entries(value), "text") : [];
    case "record":
      return isJsonRecord(value) ? wrongIn(Object.entries(value), undefined) : [];
    case "records":
      return isJsonRecord(value) ? wrongIn(Object.entries(value), "texts") : [];
  }
}

/** @param kind of each; undefined = any object */
function wrongIn(
  entries: readonly (readonly [string | number, unknown])[],
  kind: Kind | undefined,
): readonly (string | number)[] | undefined {
  for (const [name, value] of entries) {
    if (value === null) continue;
    const inner = kind === undefined ? (isJsonRecord(value) ? undefined : []) : wrongPart(value, kind);
    if (inner !== undefined) return [name, ...inner];
  }
  return undefined;
}
