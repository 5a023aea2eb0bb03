/** Breakpoints as they are typed, with their rules. Pure. */
import type { BreakpointOrder } from "../breakpoint.ts";
import { parseBreak, specText } from "./break-spec.ts";

/** `none` takes back what was asked for elsewhere. */
export type TypedOrder = BreakpointOrder | { readonly kind: "none" };

/** A place, and its rule. @throws {BktuiError} "usage" with a hint. */
export function parseOrder(text: string): TypedOrder {
  const spec = parseBreak(text);
  return spec.kind === "none" ? spec : { spec };
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
export function orderText({ spec }: BreakpointOrder): string {
  return specText(spec);
}
