/** The SDK's server over our tools: everything that needs the SDK is behind this file and its transport. */
import "./without-eval.ts";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { ContentItem } from "./fence.ts";
import { type LineSink, type LineSource, LineTransport } from "./line-transport.ts";

/** A tool as clients see it. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: {
    readonly type: "object";
    readonly properties: Record<string, object>;
    readonly required?: string[];
    readonly additionalProperties: false;
  };
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly openWorldHint: boolean;
  };
}

export interface ToolResult {
  readonly content: ContentItem[];
  readonly isError?: true;
}

export interface CallOptions {
  /** Fires when the client cancels the call or is gone. */
  readonly signal: AbortSignal;
  /** Undefined = the client has not asked for reports. */
  readonly report: ((words: string) => void) | undefined;
}

export interface SdkServerOptions {
  readonly version: string;
  /** What a model is told about all tools. */
  readonly instructions: string;
  readonly tools: readonly ListedTool[];
  readonly source: LineSource;
  readonly sink: LineSink;
  /** Never rejects. */
  call(name: string, args: unknown, options: CallOptions): Promise<ToolResult>;
  /** Something about the connection itself, for standard error. */
  onProblem(words: string): void;
}

/** Resolves when the client is gone, or the signal fires. */
export async function serveSdk(options: SdkServerOptions, signal: AbortSignal): Promise<void> {
  const { version, instructions, tools, source, sink, onProblem } = options;
  const server = new Server(
    { name: "bktui", version },
    { capabilities: { tools: {} }, instructions, jsonSchemaValidator: NO_VALIDATOR },
  );
  server.onerror = (error) => onProblem(error.message);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...tools] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const token = params._meta?.progressToken;
    let reported = 0;
    const report = (message: string): void => {
      if (token === undefined) return;
      reported++;
      const params = { progressToken: token, progress: reported, message };
      extra.sendNotification({ method: "notifications/progress", params }).catch(() => undefined);
    };
    const result = await options.call(params.name, params.arguments, {
      signal: extra.signal,
      report: token === undefined ? undefined : report,
    });
    return { ...result, content: result.content.map((item) => ({ ...item })) };
  });
  const transport = new LineTransport(source, sink, { wrong: wrongCall });
  await new Promise<void>((resolve, reject) => {
    server.onclose = resolve;
    const end = (): void => void transport.close();
    signal.addEventListener("abort", end, { once: true });
    server.connect(transport).then(() => signal.aborted && end(), reject);
  });
}

/** The SDK would answer with what its schema says, over many lines. */
function wrongCall(method: string, params: unknown): string | undefined {
  if (method !== "tools/call") return undefined;
  if (typeof params !== "object" || params === null || Array.isArray(params))
    return "tools/call needs params: an object with the name of a tool and its arguments";
  const { name, arguments: args } = params as Readonly<Record<string, unknown>>;
  if (typeof name !== "string") return "tools/call needs the name of a tool; tools/list has them";
  if (args !== undefined && (typeof args !== "object" || args === null || Array.isArray(args)))
    return `the arguments of ${name.slice(0, 60)} must be an object`;
  return undefined;
}

/** Its schemas would be what a client answers to questions; bktui asks none. The SDK's own makes code from them. */
const NO_VALIDATOR = {
  getValidator: () => () => ({
    valid: false as const,
    data: undefined,
    errorMessage: "bktui asks clients nothing",
  }),
};
