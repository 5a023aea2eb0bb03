/** What a build is asked for: sources, values, and what is to be made of it. */
import type { NamedContext, Sourced } from "./build-sources.ts";
import type { OutputRequest } from "./outputs.ts";

export interface SecretSource {
  readonly id: string;
  /** `isDefault`: its id alone was given. */
  readonly from:
    | { readonly kind: "file"; readonly path: string; readonly isDefault?: true }
    /** `beside`: a file that was named as well; it does not count, but must be there. */
    | { readonly kind: "env"; readonly name: string; readonly isDefault?: true; readonly beside?: string };
}

export interface SshSource {
  readonly id: string;
  /** Absolute: of an agent's socket, or of one or more private keys. */
  readonly paths: readonly string[];
}

/** Where a cache is taken from or put to. Attributes may hold secrets that were typed: they are never shown. */
export interface CacheEntry {
  /** E.g. "registry", "local", "inline", "gha", "s3", "azblob"; the engine knows which there are. */
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A value that no option said, but what is around the build. */
export interface TakenValue {
  /** E.g. "SOURCE_DATE_EPOCH". */
  readonly name: string;
  /** With what may be a secret masked; untrusted text. */
  readonly value: string;
  /** E.g. "the environment", or a file. */
  readonly from: string;
}

/** What to build; plain data, no secret values in it. */
export interface BuildRequest extends Sourced, Partial<OutputRequest> {
  readonly contexts: readonly NamedContext[];
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** For the frontend of a Dockerfile, as given: what no other field has; another source has them itself. */
  readonly frontendOptions?: Readonly<Record<string, string>> | undefined;
  readonly secrets: readonly SecretSource[];
  readonly ssh: readonly SshSource[];
  readonly noCache: boolean;
  /** Stages whose steps are run again. */
  readonly noCacheStages: readonly string[];
  readonly pull: boolean;
  /** Images that the engine has count before their registry is asked: docker's way with a dockerd; set by the engine. */
  readonly ownImages?: boolean;
  /** `os/arch[/variant]`, of several one behind a comma each; undefined = the engine's own. */
  readonly platform: string | undefined;
  readonly network: string | undefined;
  /** `host:ip`, or `host:host-gateway` for the machine that the engine runs on. */
  readonly addHosts: readonly string[];
  /** `name=soft[:hard]`, as docker writes them. */
  readonly ulimits: readonly string[];
  /** Bytes of /dev/shm in RUN steps; undefined = the engine's own size. */
  readonly shmSize: number | undefined;
  /** Parent of the cgroups of RUN steps. */
  readonly cgroupParent: string | undefined;
  /** Limits of RUN steps by the frontend's names, e.g. "memory" in bytes (BuildKit 0.31); older engines ignore them. */
  readonly resources: Readonly<Record<string, string>>;
  /** Entitlements, e.g. "network.host". */
  readonly allow: readonly string[];
  readonly tags: readonly string[];
  /** Put the image into the docker store when the target is reached. */
  readonly load: boolean;
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  /** Absolute path of a source policy: which sources may be used, and what stands in their place. */
  readonly sourcePolicy?: string | undefined;
  /** What git says of the context, for the provenance; by the frontend's names. */
  readonly vcs?: Readonly<Record<string, string>> | undefined;
  /** What of all this was not asked for by options. */
  readonly taken?: readonly TakenValue[] | undefined;
  /** Builds whose results named contexts take (`target:NAME`), each behind those that it takes itself; they have none of their own. */
  readonly linked?: readonly LinkedTarget[] | undefined;
  /** Image for the debug root (`ContainerOptions.debugRoot`); undefined = a busybox of this machine. */
  readonly debugImage: string | undefined;
}

/** A target of a bake file that another one is built from, in the same session. */
export interface LinkedTarget {
  readonly name: string;
  /** Its secrets and ssh agents are among those of the build that it belongs to. */
  readonly request: BuildRequest;
}
