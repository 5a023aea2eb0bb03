/** The keys of a launch entry as JSON schema, as the extension for VS Code offers them (`npm run schema`). */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { buildOptions } from "../src/cli/commands.ts";
import { ownKeys } from "../src/cli/dap/launch-body.ts";
import { optionKeys } from "../src/cli/dap/option-keys.ts";

export const EXTENSION_MANIFEST = fileURLToPath(
  new URL("../demo/editors/vscode/package.json", import.meta.url),
);

/** A key as VS Code completes and checks it. */
interface Attribute {
  readonly type: string | readonly string[];
  readonly description: string;
  readonly items?: { readonly type: string | readonly string[] };
}

export interface Attributes {
  readonly launch: { readonly properties: Readonly<Record<string, Attribute>> };
  readonly attach: { readonly properties: Readonly<Record<string, Attribute>> };
}

type Name = keyof typeof ownKeys;
type Words = Readonly<Record<Name, string>>;

/** The keys that stand for no option. */
export const ownWords: Words = {
  dockerfile:
    "Dockerfile, relative to cwd (or to the context) or absolute. Default: Dockerfile in the context.",
  file: "The same as dockerfile.",
  contextPath: "Directory or URL that is built.",
  context: "The same as contextPath.",
  args: "Options of docker build as on its command line.",
  cwd: "Directory that relative paths refer to. Default: the workspace.",
  env: "Variables for the build's options and for finding its engine; null removes one.",
  breakpoints: "Places to stop at besides those of the editor: lines, app:end, stage:deps, /RUN npm/, miss.",
  stopOnEntry: "Stop before the first step. Default: false.",
  run: "The opposite of stopOnEntry.",
  noDebug: "Run without stopping at breakpoints or failures.",
  bake: "Targets of a bake or compose file, or true for its default: the first is debugged, each other one in a session of its own.",
  bakeFiles: "Bake or compose files. Default: those that bake finds.",
  token: "Token of a server that asks for one.",
  session: "Name of the build to attach to.",
};

/** The extension's own. */
const SERVER: Attribute = {
  type: "string",
  description:
    "Which bktui that waits for editors: its name, the path of its socket, or tcp:127.0.0.1:PORT. Default: the only one.",
};

const OF_ATTACH: readonly Name[] = ["session", "token", "breakpoints"];
/** `noDebug` is VS Code's own, and `session` is of no launch. */
const OF_LAUNCH: readonly Name[] = [
  "dockerfile",
  "contextPath",
  "file",
  "context",
  "args",
  "cwd",
  "env",
  "breakpoints",
  "stopOnEntry",
  "run",
  "bake",
  "bakeFiles",
  "token",
];

export function launchAttributes(): Attributes {
  const options = buildOptions();
  const own = (keys: readonly Name[]) =>
    Object.fromEntries(keys.map((name) => [name, attribute(ownKeys[name], ownWords[name])]));
  const ofOptions = optionKeys(options).flatMap(({ names, words }) => {
    const about = options.find(({ long }) => long === `--${names.at(-1)}`)?.description ?? "";
    // The others are taken so that command lines can be pasted, and mean nothing or little.
    return about === "" ? [] : [[names[0] ?? "", attribute(words, about)] as const];
  });
  return {
    launch: { properties: { ...own(OF_LAUNCH), ...Object.fromEntries(ofOptions) } },
    attach: { properties: { server: SERVER, ...own(OF_ATTACH) } },
  };
}

/** The manifest with the keys as they are now. */
export function manifestText(manifest: string): string {
  const parsed = JSON.parse(manifest);
  parsed.contributes.debuggers[0].configurationAttributes = launchAttributes();
  return `${JSON.stringify(parsed, undefined, 2)}\n`;
}

export function writeManifest(): void {
  writeFileSync(EXTENSION_MANIFEST, manifestText(readFileSync(EXTENSION_MANIFEST, "utf8")));
}

function attribute(schema: GenericSchema, description: string): Attribute {
  const found = toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" });
  const [types, items] = typesOf(found);
  return {
    type: oneOrAll(types),
    description,
    ...(items.size === 0 ? {} : { items: { type: oneOrAll(items) } }),
  };
}

function oneOrAll(types: ReadonlySet<string>): string | readonly string[] {
  const [first, ...others] = types;
  return first === undefined || others.length > 0 ? [...types] : first;
}

/** The types that a value may have, and those of its items where it may be a list. A schema without a type is of an object. */
function typesOf({ type, anyOf, items }: JsonSchema): readonly [ReadonlySet<string>, ReadonlySet<string>] {
  const inner = (anyOf ?? []).flatMap((each) => (typeof each === "object" ? [typesOf(each)] : []));
  const own = anyOf === undefined ? [type ?? "object"].flat() : [];
  const ofItems = typeof items === "object" && !Array.isArray(items) ? [...typesOf(items)[0]] : [];
  return [
    new Set([...own, ...inner.flatMap(([types]) => [...types])]),
    new Set([...ofItems, ...inner.flatMap(([, types]) => [...types])]),
  ];
}
