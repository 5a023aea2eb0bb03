/** The configuration of the image that a definition becomes: as given, completed by what the definition says. */
import { BktuiError } from "../../base/errors.ts";
import type { Graph, Vertex } from "../../graph/graph.ts";

export interface ImageConfig {
  /** JSON of an OCI image. */
  readonly image: object;
  /** Nobody has said anything of it. */
  readonly isDefault: boolean;
}

/** As BuildKit gives it to images without a configuration. */
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Json = Readonly<Record<string, unknown>>;

/**
 * What the engine cannot do without is added: the platform of the definition, and a list of layers.
 * @param given.file counts before what stands beside the definition itself
 * @throws {BktuiError} "bad-request" naming file and place.
 */
export function imageConfigOf(
  graph: Graph,
  labels: Readonly<Record<string, string>>,
  given: {
    readonly file: { readonly bytes: Uint8Array; readonly path: string } | undefined;
    readonly own: object | undefined;
  },
): ImageConfig {
  const { file, own } = given;
  const said = file === undefined ? own : parsed(file.bytes, file.path);
  const image = { ...(said as Json | undefined) };
  const isDefault = said === undefined;
  const config = isDefault ? { Env: [PATH], WorkingDir: "/" } : { ...objectAt(image, "config", file?.path) };
  const labelled = objectAt(config as Json, "Labels", file?.path);
  const named = { ...labelled, ...labels };
  return {
    image: {
      ...platformOf(graph),
      rootfs: { type: "layers", diff_ids: [] },
      ...image,
      config: Object.keys(named).length === 0 ? config : { ...config, Labels: named },
    },
    isDefault,
  };
}

function parsed(bytes: Uint8Array, path: string): object {
  let read: unknown;
  try {
    read = JSON.parse(
      Buffer.from(bytes)
        .toString("utf8")
        .replace(/^\ufeff/, ""),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw refused(`the image configuration ${path} is no JSON: ${why}`, error);
  }
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw refused(`the image configuration ${path} is no JSON object`);
  return read;
}

/** @throws {BktuiError} "bad-request" for what is there and no object. */
function objectAt(of: Json, name: string, path = "beside the definition"): Json {
  const value = of[name];
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw refused(`the image configuration ${path}: "${name}" is no object`);
  return value as Json;
}

function refused(message: string, cause?: unknown): BktuiError {
  return new BktuiError("bad-request", message, {
    cause,
    hint: 'it is that of an OCI image: {"config": {"Env": […], "Cmd": […], "WorkingDir": "/"}}',
  });
}

/** Of what the result is made by; what it names none for is looked for below it. */
function platformOf({ vertices, result }: Graph): Json {
  for (
    let vertex: Vertex | undefined = result && vertices.get(result.vertex);
    vertex !== undefined;
    vertex = below(vertex, vertices)
  ) {
    const [os, architecture, variant] = vertex.platform.split("/");
    if (os !== undefined && architecture !== undefined && os !== "")
      return { os, architecture, ...(variant === undefined ? {} : { variant }) };
  }
  return {};
}

function below({ inputs, rootInput }: Vertex, vertices: Graph["vertices"]): Vertex | undefined {
  const input = inputs[rootInput ?? 0];
  return input === undefined ? undefined : vertices.get(input.vertex);
}
