/** One connection to an engine, and what is known of the engine at its other end. */
import { BktuiError } from "../../base/errors.ts";
import { control } from "../../protocol/methods.ts";
import type { Address } from "../../transport/address.ts";
import { Channel } from "../../transport/channel.ts";
import { dockerVersion } from "../../transport/docker-version.ts";
import { grpcCode, RpcError } from "../../transport/rpc-error.ts";
import type { EngineInfo } from "../engine.ts";
import { answersWithin, Pulse } from "./pulse.ts";

/** How long the engine may take to say who it is. */
const INFO_DEADLINE_MS = 10_000;

/** An engine, and where the choice of it came from, for Info and the first row. */
export interface Place {
  readonly address: Address;
  readonly origin: string;
}

/** The caller disposes the channel. */
export interface Connection {
  readonly channel: Channel;
  readonly info: EngineInfo;
  readonly pulse: Pulse;
}

/** @throws {BktuiError} "engine-unreachable" with the reason in words. */
export async function openConnection(
  { address, origin }: Place,
  { signal }: { readonly signal: AbortSignal },
): Promise<Connection> {
  const channel = await Channel.open(address, { signal });
  try {
    const [docker, buildkit] = await Promise.all([
      channel.dockerVersion ?? dockerVersion(address, { signal }),
      buildkitVersion(channel, signal),
    ]);
    const version = docker ?? buildkit;
    const info: EngineInfo = { kind: address.kind, version, address: address.text, origin };
    return { channel, info, pulse: new Pulse((deadlineMs) => answersWithin(channel, deadlineMs)) };
  } catch (error) {
    await channel[Symbol.asyncDispose]();
    throw error;
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
