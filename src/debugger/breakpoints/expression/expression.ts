/** Conditions of breakpoints as trees. Types, and the words of the language. */
import type { Pattern } from "../../../base/pattern.ts";

export type Value = string | number | boolean;

/** Facts that have a word of their own. */
export const FACTS = [
  "user",
  "directory",
  "exitCode",
  "platform",
  "cached",
  "stage",
  "instruction",
  "line",
  "text",
] as const;

export type Fact = (typeof FACTS)[number];

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains";

export type Expression =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "fact"; readonly fact: Fact }
  /** `scope` "any": the environment, then the build arguments. */
  | { readonly kind: "variable"; readonly scope: "ENV" | "ARG" | "any"; readonly name: string }
  /** The text of a file of the state, or whether there is anything at the path; absolute. */
  | { readonly kind: "file" | "exists"; readonly path: string }
  | { readonly kind: "not"; readonly of: Expression }
  /** Two or more. */
  | { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
  | {
      readonly kind: "compare";
      readonly by: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "match"; readonly left: Expression; readonly source: string; readonly pattern: Pattern };

/** What must be known to have its value. */
export interface Needs {
  /** User, directory or variables of the step. */
  readonly environment: boolean;
  /** Only known when the step has run: whether it was cached, its exit code. */
  readonly behind: boolean;
  /** Whether it was in the cache, which the engine reports a little later. */
  readonly cached: boolean;
  readonly files: readonly { readonly kind: "file" | "exists"; readonly path: string }[];
}

const NOTHING: Needs = { environment: false, behind: false, cached: false, files: [] };

/** Of several, each file once. */
export function needsOf(expressions: readonly Expression[]): Needs {
  let needs = NOTHING;
  for (const leaf of expressions.flatMap(leavesOf)) needs = withNeeds(needs, leaf);
  return needs;
}

function withNeeds(needs: Needs, leaf: Expression): Needs {
  switch (leaf.kind) {
    case "variable":
      return { ...needs, environment: true };
    case "file":
    case "exists": {
      const isKnown = needs.files.some(({ kind, path }) => kind === leaf.kind && path === leaf.path);
      return isKnown ? needs : { ...needs, files: [...needs.files, { kind: leaf.kind, path: leaf.path }] };
    }
    case "fact":
      switch (leaf.fact) {
        case "user":
        case "directory":
          return { ...needs, environment: true };
        case "cached":
          return { ...needs, behind: true, cached: true };
        case "exitCode":
          return { ...needs, behind: true };
        default:
          return needs;
      }
    default:
      return needs;
  }
}

/** What it is made of that has no parts. */
export function leavesOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "not":
      return leavesOf(expression.of);
    case "and":
    case "or":
      return expression.parts.flatMap(leavesOf);
    case "compare":
      return [...leavesOf(expression.left), ...leavesOf(expression.right)];
    case "match":
      return leavesOf(expression.left);
    default:
      return [expression];
  }
}
