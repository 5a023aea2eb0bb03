/**
 * A daemon that speaks BuildKit's protocol and means no good: its answers, its progress and what it asks for over the
 * session are chosen by the test. It builds nothing.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type ClientHttp2Session, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { google, moby, pb } from "#proto";
import { digestOfOp } from "../../src/protocol/llb.ts";
import { PeerCall } from "./session-peer.ts";
import type { TestEngine } from "./test-engine.ts";

const { v1 } = moby.buildkit;
const { frontend } = v1;
const control = "/moby.buildkit.v1.Control/";
const bridge = "/moby.buildkit.v1.frontend.LLBBridge/";

export interface EvilError {
  /** gRPC code. */
  readonly code: number;
  readonly message: string;
  /** Bytes of each detail, by type. */
  readonly details?: readonly (readonly [typeUrl: string, value: string | Uint8Array])[];
}

/** What it does; whatever is left out, it does as a harmless daemon would. */
export interface EvilPlan {
  readonly version?: string;
  /** The frontend's answer. Default: `evilDefinition`. */
  readonly definition?: pb.Definition.$Properties | EvilError;
  /** The answer to running a step. Default: it works. */
  readonly step?: EvilError;
  /** Encoded messages for the status stream, sent as fast as they are taken. */
  readonly status?: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** What every process prints, as fast as it is taken. */
  readonly output?: () => Iterable<Uint8Array>;
  /** Told of each request for a build, which is not answered before what this returns has resolved. */
  readonly solving?: (request: ReturnType<typeof v1.SolveRequest.decode>) => unknown;
  /** Calls back over the session; runs once per session. */
  readonly session?: (client: EvilClient) => Promise<void>;
}

/** The daemon's end of a session. */
export class EvilClient {
  readonly #http2: ClientHttp2Session;

  constructor(http2: ClientHttp2Session) {
    this.#http2 = http2;
  }

  call(path: string, headers: Readonly<Record<string, string | readonly string[]>> = {}): PeerCall {
    return new PeerCall(
      this.#http2.request({ ":method": "POST", ":path": path, te: "trailers", ...mutable(headers) }),
    );
  }

  /** Resolves with the gRPC code, or -1 when the stream broke, and the first message. */
  async ask(
    path: string,
    request: Uint8Array,
    headers: Readonly<Record<string, string | readonly string[]>> = {},
  ): Promise<{ readonly code: number; readonly message: string; readonly messages: readonly Uint8Array[] }> {
    const call = this.call(path, headers);
    call.send(request);
    call.end();
    const status = await call.status.catch(() => ({ code: -1, message: "" }));
    return { ...status, messages: call.messages };
  }
}

export interface EvilDaemon extends AsyncDisposable {
  readonly engine: TestEngine;
  /** Resolves when the plan's session part of the first session is through. */
  readonly asked: Promise<void>;
}

export async function startEvilDaemon(plan: EvilPlan): Promise<EvilDaemon> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-evil-"));
  const path = join(directory, "s");
  let settle: { resolve: () => void; reject: (error: unknown) => void } = { resolve: noop, reject: noop };
  const asked = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  asked.catch(noop);
  const server = new grpc.Server({
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": -1,
  });
  serve(server, plan, (session) => session.then(settle.resolve, settle.reject));
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${path}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  const dockerHost = `unix://${path}`;
  return {
    engine: {
      name: "evil",
      kind: "buildkitd",
      version: undefined,
      dockerHost,
      binDir: undefined,
      keepsFailedState: true,
    },
    asked,
    [Symbol.asyncDispose]: async () => {
      server.forceShutdown();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function serve(server: grpc.Server, plan: EvilPlan, onSession: (session: Promise<void>) => void): void {
  /** Ends the long Solve of each build, by its Ref. */
  const ends = new Map<string, () => void>();
  const empty = (): Uint8Array => new Uint8Array();
  const unary = unaryOn(server);
  unary(`${control}Info`, () =>
    v1.InfoResponse.encode({ buildkitVersion: { version: plan.version ?? "v0.32.2" } }).finish(),
  );
  unary(`${control}ListWorkers`, empty);
  unary(`${control}Solve`, async (request) => {
    const solve = v1.SolveRequest.decode(request);
    const held = plan.solving?.(solve);
    const ref = solve.Ref ?? "";
    await Promise.all([new Promise<void>((resolve) => ends.set(ref, resolve)), held]);
    return new Uint8Array();
  });
  unary(`${bridge}Ping`, () => frontend.PongResponse.encode({ FrontendAPICaps: capabilities() }).finish());
  unary(`${bridge}Solve`, (request) => solve(plan, frontend.SolveRequest.decode(request)));
  unary(`${bridge}Return`, (_, call) => {
    ends.get(String(call.metadata.get("buildkit-controlapi-buildid")[0]))?.();
    return new Uint8Array();
  });
  for (const name of ["Evaluate", "NewContainer", "ReleaseContainer"]) unary(`${bridge}${name}`, empty);
  streamOn(server, `${control}Status`, (call) => void sendAll(call, plan.status?.() ?? []));
  streamOn(server, `${control}Session`, (call) => {
    const client = connect("http://session", { createConnection: () => tunnel(call) });
    client.on("error", noop);
    const asking = plan.session;
    if (asking !== undefined) client.once("connect", () => onSession(asking(new EvilClient(client))));
  });
  streamOn(server, `${bridge}ExecProcess`, (call) => runProcess(call, plan));
}

function solve(plan: EvilPlan, request: ReturnType<typeof frontend.SolveRequest.decode>): Uint8Array {
  if (request.Frontend === "" || request.Frontend === undefined) {
    if (plan.step !== undefined) throw wireError(plan.step);
    return frontend.SolveResponse.encode({ result: { ref: { id: `ref-${Math.random()}` } } }).finish();
  }
  const definition = plan.definition ?? evilDefinition();
  if ("code" in definition) throw wireError(definition);
  return frontend.SolveResponse.encode({ result: { ref: { id: "", def: definition } } }).finish();
}

function capabilities(): moby.buildkit.v1.apicaps.APICap.$Properties[] {
  return ["gateway.exec", "gateway.exec.signals", "gateway.evaluate"].map((ID) => ({ ID, Enabled: true }));
}

function runProcess(call: grpc.ServerDuplexStream<Buffer, Buffer>, plan: EvilPlan): void {
  call.once("data", (bytes: Buffer) => {
    const { ProcessID, Init } = frontend.ExecMessage.decode(bytes);
    const message = (rest: moby.buildkit.v1.frontend.ExecMessage.$Properties): Uint8Array =>
      frontend.ExecMessage.encode({ ProcessID: ProcessID ?? "", ...rest }).finish();
    function* messages(): Iterable<Uint8Array> {
      yield message({ Started: {} });
      for (const sign of signsFor(Init?.Meta?.args ?? [])) yield message({ File: { Fd: 1, Data: sign } });
      for (const data of plan.output?.() ?? []) yield message({ File: { Fd: 1, Data: data } });
    }
    // Like a shell: it prints, and goes on waiting for what is typed.
    void sendAll(call, messages(), { ends: false });
    call.on("data", noop);
    call.on("end", () => call.end());
  });
}

/** What the script around a shell would print when it begins, and when the first shell does. */
function signsFor(args: readonly string[]): readonly Buffer[] {
  const [mark] = /bktui-[0-9a-f-]{36}/.exec(args.join(" ")) ?? [];
  return mark === undefined ? [] : ["@1", "#0"].map((sign) => Buffer.from(`\u001f${mark}${sign}\r\n`));
}

/** An op per line of the text, each on the one before; names and text are what the test wants. */
export function evilDefinition(
  lines: readonly string[] = ["FROM scratch", "RUN one", "RUN two"],
  nameOf: (line: string) => string = (line) => line,
): pb.Definition.$Properties {
  const def: Uint8Array[] = [];
  const metadata: Record<string, Uint8Array> = {};
  const locations: Record<string, pb.Locations.$Properties> = {};
  let previous: string | undefined;
  for (const [index, line] of lines.entries()) {
    const op =
      previous === undefined
        ? { source: { identifier: `docker-image://${nameOf(line)}` } }
        : {
            inputs: [{ digest: previous, index: 0 }],
            exec: {
              meta: { args: ["/bin/sh", "-c", line], env: [`EVIL=${nameOf(line)}`], cwd: "/" },
              mounts: [{ input: 0, dest: "/", output: 0 }],
            },
          };
    const bytes = pb.Op.encode(op).finish();
    previous = digestOfOp(bytes);
    def.push(bytes);
    metadata[previous] = pb.OpMetadata.encode({
      description: { "llb.customname": nameOf(line), "com.docker.dockerfile.v1.command": line },
    }).finish();
    const place = { line: index + 1, character: 0 };
    locations[previous] = { locations: [{ sourceIndex: 0, ranges: [{ start: place, end: place }] }] };
  }
  def.push(pb.Op.encode({ inputs: [{ digest: previous ?? "", index: 0 }] }).finish());
  const infos = [{ filename: "Dockerfile", data: Buffer.from(lines.join("\n")), language: "Dockerfile" }];
  return { def, metadata, Source: { locations, infos } };
}

/** Digests of what `evilDefinition` made, in order. */
export function digestsOf({ def }: pb.Definition.$Properties): readonly string[] {
  return (def ?? []).slice(0, -1).map((bytes) => digestOfOp(bytes));
}

export function status(message: moby.buildkit.v1.StatusResponse.$Properties): Uint8Array {
  return v1.StatusResponse.encode(message).finish();
}

function wireError({ code, message, details = [] }: EvilError): Partial<grpc.ServiceError> {
  const metadata = new grpc.Metadata();
  const rich = google.rpc.Status.encode({
    code,
    message,
    details: details.map(([type_url, value]) => ({ type_url, value: Buffer.from(value) })),
  }).finish();
  metadata.set("grpc-status-details-bin", Buffer.from(rich));
  return { code, details: "", metadata };
}

type UnaryCall = grpc.ServerUnaryCall<Buffer, Uint8Array>;

function unaryOn(
  server: grpc.Server,
): (path: string, answer: (request: Buffer, call: UnaryCall) => Uint8Array | Promise<Uint8Array>) => void {
  return (path, answer) => {
    const handler: grpc.handleUnaryCall<Buffer, Uint8Array> = (call, done) => {
      Promise.resolve()
        .then(() => answer(call.request, call))
        .then(
          (bytes) => done(null, bytes),
          (error: Partial<grpc.ServiceError>) => done(error),
        );
    };
    server.register(path, handler, toBuffer, fromBuffer, "unary");
  };
}

function streamOn(
  server: grpc.Server,
  path: string,
  handler: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => void,
): void {
  server.register(path, handler, toBuffer, fromBuffer, "bidi");
}

/** As fast as the client takes it; the stream stays open until the client goes. */
async function sendAll(
  call: grpc.ServerDuplexStream<Buffer, Buffer>,
  messages: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { ends = true }: { readonly ends?: boolean } = {},
): Promise<void> {
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort());
  call.on("error", noop);
  try {
    for await (const message of messages) {
      if (gone.signal.aborted) return;
      if (!call.write(Buffer.from(message))) await once(call, "drain", { signal: gone.signal });
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
  if (ends) call.on("end", () => call.end());
}

/** The bytes inside `Control.Session`. */
function tunnel(call: grpc.ServerDuplexStream<Buffer, Buffer>): Duplex {
  const stream = new Duplex({
    read: () => call.resume(),
    write: (data: Buffer, _encoding, done) => {
      call.write(Buffer.from(v1.BytesMessage.encode({ data }).finish()));
      done();
    },
    final: (done) => {
      call.end();
      done();
    },
  });
  call.on("data", (bytes: Buffer) => stream.push(Buffer.from(v1.BytesMessage.decode(bytes).data ?? [])));
  call.on("end", () => stream.push(null));
  call.on("error", () => stream.destroy());
  call.on("cancelled", () => stream.destroy());
  stream.on("error", noop);
  return stream;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function fromBuffer(bytes: Buffer): Buffer {
  return bytes;
}

function mutable(
  headers: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key, typeof value === "string" ? value : [...value]]),
  );
}

function noop(): void {}
