/** The port's Engine over one gRPC channel to a dockerd or buildkitd. */
import { BktuiError } from "../../base/errors.ts";
import { control } from "../../protocol/methods.ts";
import { readIgnore } from "../../session/files/dockerignore.ts";
import { checkContext } from "../../session/files/preflight.ts";
import type { Address } from "../../transport/address.ts";
import { Channel } from "../../transport/channel.ts";
import { dockerVersion } from "../../transport/docker-version.ts";
import { grpcCode, RpcError } from "../../transport/rpc-error.ts";
import type { Build, BuildRequest, ContextLookup, Engine, EngineInfo, Progress } from "../engine.ts";
import { BuildkitBuild } from "./build.ts";
import { lookInContext } from "./context-lookup.ts";
import { exporterFor } from "./exporters.ts";
import { buildFiles, openRequestSession } from "./request-session.ts";

/** How long the engine may take to say who it is. */
const INFO_DEADLINE_MS = 10_000;

export interface ConnectOptions {
  readonly signal: AbortSignal;
  /** Where the choice of this engine came from, for Info and the first row. */
  readonly origin: string;
  /** Environment of bktui, for secrets from variables and the docker configuration. */
  readonly env: NodeJS.ProcessEnv;
}

export class BuildkitEngine implements Engine {
  readonly info: EngineInfo;
  /** Builds end with their connection; the next build gets a new one. */
  #channel: Channel;
  readonly #env: NodeJS.ProcessEnv;
  readonly #builds = new Set<Build>();

  /** @throws {BktuiError} "engine-unreachable" with the reason in words. */
  static async connect(address: Address, options: ConnectOptions): Promise<BuildkitEngine> {
    const channel = await Channel.open(address, { signal: options.signal });
    try {
      const [docker, buildkit] = await Promise.all([
        dockerVersion(address, { signal: options.signal }),
        buildkitVersion(channel, options.signal),
      ]);
      const info: EngineInfo = {
        kind: address.kind,
        version: docker ?? buildkit,
        address: address.text,
        origin: options.origin,
      };
      return new BuildkitEngine(channel, info, options.env);
    } catch (error) {
      await channel[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(channel: Channel, info: EngineInfo, env: NodeJS.ProcessEnv) {
    this.#channel = channel;
    this.info = info;
    this.#env = env;
  }

  async open(
    request: BuildRequest,
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
  ): Promise<Build> {
    // Refuse an impossible output now, not after the build.
    exporterFor(request, this.info);
    // Beside the frontend's work: nothing of the build runs before the definition is here.
    const warned = warnOfUnreadable(request, options);
    const channel = await this.#connected(options);
    const build = await BuildkitBuild.open(
      { channel, engine: this.info, request, onProgress: options.onProgress },
      ({ signal }) =>
        openRequestSession(channel, request, this.#env, { signal, onProgress: options.onProgress }),
      { signal: options.signal },
    );
    this.#builds.add(build);
    await warned;
    return build;
  }

  async lookInContext(
    request: BuildRequest,
    path: string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<ContextLookup> {
    return await lookInContext(buildFiles(request), path, { signal });
  }

  async #connected({ signal }: { readonly signal: AbortSignal }): Promise<Channel> {
    const old = this.#channel;
    if (!old.lost.aborted) return old;
    this.#channel = await Channel.open(old.address, { signal });
    await old[Symbol.asyncDispose]();
    return this.#channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#builds].map((build) => build[Symbol.asyncDispose]()));
    await this.#channel[Symbol.asyncDispose]();
  }
}

/** Names what the context holds and cannot be read, before anything runs; a step that needs it fails by name. */
async function warnOfUnreadable(
  request: BuildRequest,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<void> {
  try {
    const ignore = await readIgnore(buildFiles(request));
    for (const { path, reason } of await checkContext(request.context, ignore, { signal })) {
      const text = `context file ${JSON.stringify(path)} cannot be read: ${reason}; a step that copies it will fail`;
      onProgress({ kind: "warning", vertex: undefined, text, ranges: [] });
    }
  } catch (error) {
    // The session meets the same obstacle and reports it as the build's failure.
    if (!(error instanceof BktuiError)) throw error;
  }
}

/** `Control.Info` exists since BuildKit 0.11; embedded ones may answer "v0.0.0+unknown-moby" (dockerd 28.5). */
async function buildkitVersion(channel: Channel, signal: AbortSignal): Promise<string | undefined> {
  try {
    const info = await channel.unary(control.info, {}, { signal, deadlineMs: INFO_DEADLINE_MS });
    const version = info.buildkitVersion?.version ?? "";
    return version === "" || version.includes("unknown") ? undefined : version.replace(/^v/, "");
  } catch (error) {
    if (error instanceof RpcError && error.grpcCode === grpcCode.unimplemented) return undefined;
    if (error instanceof RpcError && error.grpcCode === grpcCode.deadline) {
      throw new BktuiError(
        "engine-unreachable",
        `the engine at ${channel.address.text} accepts connections but does not answer`,
        {
          cause: error,
          hint: "is it suspended or overloaded? bktui doctor tells what it finds",
        },
      );
    }
    throw error;
  }
}
