/** The service that lets the daemon read and write OCI layouts: named contexts, caches in a directory, exported layouts. */
import { containerd } from "#proto";
import { numberOf } from "../protocol/scalars.ts";
import { type Attachable, type Call, CallRefused, grpcCode, type Handler, unary } from "./attachable.ts";
import type { BlobInfo, BlobWriter, ContentStore } from "./content-store.ts";

const v1 = containerd.services.content.v1;
type WriteRequest = ReturnType<typeof v1.WriteContentRequest.decode>;

/** Which store a call is about (BuildKit 0.9 to 0.32). */
const STORE_ID = "buildkit-attachable-store-id";
/** More would make a message too large. */
const LISTED_AT_ONCE = 1000;

/**
 * Serves the stores by the names under which BuildKit asks for them: `oci:ID` for the layout that a frontend knows as ID,
 * `local:DIRECTORY` for a cache, `export` for an exported layout.
 */
export function contentService(stores: ReadonlyMap<string, ContentStore>): Attachable {
  const storeOf = ({ metadata }: Call): ContentStore => {
    const id = metadata.get(STORE_ID)?.[0] ?? "";
    const store = stores.get(id);
    if (store === undefined) throw new CallRefused(grpcCode.notFound, `unknown store ${JSON.stringify(id)}`);
    return store;
  };
  const methods: Readonly<Record<string, Handler>> = {
    Info: unary(async (bytes, call) => {
      const { digest } = v1.InfoRequest.decode(bytes);
      return v1.InfoResponse.encode({ info: wireInfo(await storeOf(call).info(digest)) }).finish();
    }),
    List: stream(async (_request, call) => {
      const found = await storeOf(call).list();
      for (let at = 0; at < found.length; at += LISTED_AT_ONCE) {
        const info = found.slice(at, at + LISTED_AT_ONCE).map(wireInfo);
        await send(call, v1.ListContentResponse.encode({ info }).finish());
      }
    }),
    Read: stream(async (bytes, call) => {
      const { digest, offset, size } = v1.ReadContentRequest.decode(bytes);
      const part = { offset: numberOf(offset), size: numberOf(size), signal: call.cancelled };
      for await (const piece of storeOf(call).read(digest, part))
        await send(call, v1.ReadContentResponse.encode(piece).finish());
    }),
    Status: unary(async (bytes, call) => {
      const { ref } = v1.StatusRequest.decode(bytes);
      const writer = storeOf(call).writing(ref);
      if (writer === undefined)
        throw new CallRefused(grpcCode.notFound, `nothing is written as ${JSON.stringify(ref)}`);
      const times = { startedAt: timestamp(writer.startedMs), updatedAt: timestamp(Date.now()) };
      return v1.StatusResponse.encode({ status: { ref, offset: writer.offset, ...times } }).finish();
    }),
    Write: async (call) => await write(call, storeOf(call)),
    Abort: unary(async (bytes, call) => {
      const { ref } = v1.AbortRequest.decode(bytes);
      await storeOf(call).writing(ref)?.[Symbol.asyncDispose]();
      return v1.Nothing.encode({}).finish();
    }),
  };
  const named = Object.entries(methods).map(
    ([name, handler]) => [`/containerd.services.content.v1.Content/${name}`, handler] as const,
  );
  return { methods: new Map(named) };
}

/** One request, any number of answers. */
function stream(answer: (request: Uint8Array, call: Call) => Promise<void>): Handler {
  return async (call) => {
    for await (const message of call.messages) return await answer(message, call);
    throw new CallRefused(grpcCode.invalidArgument, "the request has no message");
  };
}

async function send(call: Call, message: Uint8Array): Promise<void> {
  if (!call.write(message)) await call.drained();
}

/** Each message is answered before the daemon sends the next. */
async function write(call: Call, store: ContentStore): Promise<void> {
  let writer: BlobWriter | undefined;
  try {
    for await (const bytes of call.messages) {
      const request = v1.WriteContentRequest.decode(bytes);
      if (writer === undefined) {
        if (request.ref === "")
          throw new CallRefused(grpcCode.invalidArgument, "the first message names no writing");
        await refuseKnown(store, request);
        writer = await store.write(request.ref);
      }
      await perform(request, writer, store);
      await send(call, answerTo(request, writer));
      if (request.action === v1.WriteAction.COMMIT) return;
    }
  } finally {
    await writer?.[Symbol.asyncDispose]();
  }
}

async function perform(request: WriteRequest, writer: BlobWriter, store: ContentStore): Promise<void> {
  if (request.action === v1.WriteAction.STAT) return;
  const offset = numberOf(request.offset);
  if (request.data.length > 0 || offset === 0) await writer.add(request.data, offset);
  if (request.action !== v1.WriteAction.COMMIT) return;
  await refuseKnown(store, request);
  await writer.commit(numberOf(request.total), request.expected);
}

/** The daemon takes that as success: nothing has to be sent. */
async function refuseKnown(store: ContentStore, { expected }: WriteRequest): Promise<void> {
  if (expected === "") return;
  const known = await store.info(expected).catch((error: unknown) => {
    if (error instanceof CallRefused && error.grpcCode === grpcCode.notFound) return undefined;
    throw error;
  });
  if (known !== undefined)
    throw new CallRefused(grpcCode.alreadyExists, `content ${expected}: already exists`);
}

function answerTo({ action, total }: WriteRequest, writer: BlobWriter): Uint8Array {
  return v1.WriteContentResponse.encode({
    action,
    offset: writer.offset,
    total,
    digest: writer.digest,
    startedAt: timestamp(writer.startedMs),
    updatedAt: timestamp(Date.now()),
  }).finish();
}

function wireInfo({ digest, size, modifiedMs }: BlobInfo) {
  return { digest, size, createdAt: timestamp(modifiedMs), updatedAt: timestamp(modifiedMs) };
}

function timestamp(ms: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}
