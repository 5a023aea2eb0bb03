/** The arguments of tools: one description of each, from which its JSON Schema is made and what a client sends is read. */
import { BktuiError } from "../base/errors.ts";
import { nearest } from "../base/near.ts";

/** A part of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** @throws {BktuiError} "usage" with what it must be. */
type Reader<T> = (value: unknown, name: string) => T;

export interface Field<T, Optional extends boolean = boolean> {
  readonly schema: Schema;
  readonly isOptional: Optional;
  readonly read: Reader<T>;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a tool gets; what was left out is undefined. */
export type Read<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T, infer O>
    ? O extends true
      ? T | undefined
      : T
    : never;
};

/** A client that sends more of one text has mistaken the tool. */
const LONGEST_TEXT = 1024 * 1024;
const MOST_ENTRIES = 1000;

export function text(description: string, more: Schema = {}): Field<string, false> {
  return {
    schema: { type: "string", description, ...more },
    isOptional: false,
    read: (value, name) => {
      if (typeof value !== "string") throw wrong(name, "a text", value);
      if (value.length > LONGEST_TEXT) throw new BktuiError("usage", `${name} is longer than 1 MiB`);
      if (value.includes("\0")) throw new BktuiError("usage", `${name} has a NUL in it`);
      return value;
    },
  };
}

export function oneOf<const T extends string>(words: readonly T[], description: string): Field<T, false> {
  return {
    schema: { type: "string", enum: words, description },
    isOptional: false,
    read: (value, name) => {
      const found = words.find((word) => word === value);
      if (found === undefined) throw wrong(name, `one of ${words.join(", ")}`, value);
      return found;
    },
  };
}

export function whole(
  description: string,
  { least = 1, most }: { readonly least?: number; readonly most: number },
): Field<number, false> {
  return {
    schema: { type: "integer", minimum: least, maximum: most, description },
    isOptional: false,
    read: (value, name) => {
      if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most)
        return value;
      throw wrong(name, `a whole number from ${least} to ${most}`, value);
    },
  };
}

export function flag(description: string): Field<boolean, false> {
  return {
    schema: { type: "boolean", description },
    isOptional: false,
    read: (value, name) => {
      if (typeof value !== "boolean") throw wrong(name, "true or false", value);
      return value;
    },
  };
}

export function texts(description: string): Field<readonly string[], false> {
  const each = text("");
  return {
    schema: { type: "array", items: { type: "string" }, description },
    isOptional: false,
    read: (value, name) => {
      if (!Array.isArray(value) || value.length > MOST_ENTRIES) throw wrong(name, "a list of texts", value);
      return value.map((entry, index) => each.read(entry, `${name}[${index}]`));
    },
  };
}

export function named(description: string): Field<Readonly<Record<string, string>>, false> {
  const each = text("");
  return {
    schema: { type: "object", additionalProperties: { type: "string" }, description },
    isOptional: false,
    read: (value, name) => {
      if (!isRecord(value) || Object.keys(value).length > MOST_ENTRIES)
        throw wrong(name, "an object of texts", value);
      return Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [key, each.read(entry, `${name}.${key}`)]),
      );
    },
  };
}

export function optional<T>(field: Field<T, false>): Field<T, true> {
  return { ...field, isOptional: true };
}

export function schemaOf(fields: Fields): {
  readonly type: "object";
  readonly properties: Record<string, object>;
  readonly required?: string[];
  readonly additionalProperties: false;
} {
  const required = Object.entries(fields).flatMap(([name, { isOptional }]) => (isOptional ? [] : [name]));
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

/** @throws {BktuiError} "usage" that names the argument, and what is near where there is no such one. */
export function readFields<F extends Fields>(fields: F, given: unknown): Read<F> {
  const values = given ?? {};
  if (!isRecord(values)) throw wrong("arguments", "an object", given);
  for (const name of Object.keys(values))
    if (!Object.hasOwn(fields, name)) throw unknownField(name, Object.keys(fields));
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = values[name];
    // Clients write null for what they leave out.
    if (value !== undefined && value !== null) return [name, field.read(value, name)];
    if (!field.isOptional) throw new BktuiError("usage", `the argument ${name} is missing`, HINT);
    return [name, undefined];
  });
  return Object.fromEntries(entries) as Read<F>;
}

const HINT = { hint: "tools/list has the arguments of each tool." };

function unknownField(name: string, known: readonly string[]): BktuiError {
  const near = nearest(name, known);
  const shown = shortened(name);
  if (near.length > 0)
    return new BktuiError("usage", `no argument "${shown}"; did you mean ${near.join(" or ")}?`, HINT);
  const those = known.length === 0 ? "it takes none" : `there are ${known.join(", ")}`;
  return new BktuiError("usage", `no argument "${shown}"; ${those}`, HINT);
}

function wrong(name: string, what: string, value: unknown): BktuiError {
  return new BktuiError(
    "usage",
    `${name} must be ${what}, not ${shortened(JSON.stringify(value) ?? "nothing")}`,
    HINT,
  );
}

const LONGEST_SHOWN = 60;

function shortened(value: string): string {
  return value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
