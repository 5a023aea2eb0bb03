/** The engine as a frontend sees it: BuildKit starts it in a container and answers its calls, gRPC over standard input and output. */
import { type ClientHttp2Session, connect } from "node:http2";
import { Duplex } from "node:stream";
import { moby, pb } from "#proto";

const { frontend } = moby.buildkit.v1;
const BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/";
/** "compressed" and the length, before each message. */
const HEADER_BYTES = 5;
const OK = "0";

type Encoder<T> = { encode(message: T): { finish(): Uint8Array } };
type Decoder<T> = { decode(bytes: Uint8Array): T };

/** An engine's answer that is no success. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** Calls on the engine. */
export class Gateway {
  readonly #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  /** Standard output belongs to it from now on: what else is printed there breaks the connection. */
  static open(): Gateway {
    const stream = Duplex.from({ readable: process.stdin, writable: process.stdout });
    return new Gateway(connect("http://buildkit", { createConnection: () => stream }));
  }

  /** The name of its result, which is made when something of it is read, or at once. */
  async solve(definition: pb.Definition.$Properties, { now = false } = {}): Promise<string> {
    const how = { allowResultReturn: true, allowResultArrayRef: true, Evaluate: now };
    const request = { Definition: pb.Definition.encode(definition).finish(), ...how };
    const { result } = await this.#call("Solve", request, frontend.SolveRequest, frontend.SolveResponse);
    return result?.ref?.id ?? "";
  }

  async readFile(ref: string, path: string): Promise<string> {
    const request = { Ref: ref, FilePath: path };
    const answer = await this.#call("ReadFile", request, frontend.ReadFileRequest, frontend.ReadFileResponse);
    return Buffer.from(answer.Data ?? "").toString("utf8");
  }

  /** The end of the frontend's work: what is to be built. */
  async answer(ref: string, imageConfig: object): Promise<void> {
    const metadata = { "containerimage.config": Buffer.from(JSON.stringify(imageConfig)) };
    await this.#return({ result: { ref: { id: ref }, metadata } });
  }

  /** The end of it too: why nothing can be built. */
  async refuse(error: NonNullable<Parameters<Gateway["refusal"]>[0]>): Promise<void> {
    await this.#return({ error: this.refusal(error) });
  }

  refusal({
    message,
    details,
  }: {
    readonly message: string;
    readonly details: readonly { readonly type: string; readonly value: object }[];
  }): { code: number; message: string; details: { type_url: string; value: Uint8Array }[] } {
    const invalidArgument = 3;
    return {
      code: invalidArgument,
      message,
      details: details.map(({ type, value }) => ({
        type_url: `github.com/moby/buildkit/${type}+json`,
        value: Buffer.from(JSON.stringify(value)),
      })),
    };
  }

  async #return(request: moby.buildkit.v1.frontend.ReturnRequest.$Properties): Promise<void> {
    await this.#call("Return", request, frontend.ReturnRequest, frontend.ReturnResponse);
  }

  async #call<Request, Answer>(
    name: string,
    request: Request,
    encoder: Encoder<Request>,
    decoder: Decoder<Answer>,
  ): Promise<Answer> {
    const message = encoder.encode(request).finish();
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(message.length, 1);
    const stream = this.#session.request({
      ":method": "POST",
      ":path": `${BRIDGE}${name}`,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status: Readonly<Record<string, unknown>> = {};
    stream.on("response", (headers) => {
      status = { ...status, ...headers };
    });
    stream.on("trailers", (trailers) => {
      status = { ...status, ...trailers };
    });
    stream.end(Buffer.concat([header, message]));
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    if (status["grpc-status"] !== OK)
      throw new Refused(`${name}: ${decodeURIComponent(String(status["grpc-message"] ?? "no answer"))}`);
    return decoder.decode(Buffer.concat(chunks).subarray(HEADER_BYTES));
  }
}

/** What the build was asked for, e.g. `filename`. */
export function frontendOptions(env: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const pairs = Object.entries(env).flatMap(([name, text = ""]) =>
    /^BUILDKIT_FRONTEND_OPT_\d+$/.test(name)
      ? [[text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)] as const]
      : [],
  );
  return new Map(pairs);
}
