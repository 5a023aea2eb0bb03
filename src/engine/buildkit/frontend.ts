/** Questions to the Dockerfile frontend: the definition of the request, and of a place in the Dockerfile. */
import type { pb } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { syntaxImage } from "../../graph/dockerfile-text.ts";
import { type Graph, type Line, lineOf } from "../../graph/graph.ts";
import { lineOfReference } from "../../graph/registries.ts";
import { decodeDefinition } from "../../protocol/llb.ts";
import type { BuildRequest } from "../build-request.ts";
import { contextDirectory, frontendImage, readSource, sourceName } from "../build-sources.ts";
import { type CredentialsAsked, FrontendFailed } from "../failures.ts";
import { frontendFailure } from "./failure.ts";
import { FRONTEND, frontendName, frontendOptions } from "./frontend-options.ts";
import type { FrontendResult, GatewayBuild } from "./gateway-build.ts";
import { fileDefinition } from "./probe.ts";
import { CONTEXT_NAME, DOCKERFILE_NAME, sourceInputs } from "./source-options.ts";
import { unreadAnswer } from "./unread-answer.ts";

type Signal = { readonly signal: AbortSignal };

/** What a frontend is given besides a request's own options: linked targets. */
export interface FrontendInputs {
  readonly options: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, pb.Definition.$Properties>>;
}

const NO_INPUTS: FrontendInputs = { options: {}, inputs: {} };

/**
 * @param options.extra attributes beside those of the request
 * @param credentials grows while the engine asks for them; goes into the failure
 * @throws {FrontendFailed} when the file, the target or a base image is refused.
 */
export async function askFrontend(
  gateway: GatewayBuild,
  request: BuildRequest,
  {
    signal,
    credentials,
    extra = {},
    given = NO_INPUTS,
  }: Signal & {
    readonly credentials?: readonly CredentialsAsked[];
    readonly extra?: Readonly<Record<string, string>>;
    readonly given?: FrontendInputs;
  },
): Promise<FrontendResult> {
  try {
    const options = { ...frontendOptions(request), ...given.options };
    const caps = [options["frontend.caps"], extra["frontend.caps"]].filter((each) => each !== undefined);
    const all = { ...options, ...extra, ...(caps.length === 0 ? {} : { "frontend.caps": caps.join(",") }) };
    const inputs = { ...sourceInputs(request), ...given.inputs };
    return await gateway.solveFrontend(frontendName(request), all, inputs, { signal });
  } catch (error) {
    const failure = frontendFailure(error, [...(credentials ?? [])], await otherFrontend(request));
    throw (await unreadAnswer(error, request)) ?? (await placed(failure, request));
  }
}

/** BuildKit (to 0.32) names no line for an image that a mount is from, nor for a number that is no stage's. */
async function placed(failure: unknown, request: BuildRequest): Promise<unknown> {
  if (!(failure instanceof FrontendFailed) || failure.ranges.length > 0) return failure;
  const told = toldLine(failure.message, sourceName(request));
  if (told !== undefined) return failure.at({ source: 0, start: told, end: told });
  const [, image, number] =
    /^(\S+): failed to resolve source metadata for |^invalid stage index (\d+)$/.exec(failure.message) ?? [];
  const reference = image ?? number;
  if (reference === undefined) return failure;
  // A file that has gone meanwhile leaves the failure as it is.
  const text = (await readSource(request)) ?? failure.text ?? "";
  const found = lineOfReference(text, reference, request.buildArgs);
  return found === undefined ? failure : failure.at({ source: 0, start: found.start, end: found.end });
}

/** `plan.json:8: …`, as a frontend says it to an engine that passes nothing but words on (BuildKit 0.8). */
function toldLine(message: string, name: string): Line | undefined {
  const line = message.startsWith(`${name}:`)
    ? /^:(\d{1,7})\b/.exec(message.slice(name.length))?.[1]
    : undefined;
  return line === undefined || Number(line) === 0 ? undefined : lineOf(Number(line));
}

/** The frontend that is not the engine's own; undefined when it is. */
async function otherFrontend(request: BuildRequest): Promise<string | undefined> {
  const { source, buildArgs } = request;
  if (source.kind === "frontend") return frontendImage(source);
  return buildArgs["BUILDKIT_SYNTAX"] ?? syntaxImage((await readSource(request)) ?? "");
}

/** The definition of another Dockerfile text under the same options; its last stage is the target. */
export async function askAboutText(
  gateway: GatewayBuild,
  text: string,
  request: BuildRequest,
  { signal, given = NO_INPUTS }: Signal & { readonly given?: FrontendInputs },
): Promise<Graph> {
  const {
    [CONTEXT_NAME]: _elsewhere,
    dockerfilekey: _local,
    ...options
  } = { ...frontendOptions({ ...request, target: undefined }), ...given.options };
  const file = fileDefinition(sourceName(request), text);
  const inputs = {
    ...given.inputs,
    [DOCKERFILE_NAME]: file,
    // With a context from elsewhere the frontend takes no other Dockerfile (BuildKit 0.8 to 0.32); what is in it does not matter here.
    ...(contextDirectory(request) === undefined ? { [CONTEXT_NAME]: file } : {}),
  };
  const result = await gateway.solveFrontend(
    FRONTEND,
    { ...options, filename: sourceName(request) },
    inputs,
    { signal },
  );
  return decodeDefinition(definitionOf(result));
}

/**
 * An empty definition stands for an empty result (`FROM scratch` alone). The answer may be one of several platforms that
 * has one only (`--build-arg BUILDKIT_MULTI_PLATFORM=true`, BuildKit 0.8 to 0.32).
 * @throws {BktuiError} "engine" for several platforms, where one was asked for.
 */
export function definitionOf(result: FrontendResult): pb.Definition.$Shape {
  const [first, ...others] = definitionsOf(result);
  if (others.length === 0) return first.definition;
  const names = [first, ...others].map(({ platform = "" }) => visibleLine(platform)).join(", ");
  throw new BktuiError("engine", `the frontend answered with several platforms (${names})`);
}

export interface PlatformDefinition {
  /** The key of its reference; undefined for an answer without platforms. */
  readonly platform: string | undefined;
  readonly definition: pb.Definition.$Shape;
}

/** One for each platform, in the order in which they were asked for. */
export function definitionsOf({
  ref,
  refs,
  metadata,
}: FrontendResult): readonly [PlatformDefinition, ...PlatformDefinition[]] {
  const answered = refs?.refs ?? {};
  const asked = platformsIn(metadata?.["refs.platforms"]).filter((name) => Object.hasOwn(answered, name));
  const names = [...new Set([...asked, ...Object.keys(answered).sort()])];
  const [first, ...others] = names.map((platform) => ({
    platform,
    definition: answered[platform]?.def ?? {},
  }));
  return first === undefined ? [{ platform: undefined, definition: ref?.def ?? {} }] : [first, ...others];
}

/** `{"Platforms":[{"ID":"linux/amd64",…},…]}`; what cannot be read has no order to tell. */
function platformsIn(bytes: Uint8Array | undefined): readonly string[] {
  try {
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const list = Object(read)["Platforms"];
    const ids = (Array.isArray(list) ? list : []).map((each: unknown) => Object(each)["ID"]);
    return ids.filter((id) => typeof id === "string");
  } catch {
    return [];
  }
}
