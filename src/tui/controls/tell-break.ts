/** What became of a command about breakpoints, told on the screen. */
import { unreachable } from "../../base/errors.ts";
import { BEHIND, isBehindByRule } from "../../console/phrases/breakpoint-why.ts";
import { boundWords } from "../../console/phrases/breakpoint-words.ts";
import type { BreakOutcome } from "../../console/typed-breakpoints.ts";
import type { Breakpoint } from "../../debugger/breakpoint.ts";
import { orderText } from "../../debugger/breakpoints/break-order.ts";
import { catchText } from "../../debugger/breakpoints/catches.ts";
import type { Program } from "../../graph/program.ts";
import type { App } from "./app.ts";

export function tellBreak(app: App, outcome: BreakOutcome, program: Program | undefined): void {
  switch (outcome.kind) {
    case "set":
      app.say(setWords(outcome.breakpoint, program));
      return;
    case "why": {
      const title = `Breakpoint ${outcome.breakpoint.id}`;
      app.act({ kind: "overlay", overlay: { kind: "text", title, lines: outcome.why, top: 0 } });
      return;
    }
    case "catch":
      app.say(`failures that stop: ${catchText(outcome.filters)}`);
      return;
    case "deleted":
    case "on":
    case "off":
    case "all-deleted":
    case "nothing":
      return;
    default:
      unreachable(outcome);
  }
}

/** Where it really is, or that it stops behind its step. */
export function setWords(breakpoint: Breakpoint, program: Program | undefined): string {
  const moved = boundWords(breakpoint, program);
  if (moved !== undefined) return moved;
  const behind = isBehindByRule(breakpoint) ? `; ${BEHIND}` : "";
  return `breakpoint ${breakpoint.id}: ${orderText(breakpoint)}${behind}`;
}
