import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import type { Address } from "../../../src/transport/address.ts";
import type { Method } from "../../../src/transport/channel.ts";

/** Messages are the bytes themselves. */
export function rawMethod(name: string): Method<Uint8Array, Buffer> {
  return {
    path: `/bktui.test.Peer/${name}`,
    encode: (bytes) => bytes,
    decode: (bytes) => Buffer.from(bytes),
  };
}

/** A gRPC server in this process that knows nothing of BuildKit: the other end for the transport's own rules. */
export interface GrpcPeer extends AsyncDisposable {
  readonly address: Address;
  /** Names of all calls. */
  readonly calls: string[];
  /** Resolves at the next cancelled call. */
  nextCancelled(): Promise<void>;
}

/** Methods: Echo (unary), Hang (unary, never answers), Count (streams numbers without end), Pump (echoes messages). */
export async function startGrpcPeer(extra: grpc.UntypedServiceImplementation = {}): Promise<GrpcPeer> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-"));
  const path = join(directory, "s");
  const calls: string[] = [];
  let wake: (() => void)[] = [];
  const watch = (name: string, call: { on(event: "cancelled", listener: () => void): unknown }): void => {
    calls.push(name);
    call.on("cancelled", () => {
      for (const resolve of wake.splice(0)) resolve();
    });
  };
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const handlers: grpc.UntypedServiceImplementation = { ...peerHandlers(calls, watch), ...extra };
  server.addService(serviceOf(Object.keys(handlers)), handlers);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${path}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return {
    address: { kind: "buildkitd", socket: { kind: "unix", path }, text: `unix://${path}` },
    calls,
    nextCancelled: () => new Promise((resolve) => wake.push(resolve)),
    [Symbol.asyncDispose]: async () => {
      wake = [];
      server.forceShutdown();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function peerHandlers(
  calls: string[],
  watch: (name: string, call: { on(event: "cancelled", listener: () => void): unknown }) => void,
): grpc.UntypedServiceImplementation {
  const echo: grpc.handleUnaryCall<Buffer, Buffer> = (call, answer) => {
    calls.push("Echo");
    answer(null, call.request);
  };
  const hang: grpc.handleUnaryCall<Buffer, Buffer> = (call) => watch("Hang", call);
  const count: grpc.handleServerStreamingCall<Buffer, Buffer> = (call) => {
    watch("Count", call);
    let next = 0;
    const send = (): void => {
      while (!call.cancelled && call.write(Buffer.from(String(next++))));
    };
    call.on("drain", send);
    send();
  };
  const pump: grpc.handleBidiStreamingCall<Buffer, Buffer> = (call) => {
    calls.push("Pump");
    sendBack(call);
  };
  return { Echo: echo, Hang: hang, Count: count, Pump: pump };
}

/** Every message goes back, as fast as the client reads. */
export function sendBack(call: grpc.ServerDuplexStream<Buffer, Buffer>): void {
  call.on("data", (message) => {
    if (call.write(message)) return;
    call.pause();
    call.once("drain", () => call.resume());
  });
  call.on("end", () => call.end());
}

function serviceOf(names: readonly string[]): grpc.ServiceDefinition {
  const raw = (bytes: Buffer): Buffer => bytes;
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        path: name.startsWith("/") ? name : rawMethod(name).path,
        requestStream: name === "Pump" || name.startsWith("/"),
        responseStream: name === "Pump" || name === "Count" || name.startsWith("/"),
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      },
    ]),
  );
}
