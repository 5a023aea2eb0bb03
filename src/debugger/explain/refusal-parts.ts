/** What explanations of refusals are made of. */
import type { Line } from "../../graph/graph.ts";
import type { Explanation, NextStep } from "./explanation.ts";

export const EDIT: NextStep = { kind: "command", command: "edit", label: "edit; saving reloads" };
export const AGAIN: NextStep = { kind: "command", command: "rerun", label: "try again" };

export type RefusalWords = Pick<Explanation, "headline" | "why" | "next">;

export function atLine(line: Line | undefined, text: string): string {
  return line === undefined ? text : `line ${line}: ${text}`;
}
