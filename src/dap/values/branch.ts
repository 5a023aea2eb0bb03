/** What a client can unfold: items with a name and a value, and what is in them. Types alone. */
import type { StateSide } from "../../engine/engine.ts";
import type { Line } from "../../graph/graph.ts";
import type { StepId } from "../../graph/program.ts";

/** A step of a thread, both as the stack has them. */
export interface StepPlace {
  /** As the protocol counts threads. */
  readonly thread: number;
  readonly step: StepId;
}

/** A file or directory of a state of a step. */
export interface FilePlace extends StepPlace {
  readonly side: StateSide;
  /** Absolute; untrusted text. */
  readonly path: string;
}

/** Which part of a branch is asked for, and how numbers are written in it. */
export interface Page {
  readonly start: number;
  /** Undefined: all that follow. */
  readonly count: number | undefined;
  readonly filter: "named" | "indexed" | undefined;
  readonly hex: boolean;
}

/** What is in something that can be unfolded. */
export interface Branch {
  /** The same until the build moves on; no two branches have one. */
  readonly key: string;
  /** "indexed": a list that may be long, which clients fetch in pieces. */
  readonly shape: "named" | "indexed";
  /** Where it is known without looking. */
  readonly size?: number;
  /** The thread that has to stand for it to be looked at. */
  readonly thread: number;
  /** A directory, whose items are the files in it. */
  readonly files?: FilePlace;
  /** Its items are the build arguments of that step, which can be set. */
  readonly sets?: StepPlace;
  /** All its items, whichever are asked for. @throws {BktuiError} with why they cannot be had. */
  list(page: Pick<Page, "hex">, signal: AbortSignal): readonly Item[] | Promise<readonly Item[]>;
}

/** One row; texts are untrusted. */
export interface Item {
  readonly name: string;
  readonly value: string;
  /** E.g. "build argument", "directory". */
  readonly type?: string;
  /** Undefined: it can be read only. */
  readonly isSettable?: boolean;
  /** Its value is asked for when somebody wants to see it: the only item of the branch has it. */
  readonly isLazy?: boolean;
  /** What is to be evaluated to have it again. */
  readonly expression?: string;
  readonly branch?: Branch;
  readonly memory?: FilePlace;
  /** Where the text of the program says it. */
  readonly line?: Line;
}

/** Items that are there at once. */
export function branchOf(
  key: string,
  thread: number,
  items: (hex: boolean) => readonly Item[],
  size?: number,
): Branch {
  return {
    key,
    shape: "named",
    thread,
    ...(size === undefined ? {} : { size }),
    list: ({ hex }) => items(hex),
  };
}
