/** What the console answers and tells as plain data. Types only: they are those of the schema. */
import type * as v from "valibot";
import type { EVENT } from "./schema/events.ts";
import type * as parts from "./schema/parts.ts";
import type * as results from "./schema/results.ts";

type Data<Schema extends v.GenericSchema> = Immutable<v.InferOutput<Schema>>;

type Immutable<T> = T extends string
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Immutable<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Immutable<T[Key]> }
      : T;

export type Answer = Data<typeof results.ANSWER>;
export type Result = Data<typeof results.RESULT>;
export type ResultOf<Kind extends Result["kind"]> = Extract<Result, { readonly kind: Kind }>;
export type StateAnswer = Data<typeof results.STATE>;
export type ConsoleEvent = Data<typeof EVENT>;
export type EventOf<Type extends ConsoleEvent["type"]> = Extract<ConsoleEvent, { readonly type: Type }>;

export type ErrorAnswer = Data<typeof parts.ERROR>;
export type PlaceAnswer = Data<typeof parts.PLACE>;
export type StepAnswer = Data<typeof parts.STEP>;
export type LogAnswer = Data<typeof parts.LOG>;
export type LogLineAnswer = Data<typeof parts.LOG_LINE>;
export type FailureAnswer = Data<typeof parts.FAILURE>;
export type BreakpointAnswer = Data<typeof parts.BREAKPOINT>;
export type OutputAnswer = Data<typeof parts.OUTPUT>;
export type WarningAnswer = Data<typeof parts.WARNING>;
