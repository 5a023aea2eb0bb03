/** What the server can do: of the 42 fields of the protocol those that are true, each with a test. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { BreakWhen, CatchFilter } from "../debugger/breakpoint.ts";
import type { BuildRequest } from "../engine/build-request.ts";

/** When a breakpoint stops; the first one is what it is without a mode. */
export const BREAKPOINT_MODES = [
  { mode: "before", label: "Before the step", appliesTo: ["source"] },
  { mode: "after", label: "Behind the step", appliesTo: ["source"] },
  { mode: "miss", label: "Behind the step, when it was not in the cache", appliesTo: ["source"] },
  { mode: "hit", label: "Behind the step, when it was in the cache", appliesTo: ["source"] },
] as const satisfies readonly Mode[];

type Mode = DebugProtocol.BreakpointMode & { readonly mode: BreakWhen };

const CONDITION = 'E.g. exitCode == 137 && stage == "app"';

export const EXCEPTION_FILTERS = [
  { filter: "all", label: "All failures", default: true },
  { filter: "run", label: "Failed commands (RUN)" },
  { filter: "copy", label: "Failed COPY and ADD" },
  { filter: "source", label: "Images, contexts and downloads that cannot be had" },
  { filter: "other", label: "Other failures" },
] as const satisfies readonly (DebugProtocol.ExceptionBreakpointsFilter & {
  readonly filter: CatchFilter["kind"];
})[];

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsReadMemoryRequest: true,
  supportsEvaluateForHovers: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ["$", "/", " ", ".", "{"],
  supportsClipboardContext: true,
  supportsSetVariable: true,
  supportsSetExpression: true,
  supportsValueFormattingOptions: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsDataBreakpoints: true,
  breakpointModes: BREAKPOINT_MODES.map((mode) => ({ ...mode, appliesTo: [...mode.appliesTo] })),
  exceptionBreakpointFilters: EXCEPTION_FILTERS.map((filter) => ({
    ...filter,
    supportsCondition: true,
    conditionDescription: CONDITION,
  })),
  supportsExceptionFilterOptions: true,
  supportSuspendDebuggee: true,
  supportsStepBack: true,
  supportsStepInTargetsRequest: true,
  supportsGotoTargetsRequest: true,
  supportsRestartRequest: true,
  supportsRestartFrame: true,
  supportsExceptionInfoRequest: true,
  supportTerminateDebuggee: true,
  supportsDelayedStackTraceLoading: true,
  supportsLoadedSourcesRequest: true,
  supportsTerminateRequest: true,
  supportsCancelRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsModulesRequest: true,
  additionalModuleColumns: [{ attributeName: "version", label: "Digest", type: "string" }],
  supportsDisassembleRequest: true,
  supportsInstructionBreakpoints: true,
  supportedChecksumAlgorithms: ["SHA256"],
};

/** What of it does not hold for one build; undefined = all of it does. */
export function lessFor({ source }: Pick<BuildRequest, "source">): DebugProtocol.Capabilities | undefined {
  // A definition is built as it is: nothing reads arguments.
  return source.kind === "definition"
    ? { supportsSetVariable: false, supportsSetExpression: false }
    : undefined;
}
