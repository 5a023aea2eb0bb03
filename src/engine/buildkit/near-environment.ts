/** What a command would get in a place that no Dockerfile tells of: as the definition around it says. Pure. */
import { rootOf } from "../../graph/definitions/chains.ts";
import { folded } from "../../graph/definitions/names.ts";
import type { Digest, ExecMeta, Graph, Mount, Vertex } from "../../graph/graph.ts";
import type { StepEnvironment } from "../engine.ts";

/** The root file system as the only mount; what a place has that is no RUN. */
export const ROOT_MOUNT: Mount = {
  input: 0,
  selector: "",
  dest: "/",
  output: 0,
  readonly: false,
  kind: "bind",
  cache: undefined,
  secret: undefined,
  tmpfsSize: 0,
};

/** What Docker and BuildKit give where nobody says anything. */
export const USUAL_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const BARE: ExecMeta = {
  args: [],
  env: [USUAL_PATH],
  cwd: "/",
  user: "",
  hostname: "",
  extraHosts: [],
  proxyEnv: [],
  ulimits: [],
  network: "unset",
  security: "sandbox",
  secretEnv: [],
};

/** Whose environment it is. */
export type Nearest =
  | { readonly kind: "command"; readonly vertex: Vertex }
  | { readonly kind: "image"; readonly vertex: Vertex }
  | undefined;

/** The last command before the place on the same root file system, else the first one behind it, else the image below. */
export function nearestOf({ vertices }: Graph, of: Vertex): Nearest {
  const below: Vertex[] = [];
  for (let each: Vertex | undefined = of; each !== undefined; ) {
    below.push(each);
    const root = rootOf(each);
    each = root === undefined ? undefined : vertices.get(root.vertex);
  }
  const before = below.find(({ exec }) => exec !== undefined);
  const found = before ?? commandAfter([...vertices.values()], of);
  if (found !== undefined) return { kind: "command", vertex: found };
  const last = below.at(-1);
  return imageOf(last) === undefined || last === undefined ? undefined : { kind: "image", vertex: last };
}

/** Inputs come first in a definition, so one pass finds all that is made on it. */
function commandAfter(vertices: readonly Vertex[], of: Vertex): Vertex | undefined {
  const above = new Set<Digest>([of.digest]);
  return vertices.find((vertex) => {
    const root = rootOf(vertex);
    if (root === undefined || !above.has(root.vertex)) return false;
    above.add(vertex.digest);
    return vertex.exec !== undefined;
  });
}

const IMAGE = /^docker-image:\/\/(.+)$/;

/** The reference of an image that a registry has. */
export function imageOf(vertex: Vertex | undefined): string | undefined {
  return IMAGE.exec(vertex?.identifier ?? "")?.[1];
}

/** As the command has it, but its mounts and secrets: these are the command's own. */
export function environmentOfCommand({ exec, name }: Vertex): StepEnvironment {
  const { args: _, secretEnv: __, ...meta } = exec?.meta ?? BARE;
  return {
    meta: { ...meta, args: [], secretEnv: [] },
    mounts: [ROOT_MOUNT],
    shell: DEFAULT_SHELL,
    from: `the definition says nothing of a shell here: directory, user and variables are those of "${folded(name)}"`,
  };
}

const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** @param config JSON of the image's configuration */
export function environmentOfImage(
  config: Uint8Array | undefined,
  image: string,
): StepEnvironment | undefined {
  const said: unknown = Object(parsed(config))["config"];
  if (typeof said !== "object" || said === null) return undefined;
  const text = (name: string): string => {
    const value: unknown = Reflect.get(said, name);
    return typeof value === "string" ? value : "";
  };
  const list: unknown = Reflect.get(said, "Env");
  const env = (Array.isArray(list) ? list : []).filter((entry: unknown) => typeof entry === "string");
  return {
    meta: {
      ...BARE,
      env: env.some((entry) => entry.startsWith("PATH=")) ? env : [USUAL_PATH, ...env],
      cwd: text("WorkingDir") || "/",
      user: text("User"),
    },
    mounts: [ROOT_MOUNT],
    shell: DEFAULT_SHELL,
    from: `the definition says nothing of a shell here: directory, user and variables are those of the image ${image}`,
  };
}

function parsed(config: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(config));
  } catch {
    return undefined;
  }
}

export const BARE_ENVIRONMENT: StepEnvironment = {
  meta: BARE,
  mounts: [ROOT_MOUNT],
  shell: DEFAULT_SHELL,
  from: "nothing says what a shell here would get: it is root in / with the usual PATH",
};
