/** Arguments of every request of the protocol: good ones where a build stands, and some that are wrong. */
import type { RequestName } from "../../src/dap/requests/arguments.ts";

/** What good arguments refer to. */
export interface Referred {
  readonly path: string;
  readonly frameId: number;
}

export function goodArguments({ path, frameId }: Referred): Readonly<Record<RequestName, unknown>> {
  const thread = { threadId: 1 };
  const source = { path, name: "Dockerfile" };
  return {
    initialize: { adapterID: "bktui", linesStartAt1: true, columnsStartAt1: true, pathFormat: "path" },
    launch: { contextPath: path },
    attach: {},
    configurationDone: {},
    restart: {},
    disconnect: {},
    terminate: {},
    cancel: { requestId: 999_999 },
    breakpointLocations: { source, line: 1, endLine: 9 },
    setBreakpoints: {
      source,
      breakpoints: [{ line: 1 }, { line: 2, condition: "exitCode == 1" }, { line: 99 }],
    },
    setFunctionBreakpoints: { breakpoints: [{ name: "app" }, { name: "/RUN/" }] },
    setExceptionBreakpoints: { filters: ["all"] },
    dataBreakpointInfo: { name: "/etc/passwd", frameId },
    setDataBreakpoints: { breakpoints: [] },
    setInstructionBreakpoints: { breakpoints: [] },
    continue: thread,
    next: thread,
    stepIn: thread,
    stepOut: thread,
    stepBack: thread,
    reverseContinue: thread,
    restartFrame: { frameId },
    goto: { threadId: 1, targetId: 1000 },
    pause: thread,
    stackTrace: { ...thread, startFrame: 0, levels: 20, format: { lines: true } },
    scopes: { frameId },
    variables: { variablesReference: 1000, start: 0, count: 10 },
    setVariable: { variablesReference: 1000, name: "A", value: "b" },
    source: { source, sourceReference: 1 },
    threads: undefined,
    terminateThreads: { threadIds: [1] },
    modules: { startModule: 0, moduleCount: 10 },
    loadedSources: {},
    evaluate: { expression: "help", context: "repl", frameId },
    setExpression: { expression: "A", value: "b", frameId },
    stepInTargets: { frameId },
    gotoTargets: { source, line: 2 },
    completions: { text: "br", column: 3, frameId },
    exceptionInfo: thread,
    readMemory: { memoryReference: "none", offset: 0, count: 16 },
    writeMemory: { memoryReference: "none", data: "AAAA" },
    disassemble: { memoryReference: "none", instructionCount: 10 },
    locations: { locationReference: 1 },
  };
}

/** Of whatever request. Those that need nothing take some of them for good ones. */
export const WRONG_ARGUMENTS: readonly unknown[] = [
  undefined,
  null,
  [],
  "text",
  { threadId: "1", frameId: {}, line: -1, source: 7, breakpoints: "all", filters: 1, expression: null },
  {
    threadId: 1e300,
    frameId: 2 ** 53,
    variablesReference: -1,
    targetId: 0.5,
    line: 1e9,
    source: { path: "\u0000" },
  },
  {
    threadId: 77,
    frameId: 77,
    variablesReference: 77,
    targetId: 77,
    source: { path: "/no/such" },
    line: 0,
    name: "",
  },
];

/** What changes where a session stands: asked last, or in a session of its own. */
export const MOVES: ReadonlySet<RequestName> = new Set<RequestName>([
  "initialize",
  "launch",
  "attach",
  "configurationDone",
  "restart",
  "disconnect",
  "terminate",
  "continue",
  "next",
  "stepIn",
  "stepOut",
  "stepBack",
  "reverseContinue",
  "restartFrame",
  "goto",
  "pause",
]);
