/**
 * The breakpoints of a client. It sends whole lists, of a file, of functions, of data; what is no longer in one is taken
 * back, as far as this client has set it: others may have breakpoints of their own in the same build.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Breakpoint, BreakpointId, BreakpointRule, BreakpointSpec } from "../../debugger/breakpoint.ts";
import { sameSpec } from "../../debugger/breakpoints/break-spec.ts";
import { breakpointOf } from "../../debugger/breakpoints/breakpoints.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { Line } from "../../graph/graph.ts";

/** What one entry of a list asks for, or why it cannot be had. */
export type Wish =
  | { readonly spec: BreakpointSpec; readonly rule?: BreakpointRule; readonly line?: number }
  | { readonly why: string; readonly line?: number };

/** The part of a session that they are set in. */
export interface WishedIn {
  readonly hasBuild: boolean;
  readonly debug: Debugger;
  /** Nothing is to stop. */
  readonly noDebug: boolean;
  place(line: Line): { readonly source: DebugProtocol.Source; readonly line: number };
}

interface Wished {
  readonly wish: Wish;
  /** Of the protocol, for as long as the client keeps it. */
  readonly number: number;
}

/** The lists of one client. */
export class BreakpointWishes {
  readonly #session: WishedIn;
  /** By list: "functions", "data", or the key of a file. */
  readonly #lists = new Map<string, readonly Wished[]>();
  /** What this client has set. */
  readonly #own = new Set<BreakpointId>();
  /** What the client knows those of the debugger by: it may have been told of one before there was a build. */
  readonly #numbers = new Map<BreakpointId, number>();
  /** What the debugger says is wrong with a rule, by number. */
  readonly #refused = new Map<number, string>();
  #next = 1;
  /** Of the wish that is being set. */
  #offered: number | undefined;
  /** What is set and taken back here is in the answer: no event tells of it. */
  isSetting = false;

  constructor(session: WishedIn) {
    this.#session = session;
  }

  /** Takes a whole list; answers how each of its entries is now. */
  set(list: string, wishes: readonly Wish[]): DebugProtocol.Breakpoint[] {
    const former = this.#lists.get(list) ?? [];
    const wished = wishes.map((wish): Wished => {
      const same = former.find((each) => isSame(each.wish, wish));
      return { wish, number: same?.number ?? this.#fresh() };
    });
    this.#lists.set(list, wished);
    if (this.#session.hasBuild) this.#apply();
    return wished.map((each) => this.#told(each));
  }

  /** Sets all of them in a build that has just been opened. */
  applyAll(): void {
    this.#apply();
  }

  /** The number that the client knows a breakpoint by, also one that somebody else has set. */
  numberOf(id: BreakpointId): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#offered ?? this.#fresh();
    this.#offered = undefined;
    this.#numbers.set(id, number);
    return number;
  }

  /** It is gone: the debugger may give its id to another one. */
  forget(id: BreakpointId): void {
    this.#numbers.delete(id);
  }

  /** As the protocol has it. */
  told(breakpoint: Breakpoint): DebugProtocol.Breakpoint {
    return { id: this.numberOf(breakpoint.id), ...this.#boundWords(breakpoint) };
  }

  #apply(): void {
    if (this.#session.noDebug) return;
    this.isSetting = true;
    try {
      this.#setAndTakeBack();
    } finally {
      this.isSetting = false;
    }
  }

  #setAndTakeBack(): void {
    const { debug } = this.#session;
    const wanted = [...this.#lists.values()].flat();
    this.#refused.clear();
    for (const { wish, number } of wanted) {
      if ("why" in wish) continue;
      const known = breakpointOf(debug.state.breakpoints, wish.spec);
      if (known?.enabled !== true || !sameRule(known.rule, wish.rule)) {
        const { spec, rule } = wish;
        this.#offered = number;
        try {
          debug.dispatch({ kind: "add-breakpoint", spec, ...(rule === undefined ? {} : { rule }) });
        } catch (error) {
          this.#refused.set(number, toBktuiError(error).message);
          continue;
        } finally {
          this.#offered = undefined;
        }
      }
      const set = breakpointOf(debug.state.breakpoints, wish.spec);
      if (set === undefined) continue;
      this.#own.add(set.id);
      if (!this.#numbers.has(set.id)) this.#numbers.set(set.id, number);
    }
    for (const id of this.#own) {
      const set = debug.state.breakpoints.find((each) => each.id === id);
      const isWanted = wanted.some(
        ({ wish }) => "spec" in wish && set !== undefined && sameSpec(wish.spec, set.spec),
      );
      if (isWanted) continue;
      this.#own.delete(id);
      if (set !== undefined) debug.dispatch({ kind: "remove-breakpoint", id });
      this.forget(id);
    }
  }

  #told({ wish, number }: Wished): DebugProtocol.Breakpoint {
    const line = wish.line === undefined ? {} : { line: wish.line };
    if ("why" in wish) return { id: number, verified: false, message: wish.why, reason: "failed", ...line };
    const { hasBuild } = this.#session;
    const why = this.#session.noDebug ? "this run is not debugged" : this.#refused.get(number);
    if (why !== undefined) return { id: number, verified: false, message: why, reason: "failed", ...line };
    const set = hasBuild ? breakpointOf(this.#session.debug.state.breakpoints, wish.spec) : undefined;
    if (set === undefined)
      return {
        id: number,
        verified: false,
        message: "the build is not loaded yet",
        reason: "pending",
        ...line,
      };
    return { ...line, ...this.told(set) };
  }

  #boundWords(breakpoint: Breakpoint): Omit<DebugProtocol.Breakpoint, "id"> {
    const { bound, enabled } = breakpoint;
    if (!enabled) return { verified: false, message: "it is switched off", reason: "failed" };
    switch (bound.kind) {
      case "pending":
        return { verified: false, message: "the build is not loaded yet", reason: "pending" };
      case "lost":
        return { verified: false, message: visibleLine(bound.why), reason: "failed" };
      case "verified":
        return { verified: true, ...this.#session.place(bound.line) };
      case "moved": {
        const { spec } = breakpoint;
        const asked = spec.kind === "line" ? `line ${spec.line} ${bound.why}` : bound.why;
        return {
          verified: true,
          message: visibleLine(`moved: ${asked}`),
          ...this.#session.place(bound.line),
        };
      }
      case "spread": {
        const count = bound.stops.length === 1 ? "one step" : `${bound.stops.length} steps`;
        return { verified: true, message: `stops at ${count}` };
      }
    }
  }

  #fresh(): number {
    const number = this.#next;
    this.#next += 1;
    return number;
  }
}

function sameRule(a: BreakpointRule | undefined, b: BreakpointRule | undefined): boolean {
  return a?.condition === b?.condition && a?.hits === b?.hits && a?.log === b?.log;
}

function isSame(a: Wish, b: Wish): boolean {
  if ("why" in a || "why" in b) return "why" in a && "why" in b && a.why === b.why && a.line === b.line;
  return sameSpec(a.spec, b.spec);
}
