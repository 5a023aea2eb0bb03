/** The schema of what bktui tells programs, as a validator that takes no field which is not in it. */
import { Validator } from "@cfworker/json-schema";
import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";

/** What is wrong with a value; empty = nothing. */
export function strictly(schema: GenericSchema): (value: unknown) => readonly string[] {
  return validatorOf(toJsonSchema(schema));
}

/** A reader of the schema takes fields that come later; here each must be described. */
export function validatorOf(schema: object): (value: unknown) => readonly string[] {
  const validator = new Validator(closed(schema) as object, "7", false);
  return (value) => {
    // As it is written: without what is undefined.
    const { errors } = validator.validate(JSON.parse(JSON.stringify(value)));
    return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
  };
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isRecord = "properties" in schema && "type" in schema;
  return { ...Object.fromEntries(entries), ...(isRecord ? { additionalProperties: false } : {}) };
}
