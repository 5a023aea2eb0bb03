/** What a tool is: its words for a model, its arguments, and what it does. */

import type { Told } from "../answers/words/voice.ts";
import type { McpHost } from "./contract.ts";
import type { CurrentBuild } from "./current-build.ts";
import { LIMIT } from "./fence.ts";
import { type Field, type Fields, optional, type Read, whole } from "./fields.ts";

export interface Call {
  /** Fires when the client cancels the call or is gone. */
  readonly signal: AbortSignal;
  /** Tells a client that asked for it how far the work is; untrusted text is in quotes. */
  report(words: string): void;
}

export interface Around extends Call {
  readonly host: McpHost;
  readonly current: CurrentBuild;
}

export interface Tool<F extends Fields = Fields> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly fields: F;
  /** "reads": changes nothing. "runs": runs the build, or programs in throw-away copies of its states. "changes": files or images. */
  readonly kind: "reads" | "runs" | "changes";
  /** It does not wait for its turn. */
  readonly isUrgent?: true;
  run(args: Read<F>, around: Around): Promise<Told>;
}

/** Keeps the types of its arguments together; a list of tools knows only that they fit. */
export function tool<F extends Fields>(definition: Tool<F>): Tool {
  return { ...definition, run: (args, around) => definition.run(args as Read<F>, around) };
}

export const STEP: Field<number, true> = optional(
  whole("a step by its number, as steps lists them; default: where the build stands", { most: 1_000_000 }),
);

/** Every tool has it. */
export const LIMIT_FIELD: Field<number, true> = optional(
  whole(`most bytes of the answer; default ${LIMIT.usual}`, { least: LIMIT.least, most: LIMIT.most }),
);
