/** What a build is to make of its target, as it was asked for, and what was made. Types only. */

/** One `-o`. */
export interface OutputSpec {
  /** As typed: local, tar, oci, docker, image, registry, cacheonly, moby. */
  readonly type: string;
  /** Absolute path; "-" is standard output; undefined = none was given. */
  readonly dest: string | undefined;
  /** Keys in lower case, without `type` and `dest`; values as typed. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Of an image for docker without `dest`: a pipe waits for it, unless the engine is docker itself. */
  readonly isPiped?: true;
}

/** One `--attest`, `--provenance` or `--sbom`. */
export interface Attest {
  /** E.g. "provenance" or "sbom". */
  readonly type: string;
  /** Its attributes as one record, "type=provenance,mode=max"; undefined = none of that type, not even by default. */
  readonly record: string | undefined;
}

/** What is to be made of the target beside what `tags` and `load` ask for; plain data. */
export interface OutputRequest {
  /** In the order of the command line; none = what `tags` and `load` ask for. */
  readonly outputs: readonly OutputSpec[];
  /** `--push`. */
  readonly push: boolean;
  /** By attribute of the exporters, e.g. "annotation-index.org.opencontainers.image.title". */
  readonly annotations: Readonly<Record<string, string>>;
  /** Of several of a type the first one counts. */
  readonly attests: readonly Attest[];
  /** `BUILDX_NO_DEFAULT_OCI_ARTIFACT`: attestations are stored the older way unless an output says otherwise. */
  readonly noOciArtifact: boolean;
  /** `BUILDX_NO_DEFAULT_LOAD`: a name alone puts the image nowhere. */
  readonly noDefaultLoad: boolean;
  /** Absolute path of a file that gets the image's id. */
  readonly iidFile: string;
  /** Absolute path of a file that gets what the exporters answered, as JSON. */
  readonly metadataFile: string;
  /** Of a target of a bake file: it stands there under its name, beside others that are made already. */
  readonly metadataOf: { readonly target: string; readonly others: Readonly<Record<string, unknown>> };
}

/** One thing that was made. */
export type MadeOutput =
  /** `files`: entries of every kind, `bytes`: their content. */
  | { readonly kind: "directory"; readonly path: string; readonly files: number; readonly bytes: number }
  /** `path`: "-" for standard output. */
  | { readonly kind: "file"; readonly path: string; readonly bytes: number }
  /** An image in an OCI layout. */
  | { readonly kind: "layout"; readonly path: string; readonly names: readonly string[] }
  /** In the store of a docker, under these names (perhaps none). */
  | { readonly kind: "loaded"; readonly names: readonly string[] }
  | { readonly kind: "pushed"; readonly names: readonly string[] }
  /** In the engine's own image store. */
  | { readonly kind: "stored"; readonly names: readonly string[] };

export interface Made {
  /** `sha256:…`; undefined when no image was asked for. */
  readonly imageId: string | undefined;
  readonly outputs: readonly MadeOutput[];
}

/** What is to be made of a state, and how it runs as an image. */
export interface StateOrder {
  /** At least one. */
  readonly outputs: readonly OutputSpec[];
  /** Of images whose output names none. */
  readonly name: string;
  readonly image: StateImage;
  /** Files and tags that are there already may be replaced. */
  readonly force: boolean;
  /** Also when the value of a secret is found in it. */
  readonly withSecrets: boolean;
}

export interface StateImage {
  /** As written; "" = root. */
  readonly user: string;
  readonly directory: string;
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** Program and arguments that the image starts. */
  readonly entrypoint: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The instruction, for the image's history; untrusted text. */
  readonly instruction: string;
  /** What runs the step's command once more in a shell of the image; undefined = it has none. Untrusted text of one line. */
  readonly command: string | undefined;
}

export interface StateMade extends Made {
  /** What of the state is not in what was made, and what else must be said of it; untrusted text. */
  readonly notes: readonly string[];
}
