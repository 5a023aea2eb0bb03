/** The calls that bktui makes on a daemon, one line each. */
import { containerd, moby } from "#proto";
import type { Method } from "../transport/channel.ts";

/** What protobufjs generates per message, as far as it is used. */
interface Codec<Shape, Message> {
  encode(message: Shape): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** @internal For this file and containers.ts, where the dangerous methods live. */
export function method<Request, Response>(
  path: string,
  request: Codec<Request, unknown>,
  response: Codec<never, Response>,
): Method<Request, Response> {
  return {
    path,
    encode: (message) => request.encode(message).finish(),
    decode: (bytes) => response.decode(bytes),
  };
}

const { v1 } = moby.buildkit;
const { frontend } = v1;
const control_ = (name: string): string => `/moby.buildkit.v1.Control/${name}`;
const bridge_ = (name: string): string => `/moby.buildkit.v1.frontend.LLBBridge/${name}`;

/** The daemon itself. `Session` is not here: transport/session-stream.ts opens sessions. */
export const control = {
  solve: method(control_("Solve"), v1.SolveRequest, v1.SolveResponse),
  status: method(control_("Status"), v1.StatusRequest, v1.StatusResponse),
  listWorkers: method(control_("ListWorkers"), v1.ListWorkersRequest, v1.ListWorkersResponse),
  /** BuildKit >= 0.11; gRPC code 12 before. */
  listenBuildHistory: method(control_("ListenBuildHistory"), v1.BuildHistoryRequest, v1.BuildHistoryEvent),
  /** BuildKit >= 0.11; gRPC code 12 before. */
  info: method(control_("Info"), v1.InfoRequest, v1.InfoResponse),
};

const content_ = containerd.services.content.v1;

/** The daemon's own content store (BuildKit >= 0.11). */
export const content = {
  read: method(
    "/containerd.services.content.v1.Content/Read",
    content_.ReadContentRequest,
    content_.ReadContentResponse,
  ),
};

/**
 * The API of frontends, with metadata `buildRef(ref)`. NewContainer, ExecProcess and Return are not here: sent wrongly
 * they take the daemon down, so containers.ts is the only way to send them.
 */
export const bridge = {
  ping: method(bridge_("Ping"), frontend.PingRequest, frontend.PongResponse),
  solve: method(bridge_("Solve"), frontend.SolveRequest, frontend.SolveResponse),
  /** BuildKit >= 0.11, capability `gateway.evaluate`. */
  evaluate: method(bridge_("Evaluate"), frontend.EvaluateRequest, frontend.EvaluateResponse),
  readFile: method(bridge_("ReadFile"), frontend.ReadFileRequest, frontend.ReadFileResponse),
  readDir: method(bridge_("ReadDir"), frontend.ReadDirRequest, frontend.ReadDirResponse),
  statFile: method(bridge_("StatFile"), frontend.StatFileRequest, frontend.StatFileResponse),
  resolveImageConfig: method(
    bridge_("ResolveImageConfig"),
    frontend.ResolveImageConfigRequest,
    frontend.ResolveImageConfigResponse,
  ),
  releaseContainer: method(
    bridge_("ReleaseContainer"),
    frontend.ReleaseContainerRequest,
    frontend.ReleaseContainerResponse,
  ),
};

/** Metadata that says which build a call on `bridge` belongs to; `ref` is the `Ref` of its `control.solve`. */
export function buildRef(ref: string): readonly (readonly [string, string])[] {
  return [["buildkit-controlapi-buildid", ref]];
}
