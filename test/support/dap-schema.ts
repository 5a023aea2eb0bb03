/** JSON schemas of the protocol's messages, made from its published types, and what is wrong with a message. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Declaration, type Field, parseTypes, type TypeNode } from "./dap-types.ts";
import { validatorOf } from "./json-schema.ts";

type Schema = Readonly<Record<string, unknown>>;

const PRIMITIVES: ReadonlyMap<string, Schema> = new Map<string, Schema>([
  ["string", { type: "string" }],
  ["number", { type: "number" }],
  ["boolean", { type: "boolean" }],
  ["null", { type: "null" }],
  ["any", {}],
]);

/** A schema for each name; names refer to each other as `#/definitions/NAME`. */
export function schemasOf(types: ReadonlyMap<string, Declaration>): Readonly<Record<string, Schema>> {
  return Object.fromEntries([...types].map(([name]) => [name, schemaOfDeclaration(name, types)]));
}

function schemaOfDeclaration(name: string, types: ReadonlyMap<string, Declaration>): Schema {
  const type = typeOf(name, types);
  return schemaOf(type, types);
}

/** With the fields of what it extends; its own go before those. */
function typeOf(name: string, types: ReadonlyMap<string, Declaration>): TypeNode {
  const declared = types.get(name);
  if (declared === undefined) throw new Error(`no type ${name} is declared`);
  const { base, type } = declared;
  if (base === undefined || type.kind !== "object") return type;
  const inherited = typeOf(base, types);
  if (inherited.kind !== "object") throw new Error(`${name} extends ${base}, which is no interface`);
  const fields = new Map<string, Field>(
    [...inherited.fields, ...type.fields].map((each) => [each.name, each]),
  );
  return { kind: "object", fields: [...fields.values()], index: type.index ?? inherited.index };
}

function schemaOf(type: TypeNode, types: ReadonlyMap<string, Declaration>): Schema {
  switch (type.kind) {
    case "literal":
      return { const: type.value };
    case "array":
      return { type: "array", items: schemaOf(type.of, types) };
    case "name": {
      const primitive = PRIMITIVES.get(type.name);
      if (primitive !== undefined) return primitive;
      if (!types.has(type.name)) throw new Error(`no type ${type.name} is declared`);
      return { $ref: `#/definitions/${type.name}` };
    }
    case "union":
      return unionSchema(type.of, types);
    case "object":
      return {
        type: "object",
        ...(type.index === undefined
          ? {
              properties: Object.fromEntries(
                type.fields.map((each) => [each.name, schemaOf(each.type, types)]),
              ),
            }
          : { additionalProperties: schemaOf(type.index, types) }),
        required: type.fields.filter(({ optional }) => !optional).map(({ name }) => name),
      };
  }
}

/** Values that are only proposed (`"a" | "b" | string`) are any text. */
function unionSchema(of: readonly TypeNode[], types: ReadonlyMap<string, Declaration>): Schema {
  const isOpen = of.some((each) => each.kind === "name" && each.name === "string");
  const rest = isOpen ? of.filter(({ kind }) => kind !== "literal") : of;
  const [only, ...others] = rest.map((each) => schemaOf(each, types));
  return others.length === 0 && only !== undefined ? only : { anyOf: [only, ...others] };
}

const PACKAGE = createRequire(import.meta.url).resolve("@vscode/debugprotocol/package.json");

/** What the package declares. */
export const PROTOCOL_TYPES = parseTypes(
  readFileSync(join(dirname(PACKAGE), "lib", "debugProtocol.d.ts"), "utf8"),
);
const SCHEMAS = schemasOf(PROTOCOL_TYPES);
const validators = new Map<string, (value: unknown) => readonly string[]>();

/** All requests of the protocol, those to the client too. */
export const PROTOCOL_REQUESTS: readonly string[] = namesWith("Request");
export const REVERSE_REQUESTS: readonly string[] = ["runInTerminal", "startDebugging"];
export const PROTOCOL_EVENTS: readonly string[] = namesWith("Event");
export const CAPABILITY_FIELDS: readonly string[] = fieldsOf("Capabilities").map(({ name }) => name);

/** Of an interface, with those that it inherits. */
export function fieldsOf(name: string): readonly Field[] {
  const type = typeOf(name, PROTOCOL_TYPES);
  return type.kind === "object" ? type.fields : [];
}

/** What is wrong with a value of that type; empty = nothing. */
export function problemsAs(name: string, value: unknown): readonly string[] {
  const known = validators.get(name);
  if (known !== undefined) return known(value);
  if (SCHEMAS[name] === undefined) return [`the protocol has no ${name}`];
  const made = validatorOf({ $ref: `#/definitions/${name}`, definitions: reachable(name) });
  validators.set(name, made);
  return made(value);
}

/** What is wrong with a message of a debug adapter. */
export function problemsOf(message: Readonly<Record<string, unknown>>): readonly string[] {
  const name = typeName(message);
  if (name === undefined) return [`no message of an adapter: ${JSON.stringify(message).slice(0, 300)}`];
  return problemsAs(name, message).map((problem) => `${name} ${problem}`);
}

function typeName({ type, event, command, success }: Readonly<Record<string, unknown>>): string | undefined {
  if (type === "event" && typeof event === "string") return `${capital(event)}Event`;
  if (type === "request" && REVERSE_REQUESTS.includes(String(command)))
    return `${capital(String(command))}Request`;
  if (type !== "response" || typeof command !== "string") return undefined;
  return success === true ? `${capital(command)}Response` : "ErrorResponse";
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function namesWith(ending: "Request" | "Event"): readonly string[] {
  return [...PROTOCOL_TYPES]
    .filter(([name, { base }]) => base === ending && name.endsWith(ending))
    .map(([name]) => `${name.slice(0, 1).toLowerCase()}${name.slice(1, -ending.length)}`)
    .sort();
}

function reachable(name: string): Readonly<Record<string, Schema>> {
  const found = new Set([name]);
  for (const each of found)
    for (const [, other] of JSON.stringify(SCHEMAS[each]).matchAll(/"#\/definitions\/([A-Za-z]+)"/g))
      if (other !== undefined) found.add(other);
  return Object.fromEntries([...found].map((each) => [each, SCHEMAS[each] ?? {}]));
}
