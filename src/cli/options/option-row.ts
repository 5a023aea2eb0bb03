/** What one row of the table of options says: how an option is spelled, and what it sets. */
import type { Surroundings } from "../../console/build-options.ts";
import type { BuildChoices, DebugOptions } from "../debug-options.ts";
import type { TypedSource } from "../typed-source.ts";

/** What a given option sets; everything else stays as it is. */
export interface Chosen {
  readonly build?: Partial<BuildChoices>;
  /** Of the run around the build. */
  readonly run?: Partial<
    Pick<DebugOptions, "addr" | "builder" | "call" | "context" | "file" | "policies" | "progress" | "quiet">
  > &
    TypedSource;
  /** Things to say before the build, one line each. */
  readonly notes?: readonly string[];
  /** Options that BuildKit has no use for, as docker has none: said once, together. */
  readonly idle?: readonly string[];
}

/** A row of the table. */
export interface OptionRow {
  /** As the help shows it, e.g. "-t, --tag <name>"; without a value it is a switch. */
  readonly flags: string;
  /** For the help; undefined = it is taken and not shown there. */
  readonly help?: string;
  /** Every occurrence counts; of others the last one does. */
  readonly repeated?: true;
  /**
   * What it means; called only when it was given, by a switch only when that is on.
   * @param texts as typed, unchecked; one unless it is repeated, none for a switch
   * @throws {BktuiError} "usage" where docker refuses the value as it reads the options (exit code 125), "bad-request" where
   *   it refuses it later (1).
   */
  choose(texts: readonly string[], surroundings: Surroundings): Chosen;
}

/** What all given options say together. Where two rows set the same, lists and records are joined, else the later one counts. */
export function together(chosen: readonly Chosen[]): Required<Chosen> {
  return {
    build: joined(chosen.map(({ build }) => build ?? {})),
    run: joined(chosen.map(({ run }) => run ?? {})),
    notes: chosen.flatMap(({ notes }) => notes ?? []),
    idle: chosen.flatMap(({ idle }) => idle ?? []),
  };
}

function joined<T extends object>(parts: readonly Partial<T>[]): Partial<T> {
  const all: Record<string, unknown> = {};
  for (const part of parts)
    for (const [name, value] of Object.entries(part)) all[name] = join(all[name], value);
  return all as Partial<T>;
}

function join(before: unknown, after: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(after)) return [...before, ...after];
  return isRecord(before) && isRecord(after) ? { ...before, ...after } : after;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
