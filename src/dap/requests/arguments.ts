/** What clients may ask, and with what: the table of all requests of the protocol (version 1.68 of its types). */
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as v from "valibot";
import { BktuiError } from "../../base/errors.ts";

/** Client-given numbers are small: a larger one is a mistake, and no reason for a large answer. */
const NUMBER = v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1));
const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1));
const SIZE = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
/** Clients send null for what they leave out (seen of Zed). */
const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema));

const THREAD = { threadId: NUMBER };
const STEPPING = v.object({
  ...THREAD,
  singleThread: maybe(v.boolean()),
  granularity: maybe(v.string()),
});
const SOURCE = v.object({
  name: maybe(v.string()),
  path: maybe(v.string()),
  sourceReference: maybe(NUMBER),
});
const FORMAT = v.object({ hex: maybe(v.boolean()) });
const LINES = { line: NUMBER, column: maybe(NUMBER) };
const RULE = { condition: maybe(v.string()), hitCondition: maybe(v.string()) };
const OPEN = v.looseObject({ noDebug: maybe(v.boolean()) });
const NOTHING = maybe(v.looseObject({}));

export const ARGUMENTS = {
  initialize: v.looseObject({
    clientID: maybe(v.string()),
    clientName: maybe(v.string()),
    adapterID: maybe(v.string()),
    linesStartAt1: maybe(v.boolean()),
    columnsStartAt1: maybe(v.boolean()),
    pathFormat: maybe(v.string()),
    supportsVariableType: maybe(v.boolean()),
    supportsVariablePaging: maybe(v.boolean()),
    supportsRunInTerminalRequest: maybe(v.boolean()),
    supportsMemoryReferences: maybe(v.boolean()),
    supportsProgressReporting: maybe(v.boolean()),
    supportsInvalidatedEvent: maybe(v.boolean()),
    supportsStartDebuggingRequest: maybe(v.boolean()),
    supportsANSIStyling: maybe(v.boolean()),
  }),
  launch: OPEN,
  attach: OPEN,
  configurationDone: NOTHING,
  restart: maybe(v.object({ arguments: maybe(OPEN) })),
  disconnect: maybe(
    v.object({
      restart: maybe(v.boolean()),
      terminateDebuggee: maybe(v.boolean()),
      suspendDebuggee: maybe(v.boolean()),
    }),
  ),
  terminate: maybe(v.object({ restart: maybe(v.boolean()) })),
  cancel: maybe(v.object({ requestId: maybe(NUMBER), progressId: maybe(v.string()) })),
  breakpointLocations: v.object({ source: SOURCE, ...LINES, endLine: maybe(NUMBER) }),
  setBreakpoints: v.object({
    source: SOURCE,
    breakpoints: maybe(
      v.array(v.object({ ...LINES, ...RULE, logMessage: maybe(v.string()), mode: maybe(v.string()) })),
    ),
    lines: maybe(v.array(NUMBER)),
    sourceModified: maybe(v.boolean()),
  }),
  setFunctionBreakpoints: v.object({ breakpoints: v.array(v.object({ name: v.string(), ...RULE })) }),
  setExceptionBreakpoints: v.object({
    filters: v.array(v.string()),
    filterOptions: maybe(v.array(v.object({ filterId: v.string(), condition: maybe(v.string()) }))),
  }),
  dataBreakpointInfo: v.object({
    variablesReference: maybe(NUMBER),
    name: v.string(),
    frameId: maybe(NUMBER),
    asAddress: maybe(v.boolean()),
  }),
  setDataBreakpoints: v.object({
    breakpoints: v.array(v.object({ dataId: v.string(), accessType: maybe(v.string()), ...RULE })),
  }),
  setInstructionBreakpoints: v.object({
    breakpoints: v.array(v.object({ instructionReference: v.string(), offset: maybe(NUMBER), ...RULE })),
  }),
  continue: STEPPING,
  next: STEPPING,
  stepIn: v.object({ ...STEPPING.entries, targetId: maybe(NUMBER) }),
  stepOut: STEPPING,
  stepBack: STEPPING,
  reverseContinue: STEPPING,
  restartFrame: v.object({ frameId: NUMBER }),
  goto: v.object({ ...THREAD, targetId: NUMBER }),
  pause: v.object(THREAD),
  stackTrace: v.object({ ...THREAD, startFrame: maybe(COUNT), levels: maybe(COUNT) }),
  scopes: v.object({ frameId: NUMBER }),
  variables: v.object({
    variablesReference: NUMBER,
    filter: maybe(v.string()),
    start: maybe(COUNT),
    count: maybe(COUNT),
    format: maybe(FORMAT),
  }),
  setVariable: v.object({
    variablesReference: NUMBER,
    name: v.string(),
    value: v.string(),
    format: maybe(FORMAT),
  }),
  source: v.object({ source: maybe(SOURCE), sourceReference: maybe(NUMBER) }),
  threads: NOTHING,
  terminateThreads: maybe(v.object({ threadIds: maybe(v.array(NUMBER)) })),
  modules: maybe(v.object({ startModule: maybe(COUNT), moduleCount: maybe(COUNT) })),
  loadedSources: NOTHING,
  evaluate: v.object({
    expression: v.string(),
    frameId: maybe(NUMBER),
    context: maybe(v.string()),
    format: maybe(FORMAT),
  }),
  setExpression: v.object({
    expression: v.string(),
    value: v.string(),
    frameId: maybe(NUMBER),
    format: maybe(FORMAT),
  }),
  stepInTargets: v.object({ frameId: NUMBER }),
  gotoTargets: v.object({ source: SOURCE, ...LINES }),
  completions: v.object({ frameId: maybe(NUMBER), text: v.string(), column: NUMBER, line: maybe(NUMBER) }),
  exceptionInfo: v.object(THREAD),
  readMemory: v.object({ memoryReference: v.string(), offset: maybe(SIZE), count: SIZE }),
  writeMemory: v.object({
    memoryReference: v.string(),
    offset: maybe(NUMBER),
    allowPartial: maybe(v.boolean()),
    data: v.string(),
  }),
  disassemble: v.object({
    memoryReference: v.string(),
    offset: maybe(NUMBER),
    instructionOffset: maybe(NUMBER),
    instructionCount: COUNT,
    resolveSymbols: maybe(v.boolean()),
  }),
  locations: v.object({ locationReference: NUMBER }),
} as const satisfies Readonly<Record<string, v.GenericSchema>>;

export type RequestName = keyof typeof ARGUMENTS;
export type ArgumentsOf<Name extends RequestName> = v.InferOutput<(typeof ARGUMENTS)[Name]>;
export type SourceArgument = v.InferOutput<typeof SOURCE>;

/** What is answered, as the protocol has it. */
export interface Bodies {
  initialize: DebugProtocol.Capabilities;
  launch: undefined;
  attach: undefined;
  configurationDone: undefined;
  restart: undefined;
  disconnect: undefined;
  terminate: undefined;
  cancel: undefined;
  breakpointLocations: DebugProtocol.BreakpointLocationsResponse["body"];
  setBreakpoints: DebugProtocol.SetBreakpointsResponse["body"];
  setFunctionBreakpoints: DebugProtocol.SetFunctionBreakpointsResponse["body"];
  setExceptionBreakpoints: NonNullable<DebugProtocol.SetExceptionBreakpointsResponse["body"]>;
  dataBreakpointInfo: DebugProtocol.DataBreakpointInfoResponse["body"];
  setDataBreakpoints: DebugProtocol.SetDataBreakpointsResponse["body"];
  setInstructionBreakpoints: DebugProtocol.SetInstructionBreakpointsResponse["body"];
  continue: DebugProtocol.ContinueResponse["body"];
  next: undefined;
  stepIn: undefined;
  stepOut: undefined;
  stepBack: undefined;
  reverseContinue: undefined;
  restartFrame: undefined;
  goto: undefined;
  pause: undefined;
  stackTrace: DebugProtocol.StackTraceResponse["body"];
  scopes: DebugProtocol.ScopesResponse["body"];
  variables: DebugProtocol.VariablesResponse["body"];
  setVariable: DebugProtocol.SetVariableResponse["body"];
  source: DebugProtocol.SourceResponse["body"];
  threads: DebugProtocol.ThreadsResponse["body"];
  terminateThreads: undefined;
  modules: DebugProtocol.ModulesResponse["body"];
  loadedSources: DebugProtocol.LoadedSourcesResponse["body"];
  evaluate: DebugProtocol.EvaluateResponse["body"];
  setExpression: DebugProtocol.SetExpressionResponse["body"];
  stepInTargets: DebugProtocol.StepInTargetsResponse["body"];
  gotoTargets: DebugProtocol.GotoTargetsResponse["body"];
  completions: DebugProtocol.CompletionsResponse["body"];
  exceptionInfo: DebugProtocol.ExceptionInfoResponse["body"];
  readMemory: NonNullable<DebugProtocol.ReadMemoryResponse["body"]>;
  writeMemory: NonNullable<DebugProtocol.WriteMemoryResponse["body"]>;
  disassemble: NonNullable<DebugProtocol.DisassembleResponse["body"]>;
  locations: NonNullable<DebugProtocol.LocationsResponse["body"]>;
}

export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(ARGUMENTS, name);
}

/** @throws {BktuiError} "usage" with the field that is wrong. */
export function readArguments<Name extends RequestName>(name: Name, args: unknown): ArgumentsOf<Name> {
  const read = v.safeParse(ARGUMENTS[name], args);
  if (read.success) return read.output as ArgumentsOf<Name>;
  const [issue] = read.issues;
  const path = v.getDotPath(issue) ?? "";
  const place = path === "" ? "its arguments" : path;
  throw new BktuiError(
    "usage",
    `${name}: ${place}: expected ${issue.expected}, not ${issue.received.slice(0, 80)}`,
  );
}
