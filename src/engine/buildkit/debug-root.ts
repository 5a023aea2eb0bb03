/** The debug root: programs from outside of a step's image, to look at its states with. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import type { Edge, Graph } from "../../graph/graph.ts";
import { decodeDefinition } from "../../protocol/llb.ts";
import { localSourceDefinition } from "../../protocol/llb-local.ts";
import type { BuildRequest } from "../build-request.ts";
import { askAboutText } from "./frontend.ts";
import type { RequestSession } from "./request-session.ts";
import type { SolvedEdges } from "./solved-edges.ts";

/** A root file system on this machine. */
export interface RootDirectory {
  /** Absolute. */
  readonly path: string;
  /** Of its programs, as Go names it, e.g. "amd64". */
  readonly architecture: string;
}

interface Signal {
  readonly signal: AbortSignal;
}

/**
 * Finds the programs of this machine, once they are needed.
 * @throws {BktuiError} "unsupported" when there are none.
 */
export type FindRootDirectory = (options: Signal) => Promise<RootDirectory>;

export interface DebugRootParts {
  readonly edges: SolvedEdges;
  readonly request: BuildRequest;
  readonly session: RequestSession;
  /** Architectures that the engine can run; empty when it does not say. */
  readonly architectures: readonly string[];
  readonly find: FindRootDirectory | undefined;
}

/** The name by which the engine asks for the directory, and for nothing else of this machine. */
const LOCAL_NAME = "bktui-debug-root";
const SHOWN_AS = "[internal] load the debug root";

/** The debug root of one build, prepared when it is first asked for. */
export class DebugRoot {
  readonly #parts: DebugRootParts;
  readonly #graphs = new Map<"image" | "directory", Graph>();

  constructor(parts: DebugRootParts) {
    this.#parts = parts;
  }

  /**
   * Makes it exist in the engine, for the build's life. `isStatic`: its programs must run in any place.
   * @throws {BktuiError} "unsupported" when this machine has no programs that the engine could run, "engine" when the
   * image cannot be had, "io", "cancelled".
   */
  async edge({ signal, isStatic }: Signal & { readonly isStatic: boolean }): Promise<Edge> {
    const { edges, request } = this.#parts;
    const image = isStatic ? undefined : request.debugImage;
    const kind = image === undefined ? "directory" : "image";
    const graph = this.#graphs.get(kind) ?? (await this.#define(image, { signal }));
    if (graph.result === undefined) throw noDebugRoot("it is empty", image, undefined);
    this.#graphs.set(kind, graph);
    edges.add(graph);
    try {
      await edges.ref(graph.result, { signal });
    } catch (error) {
      throw failed(error, image);
    }
    return graph.result;
  }

  async #define(image: string | undefined, { signal }: Signal): Promise<Graph> {
    const { edges, request, session } = this.#parts;
    if (image === undefined) {
      session.directories.set(LOCAL_NAME, (await this.#find({ signal })).path);
      const local = { name: LOCAL_NAME, session: session.session.id, shownAs: SHOWN_AS };
      return decodeDefinition(localSourceDefinition(local));
    }
    // The frontend knows how a short name is read, and asks the registry.
    const own = { ...request, platform: undefined, buildArgs: {}, pull: false };
    try {
      return await askAboutText(edges.gateway, `FROM ${image}\n`, own, { signal });
    } catch (error) {
      throw failed(error, image);
    }
  }

  async #find({ signal }: Signal): Promise<RootDirectory> {
    const { find, architectures } = this.#parts;
    if (find === undefined) throw noDebugRoot("no programs were given for it", undefined, undefined);
    const directory = await find({ signal });
    if (architectures.length > 0 && !architectures.includes(directory.architecture)) {
      const why = `the busybox of this machine is for ${directory.architecture}, the engine runs ${architectures.join(", ")}`;
      throw new BktuiError("unsupported", `there is no debug root: ${why}`, { hint: NAME_AN_IMAGE });
    }
    return directory;
  }
}

const NAME_AN_IMAGE = "--debug-image names an image with a shell that the engine can fetch, e.g. alpine.";

function failed(error: unknown, image: string | undefined): BktuiError {
  const cause = toBktuiError(error);
  if (cause.code !== "engine" && cause.code !== "bad-request" && cause.code !== "not-found") return cause;
  return noDebugRoot(cause.message, image, cause);
}

function noDebugRoot(why: string, image: string | undefined, cause: unknown): BktuiError {
  const of = image === undefined ? "" : ` of the image ${image}`;
  const hint =
    image === undefined
      ? NAME_AN_IMAGE
      : "--debug-image must name an image that the engine has or can fetch.";
  return new BktuiError("engine", `the engine could not make the debug root${of}: ${why}`, { cause, hint });
}
