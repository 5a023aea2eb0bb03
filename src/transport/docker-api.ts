/** Questions and orders to a dockerd over its HTTP API. */
import { type IncomingMessage, request } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { Deadline } from "../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { visibleLine } from "../base/visible.ts";
import type { Address } from "./address.ts";
import { connectSocket } from "./connect.ts";

/** How long docker may take to say what it is. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface DockerCall {
  readonly method: "GET" | "POST" | "DELETE";
  /** With the query, already encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable;
  readonly signal: AbortSignal;
}

/**
 * Makes one call on a connection of its own. The answer's head is there, its body is to be read.
 * Without an API version in the path dockerd takes its newest (20.10 and 28.5).
 * @throws {BktuiError} "engine" with docker's words for a refusal, or why it cannot be reached; "cancelled".
 */
export async function callDocker(address: Address, call: DockerCall): Promise<IncomingMessage> {
  const { method, path, headers = {}, body, signal } = call;
  let socket: Duplex | undefined;
  try {
    const stream = await connectSocket(address.socket, { speaks: "dockerd", signal });
    socket = stream;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request({
        method,
        path,
        headers: { Host: "docker", ...headers },
        signal,
        createConnection: () => stream,
      });
      outgoing.once("response", resolve).once("error", reject);
      if (body === undefined) outgoing.end();
      else body.once("error", reject).pipe(outgoing);
    });
    answer.once("close", () => stream.destroy());
    const { statusCode = 0 } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer;
    const text = await bodyOf(answer);
    throw new BktuiError(
      "engine",
      `docker at ${address.text} refused ${method} ${path}: ${messageIn(text, statusCode)}`,
    );
  } catch (error) {
    socket?.on("error", () => undefined).destroy();
    throwIfCancelled(signal);
    if (error instanceof BktuiError && error.code !== "engine-unreachable") throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new BktuiError(
      // It is not the build's own engine that is gone.
      "engine",
      `docker at ${address.text} does not answer ${method} ${path}: ${why}`,
      { cause: error },
    );
  }
}

/** Whether this docker keeps images in containerd's store, which reads OCI archives. */
export async function hasContainerdStore(
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<boolean> {
  using deadline = new Deadline(ANSWER_TIMEOUT_MS, signal);
  const call = { method: "GET", path: "/info", signal: deadline.signal } as const;
  const answer = await callDocker(address, call).catch((error: unknown) => {
    throwIfCancelled(signal);
    if (!deadline.signal.aborted) throw error;
    throw new BktuiError("engine", `docker at ${address.text} does not say what it is`, { cause: error });
  });
  return /"driver-type" *, *"io\.containerd\.snapshotter\.v1"/.test(await bodyOf(answer));
}

/** What docker says while it works; only what is known of it. Texts are untrusted. */
export interface DockerNews {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/**
 * Reads docker's stream of JSON objects to its end.
 * @throws {BktuiError} "engine" when docker reports an error in it.
 */
export async function readNews(answer: IncomingMessage, onNews: (news: DockerNews) => void): Promise<void> {
  let rest = "";
  answer.setEncoding("utf8");
  const take = (line: string): void => {
    if (line.trim() === "") return;
    const news = parsed(line);
    const error = news["error"];
    if (typeof error === "string") throw new BktuiError("engine", visibleLine(error));
    onNews(newsOf(news));
  };
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > limits.httpAnswerBytes)
      throw new BktuiError("engine", "docker's answer makes no sense");
    lines.forEach(take);
  }
  take(rest);
}

function newsOf({ id, status, progressDetail }: Readonly<Record<string, unknown>>): DockerNews {
  const detail = isRecord(progressDetail) ? progressDetail : {};
  const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
  const [current, total] = [number(detail["current"]), number(detail["total"])];
  return {
    ...(typeof id === "string" ? { id } : {}),
    ...(typeof status === "string" ? { status } : {}),
    ...(current === undefined && total === undefined
      ? {}
      : {
          progressDetail: {
            ...(current === undefined ? {} : { current }),
            ...(total === undefined ? {} : { total }),
          },
        }),
  };
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  answer.setEncoding("utf8");
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > limits.httpAnswerBytes) break;
  }
  return text;
}

/** Docker's API puts `{"message": …}` into the body. */
function messageIn(body: string, status: number): string {
  const { message } = parsed(body);
  return typeof message === "string" ? visibleLine(message) : `HTTP status ${status}`;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
