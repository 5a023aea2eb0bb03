/** Rules of breakpoints: their texts looked at once, what they need to know, which hits count. Pure. */
import { BktuiError } from "../../base/errors.ts";
import type { BreakpointRule } from "../breakpoint.ts";
import { type Expression, type Needs, needsOf } from "./expression/expression.ts";
import { parseExpression } from "./expression/parse.ts";
import { expressionsOf, parseTemplate, type Template } from "./expression/template.ts";

export interface ReadRule {
  readonly condition: Expression | undefined;
  /** Whether the hit of that number, from 1, stops. */
  readonly counts: (hit: number) => boolean;
  readonly log: Template | undefined;
  readonly needs: Needs;
}

/** They are asked for at each stop, and are the same values as long as the breakpoint is. */
const KNOWN = new WeakMap<BreakpointRule, ReadRule>();

/** @throws {BktuiError} "usage" with what is wrong and its place. */
export function readRule(rule: BreakpointRule): ReadRule {
  const known = KNOWN.get(rule);
  if (known !== undefined) return known;
  const condition = rule.condition === undefined ? undefined : parseExpression(rule.condition);
  const log = rule.log === undefined ? undefined : parseTemplate(rule.log);
  const counts = rule.hits === undefined ? () => true : readHits(rule.hits);
  const needs = needsOf([
    ...(condition === undefined ? [] : [condition]),
    ...(log === undefined ? [] : expressionsOf(log)),
  ]);
  const read: ReadRule = { condition, counts, log, needs };
  KNOWN.set(rule, read);
  return read;
}

/** `3`, `== 3`, `!= 3`, `>= 3`, `> 3`, `<= 3`, `< 3`, `% 2`. @throws {BktuiError} "usage". */
export function readHits(text: string): (hit: number) => boolean {
  const [, sign = "==", digits] = /^\s*(==|=|!=|>=|<=|>|<|%)?\s*(\d{1,9})\s*$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || (sign === "%" && number === 0))
    throw new BktuiError("usage", `"${text.slice(0, 30).trim()}" counts no hits`, {
      hint: "write 3, != 3 for all but the third one, >= 3, > 3, or % 2 for every second one",
    });
  switch (sign) {
    case "!=":
      return (hit) => hit !== number;
    case ">=":
      return (hit) => hit >= number;
    case "<=":
      return (hit) => hit <= number;
    case ">":
      return (hit) => hit > number;
    case "<":
      return (hit) => hit < number;
    case "%":
      return (hit) => hit % number === 0;
    default:
      return (hit) => hit === number;
  }
}
