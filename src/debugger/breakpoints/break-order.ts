/** Breakpoints as they are typed, with their rules: PLACE [if CONDITION] [hits COUNT] [text TEXT]. Pure. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { BreakpointOrder, BreakpointRule } from "../breakpoint.ts";
import { checkSpec, parseBreak, placeIn, specText, type TypedBreak } from "./break-spec.ts";
import { parseExpressionAt } from "./expression/parse.ts";
import { readRule } from "./rules.ts";

/** `none` takes back what was asked for elsewhere. */
export type TypedOrder = BreakpointOrder | { readonly kind: "none" };

/** Far more than any place and rule that are taken. */
const MOST_CHARACTERS = 8000;
const RULE_WORD = /\s+(?:if|hits|text)(?=\s)/g;

/** A place, and its rule. @throws {BktuiError} "usage" with a hint, of a rule with the column. */
export function parseOrder(text: string): TypedOrder {
  const typed = text.trim();
  if (typed.length > MOST_CHARACTERS)
    throw new BktuiError("usage", `a breakpoint has ${MOST_CHARACTERS} characters at most`);
  for (const { index } of typed.matchAll(RULE_WORD)) {
    const place = placeIn(typed.slice(0, index));
    if (place !== undefined) return withRule(place, parseRule(typed.slice(index).trim()));
  }
  return withRule(parseBreak(typed), undefined);
}

function withRule(spec: TypedBreak, rule: BreakpointRule | undefined): TypedOrder {
  if (rule === undefined) return spec.kind === "none" ? spec : { spec };
  if (spec.kind === "none") throw new BktuiError("usage", "none is no place: it has no rule");
  return { spec, rule };
}

/** `if CONDITION`, `hits COUNT`, `text TEXT`, in this order, each at most once. @throws {BktuiError} "usage". */
export function parseRule(text: string): BreakpointRule {
  let rest = text;
  let rule: BreakpointRule = {};
  const condition = /^if\s+/.exec(rest)?.[0];
  if (condition !== undefined) {
    const { end } = parseExpressionAt(rest.slice(condition.length), 0);
    const behind = condition.length + end;
    rule = { condition: rest.slice(condition.length, behind).trim() };
    rest = rest.slice(behind);
  }
  const [hits, count] = /^hits\s+((?:[!=<>%]+\s*)?\S+)\s*/.exec(rest) ?? [];
  if (hits !== undefined && count !== undefined) {
    rule = { ...rule, hits: count };
    rest = rest.slice(hits.length);
  }
  const log = /^text\s+([\s\S]*)$/.exec(rest)?.[1];
  if (log !== undefined) rule = { ...rule, log };
  else if (rest !== "") throw leftOver(rest);
  readRule(rule);
  return rule;
}

function leftOver(rest: string): BktuiError {
  return new BktuiError("usage", `"${visibleLine(rest.slice(0, 60))}" is not understood behind this place`, {
    hint: 'write if CONDITION, hits COUNT, text TEXT, in this order: 11 if ENV.CI == "1" hits >= 2',
  });
}

/** Of what comes from a program, as `parseOrder` does of what is typed. @throws {BktuiError} "usage". */
export function checkOrder({ spec, rule }: BreakpointOrder): void {
  checkSpec(spec);
  if (rule !== undefined) readRule(rule);
}

/** Several of them: the breakpoints, and whether a `none` stands before them. @throws {BktuiError} as `parseOrder`. */
export function parseOrders(texts: readonly string[]): {
  readonly orders: readonly BreakpointOrder[];
  /** Nothing from anywhere else counts. */
  readonly alone: boolean;
} {
  let alone = false;
  let orders: readonly BreakpointOrder[] = [];
  for (const text of texts) {
    const typed = parseOrder(text);
    if ("spec" in typed) orders = [...orders, typed];
    else {
      alone = true;
      orders = [];
    }
  }
  return { orders, alone };
}

/** As it is typed. */
export function orderText({ spec, rule }: BreakpointOrder): string {
  const words = ruleText(rule);
  return words === "" ? specText(spec) : `${specText(spec)} ${words}`;
}

/** "if ENV.CI == "1" hits >= 2"; "" without one. */
export function ruleText(
  rule: { readonly [Part in keyof BreakpointRule]?: string | undefined } | undefined,
): string {
  const { condition, hits, log } = rule ?? {};
  return [
    ...(condition === undefined ? [] : [`if ${condition}`]),
    ...(hits === undefined ? [] : [`hits ${hits}`]),
    ...(log === undefined ? [] : [`text ${log}`]),
  ].join(" ");
}
