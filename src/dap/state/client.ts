/** What a client said of itself, and how it counts lines. */
import type { ArgumentsOf } from "../requests/arguments.ts";

export interface ClientFacts {
  /** E.g. "vscode"; untrusted, for standard error alone. */
  readonly name: string;
  readonly runsTerminals: boolean;
  readonly startsDebugging: boolean;
  readonly showsProgress: boolean;
  readonly takesInvalidated: boolean;
  readonly wantsTypes: boolean;
  readonly pagesVariables: boolean;
  readonly readsMemory: boolean;
  /** Of docker buildx dap, which shows files under that name: its users look for it. */
  readonly looksForFileExplorer: boolean;
  /** What the first line and column have as their number. */
  readonly firstLine: 0 | 1;
  readonly firstColumn: 0 | 1;
  /** Paths are `file:` URLs. */
  readonly uris: boolean;
}

/** How Docker DX and Zed name buildx's. */
const BUILDX_ADAPTERS: ReadonlySet<string> = new Set(["dockerfile", "buildx-dockerfile"]);

export function factsOf(args: ArgumentsOf<"initialize">): ClientFacts {
  const { clientID, clientName } = args;
  return {
    name: clientID ?? clientName ?? "a client",
    runsTerminals: args.supportsRunInTerminalRequest === true,
    startsDebugging: args.supportsStartDebuggingRequest === true,
    showsProgress: args.supportsProgressReporting === true,
    takesInvalidated: args.supportsInvalidatedEvent === true,
    wantsTypes: args.supportsVariableType === true,
    pagesVariables: args.supportsVariablePaging === true,
    readsMemory: args.supportsMemoryReferences === true,
    looksForFileExplorer: BUILDX_ADAPTERS.has(args.adapterID ?? ""),
    firstLine: args.linesStartAt1 === false ? 0 : 1,
    firstColumn: args.columnsStartAt1 === false ? 0 : 1,
    uris: args.pathFormat === "uri",
  };
}

/** A line of ours, counted from 1, as the client counts. */
export function toClientLine(line: number, { firstLine }: ClientFacts): number {
  return line - 1 + firstLine;
}

/** Counted from 1; may be none, as clients send what they like. */
export function fromClientLine(line: number, { firstLine }: ClientFacts): number {
  return line + 1 - firstLine;
}

export function toClientColumn(column: number, { firstColumn }: ClientFacts): number {
  return column - 1 + firstColumn;
}
