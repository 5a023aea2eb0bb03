/** Which exporters make the requested outputs on this engine, and where each one's result goes. */
import type { moby } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { goBoolean } from "../../base/go-boolean.ts";
import type { BuildRequest } from "../build-request.ts";
import type { EngineInfo } from "../engine.ts";
import type { OutputSpec } from "../outputs.ts";
import { frontendOptions } from "./frontend-options.ts";

export interface Exporter {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What becomes of an exporter's result. */
export type Delivery =
  /** In the engine, or pushed by it. */
  | { readonly kind: "engine" }
  /** `mirror`: what is there and not sent goes. */
  | { readonly kind: "directory"; readonly path: string; readonly mirror: boolean }
  /** `path`: "-" for standard output. */
  | { readonly kind: "file"; readonly path: string }
  /** An OCI layout, written blob by blob. */
  | { readonly kind: "layout"; readonly path: string }
  /** Sent as a stream that the docker of this context loads; undefined = the docker of the builder. */
  | { readonly kind: "load"; readonly context: string | undefined };

export interface PlannedOutput {
  readonly exporter: Exporter;
  readonly delivery: Delivery;
  /** What the image is called; perhaps nothing. */
  readonly names: readonly string[];
  /** The engine or, when that cannot, docker pushes it. */
  readonly push: "no" | "engine" | "docker";
}

export interface OutputPlan {
  readonly outputs: readonly PlannedOutput[];
  /** Attributes of the outer solve: exporters and attestations read them there. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What an engine can do for outputs, as it says itself. */
export interface OutputAbilities {
  readonly isDockerd: boolean;
  /** A builder of buildx with the driver option default-load: what it makes goes into a docker. */
  readonly loads?: boolean | undefined;
  /** A store for images of several manifests: always in a buildkitd, and in a dockerd with containerd's store. */
  readonly hasImageStore: boolean;
  /** BuildKit >= 0.13. */
  readonly makesSeveral: boolean;
  /** BuildKit >= 0.11. */
  readonly attests: boolean;
}

const NO_OUTPUTS: OutputPlan = { outputs: [], attributes: {} };
const BY_DEFAULT = "mode=min,inline-only=true";
const STORE_HINT =
  "switch dockerd to the containerd image store (bktui's own: bktui engine start --containerd-store), or use another builder, e.g. a buildkitd with --addr";

export function outputAbilities(
  { kind }: Pick<EngineInfo, "kind">,
  pong: moby.buildkit.v1.frontend.PongResponse.$Shape,
): OutputAbilities {
  const enabled = new Set((pong.LLBCaps ?? []).flatMap(({ ID, Enabled }) => (Enabled === true && ID) || []));
  const labels = (pong.Workers ?? []).flatMap(({ Labels }) => Object.keys(Labels ?? {}));
  return {
    isDockerd: kind === "dockerd",
    hasImageStore: kind === "buildkitd" || labels.includes("org.mobyproject.buildkit.worker.snapshotter"),
    makesSeveral: enabled.has("exporter.multiple"),
    attests: enabled.has("exporter.image.attestations"),
  };
}

/** Whether anything is to be made when the target is reached. */
export function wantsOutputs(request: BuildRequest): boolean {
  const { outputs = [], push = false, load } = request;
  return load || push || outputs.length > 0 || wantsImage(request);
}

/** An image by what is asked about it: its name, or what became of it. */
function wantsImage({ tags, iidFile, metadataFile }: BuildRequest): boolean {
  return tags.length > 0 || iidFile !== undefined || metadataFile !== undefined;
}

/** Names of images that an output is pushed under, as far as that can be told beforehand. */
export function pushedNames({ outputs = [], push = false, tags }: BuildRequest): readonly string[] {
  const pushed = outputs.filter(
    ({ type, attributes }) => type === "registry" || (type === "image" && (push || isOn(attributes["push"]))),
  );
  if (!push && pushed.length === 0) return [];
  return [...tags, ...pushed.flatMap(({ attributes }) => namesOf(attributes))].filter(
    (name) => !/\s/.test(name),
  );
}

/**
 * The outputs as `docker buildx build` (0.37) makes them on the same engine, but nothing is made that was not asked for:
 * a name (`-t`) or `--iidfile` alone puts the image into a dockerd's store, also that of a builder which loads by default. Checked on dockerd 20.10 and 28.5 with both stores.
 * @throws {BktuiError} "bad-request" for what docker refuses, "unsupported" for what this engine cannot make.
 */
export function planOutputs(request: BuildRequest, abilities: OutputAbilities): OutputPlan {
  // As docker does, also where nothing is made.
  checkPlatforms(request, abilities);
  const attestations = attestationAttributes(request, abilities);
  if (!wantsOutputs(request)) return NO_OUTPUTS;
  const wanted = named(withFlags(request, abilities), request).filter(({ type }) => type !== "cacheonly");
  if (wanted.length === 0) return NO_OUTPUTS;
  if (wanted.length > 1 && !abilities.makesSeveral) {
    throw new BktuiError("unsupported", "this engine makes one output in a build (BuildKit before 0.13)", {
      hint: "ask for one of them, and for the others in further runs, which find everything in the cache",
    });
  }
  if (wanted.filter(isLayout).length > 1)
    throw new BktuiError(
      "bad-request",
      'oci store key "export" already exists: one output can have tar=false',
      {
        hint: "make the others as tars, or in further runs",
      },
    );
  checkAnnotations(wanted, request, abilities);
  const outputs = wanted.map((spec) => planned(spec, request, abilities));
  return { outputs, attributes: { ...frontendOptions(request), ...attestations } };
}

/** `--push` and `--load` among the outputs, or instead of any. */
function withFlags(request: BuildRequest, { isDockerd, loads }: OutputAbilities): readonly OutputSpec[] {
  const { outputs = [], push = false, load } = request;
  const specs = outputs.map((spec) =>
    spec.type === "registry" || (push && spec.type === "image") ? pushing(spec) : spec,
  );
  if (push && !outputs.some(({ type }) => type === "image" || type === "registry"))
    specs.push(pushing(plain("image")));
  if (load && !outputs.some(({ type }) => type === "docker")) specs.push(plain("docker"));
  if (specs.length > 0 || !wantsImage(request) || request.noDefaultLoad === true) return specs;
  if (isDockerd) return [plain("image")];
  return loads === true ? [plain("docker")] : [];
}

function plain(type: string): OutputSpec {
  return { type, dest: undefined, attributes: {} };
}

/** What is only pushed need not be unpacked. */
function pushing({ attributes, ...spec }: OutputSpec): OutputSpec {
  return { ...spec, type: "image", attributes: { unpack: "false", ...attributes, push: "true" } };
}

const IMAGE_TYPES: readonly string[] = ["image", "oci", "docker"];

function named(
  specs: readonly OutputSpec[],
  { tags, annotations = {} }: BuildRequest,
): readonly OutputSpec[] {
  return specs.map((spec) => {
    const attributes = { ...spec.attributes, ...annotations };
    if (tags.length > 0)
      return IMAGE_TYPES.includes(spec.type)
        ? { ...spec, attributes: { ...attributes, name: tags.join(",") } }
        : { ...spec, attributes };
    if (spec.type === "image" && isOn(attributes["push"]) && (attributes["name"] ?? "") === "")
      throw new BktuiError("bad-request", "tag is needed when pushing to registry", {
        hint: "name the image with -t HOST/NAME:TAG",
      });
    return { ...spec, attributes };
  });
}

function planned(spec: OutputSpec, request: BuildRequest, abilities: OutputAbilities): PlannedOutput {
  const { type, dest, attributes } = spec;
  switch (type) {
    case "local":
      return {
        exporter: { type, attributes },
        delivery: { kind: "directory", path: needed(dest, type), mirror: isMirror(attributes) },
        names: [],
        push: "no",
      };
    case "tar":
      return {
        exporter: { type, attributes },
        delivery: { kind: "file", path: dest ?? "-" },
        names: [],
        push: "no",
      };
    case "oci":
    case "docker":
      if (type === "docker" && isLayout(spec))
        throw new BktuiError("bad-request", "output directory is not supported by docker exporter", {
          hint: "write -o type=oci,tar=false, or leave tar=false out",
        });
      if (type === "docker" && dest === undefined && (spec.isPiped !== true || abilities.isDockerd))
        return loaded(spec, request, abilities);
      return streamed(spec, request, abilities);
    default:
      return kept(spec, request, abilities);
  }
}

/** An image as a tar. */
function streamed(
  { type, dest, attributes }: OutputSpec,
  request: BuildRequest,
  abilities: OutputAbilities,
): PlannedOutput {
  if (!abilities.hasImageStore)
    throw new BktuiError(
      "unsupported",
      `${type === "oci" ? "OCI" : "Docker"} exporter is not supported for the docker driver`,
      {
        hint: STORE_HINT,
      },
    );
  const asked = (request.attests ?? []).some(({ record }) => record !== undefined);
  if (type === "docker" && (asked || hasSeveral(request)))
    throw new BktuiError(
      "bad-request",
      "docker exporter does not support exporting manifest lists, use the oci exporter instead",
      { hint: "write -o type=oci, or leave the attestations out" },
    );
  return {
    exporter: { type, attributes: withArtifacts(attributes, type === "oci", request, abilities) },
    delivery: isLayout({ type, attributes })
      ? { kind: "layout", path: needed(dest, type) }
      : { kind: "file", path: dest ?? "-" },
    names: namesOf(attributes),
    push: "no",
  };
}

/** Into the store of a docker: its own for a dockerd. */
function loaded(spec: OutputSpec, request: BuildRequest, abilities: OutputAbilities): PlannedOutput {
  if (abilities.isDockerd) return kept({ ...spec, type: "image" }, request, abilities);
  const { context, ...attributes } = spec.attributes;
  return {
    exporter: { type: "docker", attributes },
    delivery: { kind: "load", context },
    names: namesOf(attributes),
    push: "no",
  };
}

function kept(spec: OutputSpec, request: BuildRequest, abilities: OutputAbilities): PlannedOutput {
  const { type } = spec;
  const attributes = withArtifacts(spec.attributes, true, request, abilities);
  const push = isOn(attributes["push"]);
  const names = namesOf(attributes);
  if (!abilities.isDockerd || type !== "image")
    return {
      exporter: { type, attributes },
      delivery: { kind: "engine" },
      names,
      push: push ? "engine" : "no",
    };
  if (push && isOn(attributes["push-by-digest"]))
    throw new BktuiError("unsupported", "push-by-digest is currently not implemented for docker driver", {
      hint: "leave push-by-digest out, or use another builder",
    });
  return {
    exporter: {
      type: "moby",
      attributes: abilities.hasImageStore ? { ...attributes, "prefer-image-digest": "true" } : attributes,
    },
    delivery: { kind: "engine" },
    names,
    push: push ? (abilities.hasImageStore ? "engine" : "docker") : "no",
  };
}

function withArtifacts(
  attributes: Readonly<Record<string, string>>,
  canHave: boolean,
  { noOciArtifact = false, buildArgs }: BuildRequest,
  { attests, hasImageStore }: OutputAbilities,
): Readonly<Record<string, string>> {
  const info = buildArgs["BUILDKIT_INLINE_BUILDINFO_ATTRS"];
  return {
    ...(canHave && noOciArtifact && attests && hasImageStore ? { "oci-artifact": "false" } : {}),
    ...attributes,
    ...(info === undefined ? {} : { "buildinfo-attrs": info }),
  };
}

function checkPlatforms(request: BuildRequest, { hasImageStore }: OutputAbilities): void {
  if (!hasSeveral(request) || hasImageStore) return;
  throw new BktuiError("unsupported", "Multi-platform build is not supported for the docker driver", {
    hint: `build for one of them, or ${STORE_HINT}`,
  });
}

export function hasSeveral({ platform = "" }: Pick<BuildRequest, "platform">): boolean {
  return platform.includes(",");
}

/** What buildx asks of the engine: what was wanted, and a little provenance by default. */
function attestationAttributes(
  { attests = [] }: BuildRequest,
  { attests: can, hasImageStore }: OutputAbilities,
): Readonly<Record<string, string>> {
  // The first one of a type counts.
  const byType = new Map([...attests].reverse().map(({ type, record }) => [type, record]));
  const attributes: Record<string, string> = {};
  for (const [type, record] of byType) if (record !== undefined) attributes[`attest:${type}`] = record;
  const supported = can && hasImageStore;
  if (!supported && Object.keys(attributes).length > 0) {
    throw hasImageStore
      ? new BktuiError("unsupported", "Attestations are not supported by the current BuildKit daemon", {
          hint: "leave --provenance, --sbom and --attest out, or use a BuildKit since 0.11",
        })
      : new BktuiError("unsupported", "Attestation is not supported for the docker driver", {
          hint: STORE_HINT,
        });
  }
  if (supported && !byType.has("provenance")) attributes["attest:provenance"] = BY_DEFAULT;
  return attributes;
}

function checkAnnotations(
  specs: readonly OutputSpec[],
  { annotations = {} }: BuildRequest,
  { isDockerd, hasImageStore }: OutputAbilities,
): void {
  if (!isDockerd || hasImageStore || !specs.some(({ type }) => type === "image" || type === "docker")) return;
  if (Object.keys(annotations).some((key) => key.startsWith("annotation-index")))
    throw new BktuiError("bad-request", "index annotations not supported for single platform export", {
      hint: "annotate the manifest: --annotation manifest:KEY=VALUE",
    });
}

function namesOf({ name = "" }: Readonly<Record<string, string>>): readonly string[] {
  return name === "" ? [] : name.split(",");
}

function isMirror({ mode = "" }: Readonly<Record<string, string>>): boolean {
  return mode.trim().toLowerCase() === "delete";
}

function needed(dest: string | undefined, type: string): string {
  if (dest !== undefined) return dest;
  throw new BktuiError("bad-request", `dest is required for ${type} exporter`, {
    hint: `write -o type=${type},dest=DIRECTORY`,
  });
}

/** Written into a directory instead of sent as a tar. */
function isLayout({ type, attributes }: Pick<OutputSpec, "type" | "attributes">): boolean {
  return (type === "oci" || type === "docker") && goBoolean(attributes["tar"] ?? "") === false;
}

/** Whether the engine has to write blobs here; it knows one place for them. */
export function wantsLayout({ outputs = [] }: BuildRequest): boolean {
  return outputs.some(isLayout);
}

function isOn(text = ""): boolean {
  return goBoolean(text) === true;
}
