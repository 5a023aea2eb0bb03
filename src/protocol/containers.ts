/**
 * The choke point. Four requests make BuildKit (checked on 0.32, dockerd 28.5 and 20.10) dereference nil, and the whole
 * daemon goes down with every container on it: NewContainer without a mount at "/", Init without Meta, an ssh mount
 * without SSHOpt, and a Return with neither result nor error. They cannot be written through this file, and the three
 * methods are reachable through this file only.
 */
import { moby, pb } from "#proto";
import { BktuiError, unreachable } from "../base/errors.ts";
import type { CallOptions, Channel } from "../transport/channel.ts";
import type { DuplexCall } from "../transport/duplex-call.ts";
import { grpcCode } from "../transport/rpc-error.ts";
import type { HeaderList } from "../transport/upgrade.ts";
import { method } from "./methods.ts";

const { frontend } = moby.buildkit.v1;

const newContainerMethod = method(
  "/moby.buildkit.v1.frontend.LLBBridge/NewContainer",
  frontend.NewContainerRequest,
  frontend.NewContainerResponse,
);
const execProcessMethod = method(
  "/moby.buildkit.v1.frontend.LLBBridge/ExecProcess",
  frontend.ExecMessage,
  frontend.ExecMessage,
);
const returnMethod = method(
  "/moby.buildkit.v1.frontend.LLBBridge/Return",
  frontend.ReturnRequest,
  frontend.ReturnResponse,
);

export type ContainerRequest = moby.buildkit.v1.frontend.NewContainerRequest.$Properties;
export type InitMessage = moby.buildkit.v1.frontend.InitMessage.$Properties & {
  readonly Meta: pb.Meta.$Properties;
};
export type ExecMessage = moby.buildkit.v1.frontend.ExecMessage.$Properties;
export type ExecAnswer = moby.buildkit.v1.frontend.ExecMessage.$Shape;

/** Options of a call in a build; the metadata is `buildRef(ref)`. */
export type BridgeCallOptions = CallOptions & {
  readonly metadata: HeaderList;
  readonly deadlineMs?: number | undefined;
};

/**
 * Creates a container. It is released with `bridge.releaseContainer`, which answers with an error when a process had
 * ended non-zero; the container is gone nevertheless.
 * @throws {BktuiError} "bad-request" when the request would take the daemon down; nothing has been sent then.
 */
export async function newContainer(
  channel: Channel,
  request: ContainerRequest,
  options: BridgeCallOptions,
): Promise<void> {
  checkMounts(request.Mounts ?? []);
  await channel.unary(newContainerMethod, request, options);
}

/**
 * Opens the stream of one process and sends its Init. One stream per process: an error ends a stream for all its
 * processes. Another Init cannot be written to it.
 * @throws {BktuiError} "bad-request" when the Init would take the daemon down; nothing has been sent then.
 */
export function execProcess(
  channel: Channel,
  start: { readonly processId: string; readonly init: InitMessage },
  options: BridgeCallOptions,
): DuplexCall<ExecMessage, ExecAnswer> {
  checkMeta(start.init.Meta);
  const call = channel.duplex(execProcessMethod, options);
  call.write({ ProcessID: start.processId, Init: start.init });
  return {
    ...call,
    write: (message) => {
      if (isMessage(message.Init)) throw refused("a second Init on the stream of a process");
      return call.write(message);
    },
  };
}

/** How a build ends: with a result its exporter runs; `code` is a gRPC code other than 0. */
export type BuildEnd =
  | { readonly kind: "result"; readonly result: moby.buildkit.v1.frontend.Result.$Shape }
  | { readonly kind: "error"; readonly code: number; readonly message: string };

/**
 * Ends a build. A second end is refused by BuildKit ("already set").
 * @throws {BktuiError} "bad-request" when the end would take the daemon down or says nothing; nothing has been sent then.
 */
export async function returnBuild(
  channel: Channel,
  end: BuildEnd,
  options: BridgeCallOptions,
): Promise<void> {
  await channel.unary(returnMethod, returnRequest(end), options);
}

function checkMounts(mounts: readonly pb.Mount.$Properties[]): void {
  const isRoot = (mount: pb.Mount.$Properties): boolean =>
    mount.dest === "/" && (mount.mountType ?? pb.MountType.BIND) === pb.MountType.BIND;
  // BuildKit compares the text: "//" or "/." would be no root to it.
  if (!mounts.some(isRoot)) throw refused('a container without a bind mount at "/"');
  for (const mount of mounts) {
    if (mount.mountType === pb.MountType.SSH && !isMessage(mount.SSHOpt)) {
      throw refused(`a container with an ssh mount at "${mount.dest}" that has no ssh options`);
    }
  }
}

/** Types end at run time: what came through a cast or from JavaScript is looked at once more. */
function checkMeta(meta: unknown): void {
  if (!isMessage(meta)) throw refused("a process without arguments and environment");
}

function returnRequest(end: BuildEnd): moby.buildkit.v1.frontend.ReturnRequest.$Properties {
  switch (end.kind) {
    case "result":
      if (!isMessage(end.result)) throw refused("an end of the build without a result");
      return { result: resultOf(end.result) };
    case "error":
      if (end.code === grpcCode.ok) throw refused("an end of the build with an error of code 0");
      return { error: { code: end.code, message: end.message } };
    default:
      return unreachable(end);
  }
}

/** The parts that a frontend's answer has when it is asked as `bridge.solve` should be. */
function resultOf({ ref, refs, metadata }: moby.buildkit.v1.frontend.Result.$Shape) {
  return { ref: ref ?? null, refs: refs ?? null, metadata: metadata ?? null };
}

function isMessage(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function refused(what: string): BktuiError {
  return new BktuiError("bad-request", `not sent, as it would crash the engine: ${what}`);
}
