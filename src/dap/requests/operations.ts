/**
 * The operations of a build as the protocol's instructions, one for each vertex in the order in which they can run, and its
 * images as modules. An address is the number of a vertex in that order. Pure.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import type { Vertex } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import { stepsAt } from "../../graph/source-map.ts";
import { toClientColumn } from "../state/client.ts";
import type { Session } from "../state/session.ts";
import type { Wish } from "../state/wishes.ts";
import { ruleOf } from "./breakpoints.ts";
import type { Handlers } from "./handler.ts";

const MOST_INSTRUCTIONS = 10_000;
const LONGEST = 300;

export const OPERATIONS: Handlers<"disassemble" | "setInstructionBreakpoints" | "modules"> = {
  disassemble: ({ memoryReference, offset, instructionOffset, instructionCount }, session) => {
    if (instructionCount > MOST_INSTRUCTIONS)
      throw new BktuiError("usage", `at most ${MOST_INSTRUCTIONS} operations are told at once`);
    const first = numberIn(memoryReference) + (offset ?? 0) + (instructionOffset ?? 0);
    const all = operationsOf(session);
    const indexes = Array.from({ length: instructionCount }, (_, index) => first + index);
    return { instructions: indexes.map((index) => instructionAt(index, all, session)) };
  },

  setInstructionBreakpoints: ({ breakpoints }, session) => {
    if (breakpoints.length > MOST_INSTRUCTIONS)
      throw new BktuiError("usage", `a list has ${MOST_INSTRUCTIONS} breakpoints at most`);
    // Clients send the list that they have before anything is loaded, most often an empty one.
    const program = session.hasBuild ? programOf(session.debug.state) : undefined;
    const all = program === undefined ? undefined : orderOf(program);
    const wishes = breakpoints.map(({ instructionReference, offset, ...asked }): Wish => {
      if (all === undefined) return { why: "operations are known when the build is loaded" };
      const wish = placeAt(numberIn(instructionReference) + (offset ?? 0), all, session);
      return "why" in wish ? wish : { ...wish, ...ruleOf(asked) };
    });
    return { breakpoints: session.breakpoints.set("instructions", wishes) };
  },

  modules: (args, session) => {
    const all = session.hasBuild ? modulesOf(session) : [];
    const start = args?.startModule ?? 0;
    const count = args?.moduleCount ?? 0;
    return { modules: all.slice(start, count > 0 ? start + count : undefined), totalModules: all.length };
  },
};

/** Where a frame stands among the operations; undefined where its step has none. */
export function referenceOf(step: Step, program: Program): string | undefined {
  const index = orderOf(program).findIndex((each) => each.vertex.digest === step.vertices[0]);
  return index < 0 ? undefined : addressOf(index);
}

interface Operation {
  readonly vertex: Vertex;
  readonly step: Step;
}

const orders = new WeakMap<Program, readonly Operation[]>();

function orderOf(program: Program): readonly Operation[] {
  const known = orders.get(program);
  if (known !== undefined) return known;
  const order = program.steps.flatMap((step) =>
    step.vertices.flatMap((digest) => {
      const vertex = program.graph.vertices.get(digest);
      return vertex === undefined ? [] : [{ vertex, step }];
    }),
  );
  orders.set(program, order);
  return order;
}

function operationsOf(session: Session): readonly Operation[] {
  const program = programOf(session.debug.state);
  if (program === undefined) throw new BktuiError("not-now", "the build is not loaded yet");
  return orderOf(program);
}

function addressOf(index: number): string {
  return `0x${index.toString(16)}`;
}

/** @throws {BktuiError} "not-found". */
function numberIn(reference: string): number {
  if (/^0x[0-9a-f]{1,8}$/i.test(reference) || /^\d{1,9}$/.test(reference)) return Number(reference);
  throw new BktuiError("not-found", `${visibleLine(reference).slice(0, 60)} is no address of an operation`);
}

function instructionAt(
  index: number,
  all: readonly Operation[],
  session: Session,
): DebugProtocol.DisassembledInstruction {
  const found = all[index];
  // So many are wanted, also where there are none.
  if (found === undefined)
    return {
      address: index < 0 ? "-1" : addressOf(index),
      instruction: "(none)",
      presentationHint: "invalid",
    };
  const { vertex, step } = found;
  const { source, line } = session.place(step.start);
  const words = `${(vertex.words?.verb ?? vertex.kind).padEnd(6)} ${vertex.name}`;
  return {
    address: addressOf(index),
    instructionBytes: vertex.digest.slice("sha256:".length, "sha256:".length + 12),
    instruction: visibleLine(session.build.masked(words)).slice(0, LONGEST),
    location: source,
    line,
    column: toClientColumn(1, session.client),
    presentationHint: "normal",
  };
}

function placeAt(index: number, all: readonly Operation[], session: Session): Wish {
  const found = all[index];
  const program = session.hasBuild ? programOf(session.debug.state) : undefined;
  if (found === undefined || program === undefined)
    return { why: `there is no operation ${addressOf(Math.max(0, index))}` };
  const { start } = found.step;
  const nth = stepsAt(program, start).indexOf(found.step) + 1;
  return { spec: { kind: "line", line: start, ...(nth > 0 ? { nth } : {}) } };
}

/** What the build takes from outside: images, contexts, repositories and downloads. */
function modulesOf(session: Session): DebugProtocol.Module[] {
  const program = programOf(session.debug.state);
  if (program === undefined) return [];
  const sources = [...program.graph.vertices.values()].filter(({ kind }) => kind === "source");
  return sources.map((vertex) => {
    const { name, identifier = "" } = vertex;
    const [, digest] = /@(sha256:[0-9a-f]{64})/.exec(identifier) ?? [];
    return {
      id: vertex.digest,
      name: visibleLine(session.build.masked(name)).slice(0, LONGEST),
      path: visibleLine(session.build.masked(identifier)).slice(0, LONGEST),
      isUserCode: false,
      ...(digest === undefined ? {} : { version: digest }),
    };
  });
}
