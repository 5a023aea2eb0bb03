/** A client of the SDK on the built program: what an agent would be. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { engineVariables } from "./engine-variables.ts";
import { program } from "./program.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

export interface ToolAnswer {
  /** What bktui says itself. */
  readonly words: string;
  /** What it shows of the build, fences included. */
  readonly data: readonly string[];
  readonly isError: boolean;
  /** All of it. */
  readonly all: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

const CALL_MS = 55_000;

/** Disposing closes its standard input, and waits until the program has ended. */
export class McpAgent implements AsyncDisposable {
  readonly client: Client;
  readonly #transport: StdioClientTransport;
  readonly #home: string;
  #stderr = "";
  /** Calls of tools so far. */
  calls = 0;

  private constructor(client: Client, transport: StdioClientTransport, home: string) {
    this.client = client;
    this.#transport = transport;
    this.#home = home;
    transport.stderr?.on("data", (chunk: Uint8Array) => {
      this.#stderr += Buffer.from(chunk).toString();
    });
  }

  /** @param args behind `mcp` */
  static async start(
    args: readonly string[],
    {
      engine,
      env = {},
    }: { readonly engine?: TestEngine; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<McpAgent> {
    const home = await mkdtemp(join(tmpdir(), "bktui-agent-"));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program, "mcp", ...args],
      env: { ...programEnvironment(), HOME: home, ...engineVariables(engine), ...env },
      cwd: home,
      stderr: "pipe",
    });
    // The SDK's own validator makes code from schemas, which the tests do not allow.
    const client = new Client({ name: "test", version: "1" }, { jsonSchemaValidator: NO_VALIDATOR });
    const agent = new McpAgent(client, transport, home);
    await client.connect(transport);
    return agent;
  }

  get pid(): number {
    return this.#transport.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  async call(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    options: CallOptions = {},
  ): Promise<ToolAnswer> {
    this.calls++;
    const { signal, onProgress } = options;
    const result = await this.client.callTool({ name, arguments: { ...args } }, undefined, {
      timeout: CALL_MS,
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onprogress: ({ message = "" }) => onProgress(message) }),
    });
    const { content, isError } = result;
    if (!Array.isArray(content)) throw new Error("no content");
    const items: readonly { readonly text: string; readonly _meta?: object }[] = content;
    const isData = ({ _meta = {} }: { readonly _meta?: object }): boolean => "bktui/untrusted" in _meta;
    return {
      words: items
        .filter((item) => !isData(item))
        .map(({ text }) => text)
        .join("\n"),
      data: items.filter(isData).map(({ text }) => text),
      isError: isError === true,
      all: items.map(({ text }) => text).join("\n"),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await rm(this.#home, { recursive: true, force: true });
  }
}

const NO_VALIDATOR = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: "not in tests" }),
};
