/** A build graph as plain values: vertices, edges, what each op does. Types, and one brand. */
declare const digestBrand: unique symbol;
declare const lineBrand: unique symbol;

/** `sha256:` and 64 hex digits, of an op's bytes exactly as received. Never computed from a re-encoded op. */
export type Digest = string & { readonly [digestBrand]: true };
/** A line number in a source file, counted from 1, as BuildKit and editors count. */
export type Line = number & { readonly [lineBrand]: true };

/** One output of one vertex. `output` counts from 0. */
export interface Edge {
  readonly vertex: Digest;
  readonly output: number;
}

export interface SourceRange {
  /** Index into `Graph.sources`. */
  readonly source: number;
  readonly start: Line;
  readonly end: Line;
}

export interface SourceFile {
  readonly filename: string;
  /** The text BuildKit read, decoded as UTF-8. */
  readonly text: string;
  readonly language: string;
  /** Of the target of a bake file that this build is made from; undefined = the build's own. */
  readonly target?: string | undefined;
}

export type OpKind = "exec" | "file" | "source" | "build" | "merge" | "diff" | "passthrough" | "unknown";
export type MountKind = "bind" | "secret" | "ssh" | "cache" | "tmpfs";

/** One mount of an exec op. */
export interface Mount {
  /** Index into the vertex's inputs; undefined when the mount takes no input (decided by kind, BuildKit 0.8 sends 0 there). */
  readonly input: number | undefined;
  readonly selector: string;
  readonly dest: string;
  /** Output of the vertex that this mount becomes; undefined when it becomes none. */
  readonly output: number | undefined;
  readonly readonly: boolean;
  readonly kind: MountKind;
  readonly cache: { readonly id: string; readonly sharing: "shared" | "private" | "locked" } | undefined;
  /** For secret and ssh mounts. `mode` is the permission bits. */
  readonly secret:
    | {
        readonly id: string;
        readonly uid: number;
        readonly gid: number;
        readonly mode: number;
        readonly optional: boolean;
      }
    | undefined;
  /** For tmpfs mounts; bytes, 0 = engine's default. */
  readonly tmpfsSize: number;
}

export type NetworkMode = "unset" | "host" | "none";
export type SecurityMode = "sandbox" | "insecure";

/** What an exec op runs and as whom. */
export interface ExecMeta {
  readonly args: readonly string[];
  /** `NAME=value`, in order; contains the stage's ENV and the visible ARGs. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** As written (`app`, `1000:1000`); "" = root. */
  readonly user: string;
  readonly hostname: string;
  readonly extraHosts: readonly { readonly host: string; readonly ip: string }[];
  /** http_proxy, HTTPS_PROXY ...: `NAME=value` as BuildKit adds them to the process. */
  readonly proxyEnv: readonly string[];
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly network: NetworkMode;
  readonly security: SecurityMode;
  readonly secretEnv: readonly { readonly id: string; readonly name: string; readonly optional: boolean }[];
}

/** What an action of a file op copies: paths from the root of where they are, as the frontend wrote them; untrusted text. */
export interface CopyAction {
  /** E.g. "/src/*.rs". */
  readonly source: string;
  /** Ends with "/" when it names a directory. */
  readonly dest: string;
  /** Index in `inputs` of what is copied from; undefined = the result of an earlier action. */
  readonly from: number | undefined;
  /** The source may be a pattern. */
  readonly wildcard: boolean;
  /** COPY --parents: paths or patterns below the source; empty = the source itself. */
  readonly includes: readonly string[];
  /** ADD: archives are unpacked. */
  readonly unpacks: boolean;
}

/** A line about an op. Texts are untrusted and may have line breaks. */
export interface OpLine {
  /** E.g. "mount". */
  readonly label: string;
  /** In front of the input's name, or all of it. */
  readonly text: string;
  /** Index in `inputs` of what is named behind the text. */
  readonly input?: number | "scratch" | undefined;
  /** Behind the input's name. */
  readonly rest?: string;
}

/** What an op does, in words: a definition without a source is shown by them. */
export interface OpWords {
  /** In lower case: "exec", "copy", "image", "merge", "op 42". */
  readonly verb: string;
  /** What a vertex without a name of its own is called; "" = by its inputs. Untrusted text. */
  readonly object: string;
  /** The name is one that somebody gave it. */
  readonly isNamed: boolean;
  readonly lines: readonly OpLine[];
}

export interface Vertex {
  readonly digest: Digest;
  readonly kind: OpKind;
  readonly inputs: readonly Edge[];
  /** `llb.customname`, e.g. "[build 2/3] RUN make"; untrusted text. */
  readonly name: string;
  /** Raw text of the instruction where the frontend gives it; untrusted text. */
  readonly command: string;
  /** Every place of the source that this vertex stands for; empty for internal vertices. */
  readonly ranges: readonly SourceRange[];
  /** Vertices of one instruction (COPY --link) share it. */
  readonly progressGroup: string | undefined;
  readonly exec: { readonly meta: ExecMeta; readonly mounts: readonly Mount[] } | undefined;
  /**
   * For file ops: per action, index of its input in `inputs` (undefined = scratch or the result of an
   * earlier action) and the output it produces (undefined = none).
   */
  readonly fileActions: readonly {
    readonly input: number | undefined;
    readonly output: number | undefined;
    readonly copy?: CopyAction | undefined;
  }[];
  /** For source ops: `docker-image://…`, `local://…`. */
  readonly identifier: string | undefined;
  /** Output that carries the root file system on to the next instruction. */
  readonly rootOutput: number;
  /** Index in `inputs` of the root file system this vertex works on; undefined = scratch. */
  readonly rootInput: number | undefined;
  /** `os/arch[/variant]` of the op's platform, "" when it names none. */
  readonly platform: string;
  readonly ignoreCache: boolean;
  /** Undefined where a Dockerfile tells what it does. */
  readonly words?: OpWords | undefined;
  /** The op as received; the only thing ever sent back. */
  readonly bytes: Uint8Array;
  /** Encoded `pb.OpMetadata` as received (or empty); sent back unchanged. */
  readonly metadata: Uint8Array;
}

/** A definition as received: vertices in topological order (inputs first). */
export interface Graph {
  readonly vertices: ReadonlyMap<Digest, Vertex>;
  /** What the definition's terminal op names; undefined for an empty result (`FROM scratch` alone). */
  readonly result: Edge | undefined;
  readonly sources: readonly SourceFile[];
  /** What somebody wants to see in place of a definition that has no source: a build plan, say. */
  readonly shown?: Pick<SourceFile, "filename" | "text"> | undefined;
}

export function lineOf(value: number): Line {
  return value as Line;
}
