/** What the engine's record of a build says of how it was built. */
import type { moby } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { content, control } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";

type Descriptor = moby.buildkit.v1.Descriptor.$Shape;
type Json = Readonly<Record<string, unknown>>;

/** How much of it docker's client puts into `--metadata-file`; "min" leaves out the steps and the times. */
export type ProvenanceMode = "min" | "max" | "disabled";

const STATEMENT = "application/vnd.in-toto+json";
const PREDICATE = /^https:\/\/slsa\.dev\/provenance\/v(\d)/;
const BUILD_TYPE = "https://mobyproject.org/buildkit@v1";

/** `BUILDX_METADATA_PROVENANCE`; "min" where it says nothing. */
export function provenanceMode(text = ""): ProvenanceMode {
  if (text === "max") return "max";
  return /^(disabled|0|f|F|false|FALSE|False)$/.test(text) ? "disabled" : "min";
}

/**
 * Provenance as docker's client tells it, in its older form (SLSA 0.2), by the keys of `--metadata-file`; JSON in base64.
 * Empty where the engine keeps no records or cannot be asked: nothing that was made depends on it.
 */
export async function recordedProvenance(
  channel: Channel,
  ref: string,
  { mode, signal }: { readonly mode: ProvenanceMode; readonly signal: AbortSignal },
): Promise<Readonly<Record<string, string>>> {
  if (mode === "disabled") return {};
  const found: Record<string, string> = {};
  try {
    const events = channel.serverStream(
      control.listenBuildHistory,
      { Ref: ref, EarlyExit: true },
      { signal },
    );
    for await (const { record } of events) {
      const byPlatform = Object.entries(record?.Results ?? {});
      // Of several platforms an image has a result of its own, which buildx takes then; it has no provenance.
      const results =
        byPlatform.length > 0 && !record?.Result
          ? byPlatform.map(([platform, result]) => [`buildx.build.provenance/${platform}`, result] as const)
          : [["buildx.build.provenance", record?.Result] as const];
      for (const [key, result] of results) {
        const text = await provenanceOf(channel, result?.Attestations ?? [], { mode, signal });
        if (text !== undefined) found[key] = Buffer.from(text).toString("base64");
      }
    }
  } catch (error) {
    if (!(error instanceof BktuiError) || error.code === "cancelled") throw error;
  }
  return found;
}

async function provenanceOf(
  channel: Channel,
  attestations: readonly Descriptor[],
  { mode, signal }: { readonly mode: ProvenanceMode; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const kindOf = ({ annotations }: Descriptor): string => annotations?.["in-toto.io/predicate-type"] ?? "";
  const blob = attestations.find((each) => each.mediaType === STATEMENT && PREDICATE.test(kindOf(each)));
  if (blob === undefined) return undefined;
  const predicate: unknown = JSON.parse(await read(channel, blob.digest ?? "", signal));
  if (!isJson(predicate)) return undefined;
  const older = PREDICATE.exec(kindOf(blob))?.[1] === "0" ? predicate : olderForm(predicate);
  const { buildConfig: _config, metadata: _metadata, ...rest } = older;
  return JSON.stringify(mode === "max" ? older : rest);
}

async function read(channel: Channel, digest: string, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const { data } of channel.serverStream(content.read, { digest }, { signal })) {
    bytes += data?.length ?? 0;
    if (bytes > limits.messageBytes) throw new BktuiError("engine", "the record of the build is too large");
    if (data !== undefined && data !== null) parts.push(Uint8Array.from(data));
  }
  return Buffer.concat(parts).toString("utf8");
}

/** SLSA 1 (BuildKit >= 0.31) as 0.2. */
function olderForm(predicate: Json): Json {
  const definition = part(predicate, "buildDefinition");
  const [external, internal] = [
    part(definition, "externalParameters"),
    part(definition, "internalParameters"),
  ];
  const details = part(predicate, "runDetails");
  const { uri, digest, path } = part(external, "configSource");
  const { builderPlatform, buildConfig, dockerfileVersion } = internal;
  const dependencies = definition["resolvedDependencies"];
  return {
    builder: part(details, "builder"),
    buildType: BUILD_TYPE,
    ...(Array.isArray(dependencies)
      ? {
          materials: dependencies
            .filter(isJson)
            .map((each) => ({ uri: each["uri"], digest: each["digest"] })),
        }
      : {}),
    invocation: {
      configSource: { uri, digest, entryPoint: path },
      parameters: part(external, "request"),
      environment: { platform: builderPlatform, dockerfileVersion },
    },
    buildConfig,
    metadata: details["metadata"],
  };
}

function part(json: Json, key: string): Json {
  const value = json[key];
  return isJson(value) ? value : {};
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
