/** Breakpoints as text: what people type and what they are told. Pure. */
import { BktuiError, unreachable } from "../../base/errors.ts";
import { compilePattern } from "../../base/pattern.ts";
import { visibleLine } from "../../base/visible.ts";
import { lineOf } from "../../graph/graph.ts";
import type { BreakpointSpec, BreakWhen, DataChange } from "../breakpoint.ts";
import { pathProblem } from "./expression/parse.ts";

/** What can be typed wherever a breakpoint is asked for. */
export const BREAK_PLACES =
  "11, app:end, stage:deps, /RUN npm/, RUN, miss, first-miss, data:/PATH, first; with :after, :miss or :hit";

/** `none` takes back what was asked for elsewhere. */
export type TypedBreak = BreakpointSpec | { readonly kind: "none" };

const WHENS: readonly BreakWhen[] = ["before", "after", "miss", "hit"];

/**
 * `11`, `Dockerfile:11`, `13.2` (the second step of a line), `app:end`, `end app`, `stage:deps`, `/RUN npm/`, `miss`, `hit`, `first`, `none`; lines, stages and
 * patterns with `:before`, `:after`, `:miss` or `:hit` behind them.
 * @throws {BktuiError} "usage" with a hint.
 */
export function parseBreak(text: string): TypedBreak {
  const typed = text.trim();
  const place = placeIn(typed);
  if (place !== undefined) return place;
  throw new BktuiError("usage", `"${visibleLine(typed)}" is not a place to stop`, {
    hint: `places are ${BREAK_PLACES}`,
  });
}

/** Undefined when it is none. @throws {BktuiError} "usage" for a wrong pattern or path in one. */
export function placeIn(typed: string): TypedBreak | undefined {
  const place = parsePlace(typed);
  if (place !== undefined) return place;
  const [, before = "", word] = /^(.+):([a-z]+)$/.exec(typed) ?? [];
  const when = WHENS.find((each) => each === word);
  const spec = when === undefined ? undefined : parsePlace(before);
  switch (spec?.kind) {
    case "line":
    case "stage":
    case "pattern":
    case "instruction":
      return when === undefined || when === "before" ? spec : { ...spec, when };
    default:
      return undefined;
  }
}

function parsePlace(text: string): TypedBreak | undefined {
  if (text === "first" || text === "first-miss" || text === "none") return { kind: text };
  if (text === "miss" || text === "hit") return { kind: "any", when: text };
  if (/^[A-Z]{2,20}$/.test(text)) return { kind: "instruction", keyword: text };
  if (text.startsWith("data:")) return parseData(text);
  const end = /^([^:\s/]+):end$/.exec(text)?.[1] ?? /^end(?: of stage)?\s+(\S+)$/.exec(text)?.[1];
  if (end !== undefined) return { kind: "stage-end", stage: end };
  const stage = /^stage:([^:\s]+)$/.exec(text)?.[1];
  if (stage !== undefined) return { kind: "stage", stage };
  // Behind the stages: "stage:1" is no line of a file named stage.
  const [, line, nth] = /^(?:[^:\s]+:)?([1-9][0-9]{0,8})(?:\.([1-9][0-9]{0,3}))?$/.exec(text) ?? [];
  if (line !== undefined)
    return { kind: "line", line: lineOf(Number(line)), ...(nth === undefined ? {} : { nth: Number(nth) }) };
  const pattern = /^\/(.+)\/$/.exec(text)?.[1];
  if (pattern === undefined) return undefined;
  compilePattern(pattern);
  return { kind: "pattern", pattern };
}

const DATA = /^data:("(?:[^"\\]|\\.)*"|[^\s"]+)(?:\s+(made|changed|removed|any))?(?:\s+matches\s+\/(.+)\/)?$/;

const DATA_CHANGES: readonly DataChange[] = ["made", "changed", "removed"];

function parseData(text: string): BreakpointSpec {
  const [, typed, change = "any", matches] = DATA.exec(text) ?? [];
  if (typed === undefined)
    throw new BktuiError("usage", `"${visibleLine(text)}" names no path`, {
      hint: "write data:/PATH, and behind it made, changed, removed or matches /PATTERN/",
    });
  const path = typed.startsWith('"') ? typed.slice(1, -1).replace(/\\(.)/g, "$1") : typed;
  const spec = { kind: "data", path: withoutEnd(path), change: changeOf(change) } as const;
  const order = matches === undefined ? spec : { ...spec, matches };
  checkData(order);
  return order;
}

function changeOf(word: string): DataChange | "any" {
  return DATA_CHANGES.find((each) => each === word) ?? "any";
}

/** A directory is the same with a "/" behind it. */
function withoutEnd(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
}

/** @throws {BktuiError} "usage" for a path or a pattern that cannot be had. */
function checkData({ path, change, matches }: Extract<BreakpointSpec, { kind: "data" }>): void {
  const problem = pathProblem(path) ?? (path === "/" ? "name a path in the state, not all of it" : undefined);
  if (problem !== undefined) throw new BktuiError("usage", `data:${visibleLine(path)}: ${problem}`);
  if (matches !== undefined) compilePattern(matches);
  if (matches !== undefined && change === "removed")
    throw new BktuiError("usage", `data:${visibleLine(path)}: what is removed has no content that matches`);
}

/** Of what comes from a program, as `parseBreak` does of what is typed. @throws {BktuiError} "usage". */
export function checkSpec(spec: BreakpointSpec): void {
  if (spec.kind === "data") checkData(spec);
  if (spec.kind === "pattern") compilePattern(spec.pattern);
}

/** As it is typed. */
export function specText(spec: BreakpointSpec): string {
  const when = "when" in spec && spec.when !== undefined && spec.when !== "before" ? `:${spec.when}` : "";
  switch (spec.kind) {
    case "line":
      return `${lineText(spec)}${when}`;
    case "stage-end":
      return `${spec.stage}:end`;
    case "stage":
      return `stage:${spec.stage}${when}`;
    case "pattern":
      return `/${spec.pattern}/${when}`;
    case "instruction":
      return `${spec.keyword}${when}`;
    case "any":
      return spec.when;
    case "first":
    case "first-miss":
      return spec.kind;
    case "data":
      return dataText(spec);
    default:
      return unreachable(spec);
  }
}

function dataText({ path, change, matches }: Extract<BreakpointSpec, { kind: "data" }>): string {
  const quoted = /^[^\s"]+$/.test(path) ? path : `"${path.replace(/["\\]/g, "\\$&")}"`;
  const done = change === "any" ? "" : ` ${change}`;
  return `data:${quoted}${done}${matches === undefined ? "" : ` matches /${matches}/`}`;
}

/** "13", "13.2". */
function lineText({ line, nth }: Extract<BreakpointSpec, { kind: "line" }>): string {
  return nth === undefined ? String(line) : `${line}.${nth}`;
}

/** Where it is, without its condition: "line 11", "end of stage app", "any step in stage deps". */
export function placeWords(spec: BreakpointSpec): string {
  switch (spec.kind) {
    case "line":
      return `line ${lineText(spec)}`;
    case "stage-end":
      return `end of stage ${spec.stage}`;
    case "stage":
      return `any step in stage ${spec.stage}`;
    case "pattern":
      return `any step like /${spec.pattern}/`;
    case "instruction":
      return `any ${spec.keyword}`;
    case "any":
    case "first-miss":
    case "data":
      return "any step";
    case "first":
      return "the first step";
    default:
      return unreachable(spec);
  }
}

/** Where its place and its condition are one: "first cache miss", "a step that made /etc/motd". */
export function specialWords(spec: BreakpointSpec): string | undefined {
  switch (spec.kind) {
    case "first-miss":
      return "first cache miss";
    case "data":
      return `a step that ${dataWords(spec)}`;
    default:
      return undefined;
  }
}

/** What a step does to the path: "changed /etc/passwd". */
export function dataWords({ path, change, matches }: Extract<BreakpointSpec, { kind: "data" }>): string {
  const done = change === "any" ? "made, changed or removed" : change;
  return `${done} ${path}${matches === undefined ? "" : ` so that it has /${matches}/`}`;
}

/** "before", "after", "on cache miss", "on cache hit". */
export function whenWords(when: BreakWhen): string {
  switch (when) {
    case "before":
    case "after":
      return when;
    case "miss":
    case "hit":
      return `on cache ${when}`;
    default:
      return unreachable(when);
  }
}

/** `when`: when it really stops, see `stopsWhen`. Why a build stopped there: "breakpoint at line 11", "breakpoint after line 11, which was not in the cache". */
export function stoppedWords(spec: BreakpointSpec, when: BreakWhen = whenOf(spec)): string {
  if (spec.kind === "first-miss") return "breakpoint after the first step that was not in the cache";
  if (spec.kind === "data") return `breakpoint after a step that ${dataWords(spec)}`;
  const place = spec.kind === "stage-end" ? `the end of ${spec.stage}` : placeWords(spec);
  switch (when) {
    case "before":
      return `breakpoint at ${place}`;
    case "after":
      return `breakpoint after ${place}`;
    case "miss":
      return `breakpoint after ${place}, which was not in the cache`;
    case "hit":
      return `breakpoint after ${place}, which was in the cache`;
    default:
      return unreachable(when);
  }
}

export function whenOf(spec: BreakpointSpec): BreakWhen {
  switch (spec.kind) {
    case "first-miss":
      return "miss";
    case "data":
      return "after";
    default:
      return "when" in spec ? (spec.when ?? "before") : "before";
  }
}

/** The same place under the same condition; stages are known in any case. */
export function sameSpec(a: BreakpointSpec, b: BreakpointSpec): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf(spec: BreakpointSpec): string {
  const text = specText(spec);
  return `${spec.kind} ${spec.kind === "stage" || spec.kind === "stage-end" ? text.toLowerCase() : text}`;
}
