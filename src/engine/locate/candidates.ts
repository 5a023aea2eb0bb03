/** Where an engine may listen: what the user named, buildx's builder, the docker in force, the usual sockets. */
import { join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { EngineKind, TlsFiles } from "../../transport/address.ts";
import {
  builderByName,
  type ChosenBuilder,
  currentBuilder,
  namedBuilder,
} from "./builders/chosen-builder.ts";
import type { Builder } from "./builders/store.ts";
import { type DockerEndpoint, dockerInForce, environmentEndpoint } from "./docker/contexts.ts";
import { type Environment, homeOf } from "./docker/files.ts";
import { shownHost, takesTls } from "./docker/host.ts";

/** A place where an engine may be. */
export interface Candidate {
  /** Who named it: "--addr", "DOCKER_HOST", "docker context colima", "builder dev (BUILDX_BUILDER)", or the socket's own path. */
  readonly origin: string;
  /** What is named there, e.g. "unix:///var/run/docker.sock", "docker-container, node dev0". */
  readonly text: string;
  /** Named by the user: when it fails, nothing else is taken in its place. */
  readonly explicit: boolean;
  /** What the naming promises; decides the port of tcp:// when none is written. */
  readonly kind: EngineKind | undefined;
  readonly tls: TlsFiles | undefined;
  /** One of buildx's own; undefined = `text` is an address. */
  readonly builder: Builder | undefined;
  /** To be said when it is used. */
  readonly note: string | undefined;
}

/** What the user says about the engine, typed or in the environment. */
export interface Wanted {
  /** `--addr`. */
  readonly addr?: string | undefined;
  /** `--builder`; BUILDX_BUILDER counts where it is undefined. */
  readonly builder?: string | undefined;
  /** `--tls…`, for the addresses of `--addr` and BUILDKIT_HOST. */
  readonly tls?: TlsFiles | undefined;
  readonly env: Environment;
}

/**
 * Everything that names an engine, in the order in which it counts. Connects to nothing.
 * @throws {BktuiError} "not-found" when the builder or docker context in force does not exist, "io" when docker's or buildx's
 * files cannot be read, "usage" when both an address and a builder are given.
 */
export async function listCandidates(wanted: Wanted): Promise<readonly Candidate[]> {
  const named = await namedOnes(wanted);
  return [...named, ...usualSockets(wanted.env).map(fromSocket)];
}

/** What counts more hides a broken context or builder, as it does for docker. */
async function namedOnes({ addr, builder, tls, env }: Wanted): Promise<readonly Candidate[]> {
  const named: Candidate[] = [];
  if (addr !== undefined && addr !== "") {
    if (builder !== undefined && builder !== "")
      throw new BktuiError("usage", "--addr and --builder both name the engine", {
        hint: "Leave one of them out.",
      });
    named.push({ ...NAMED, origin: "--addr", text: addr, tls });
  }
  const chosen = named.length > 0 ? undefined : namedBuilder(builder, env);
  if (chosen !== undefined) named.push(fromBuilder(await builderByName(chosen, env)));
  const buildkit = env["BUILDKIT_HOST"] ?? "";
  if (buildkit !== "")
    named.push({ ...NAMED, origin: "BUILDKIT_HOST", text: buildkit, kind: "buildkitd", tls });
  if (named.length === 0) return await inForce(env);
  const docker = await environmentEndpoint(env).catch(() => undefined);
  return docker?.origin === undefined ? named : [...named, fromDocker(docker, docker.origin)];
}

/** What docker's client and buildx would take where nothing is said to bktui itself. */
async function inForce(env: Environment): Promise<readonly Candidate[]> {
  const docker = await dockerInForce(env);
  const { chosen, gone } = await currentBuilder(docker, env);
  const own = docker.origin === undefined ? [] : [fromDocker(docker, docker.origin)];
  if (chosen !== undefined) return [fromBuilder(chosen), ...own];
  if (gone === undefined) return own;
  const note = visibleLine(`buildx's current builder ${gone} does not exist any more`);
  return [
    {
      ...fromDocker(docker, `${docker.origin ?? "docker"}, as ${note}`),
      note: `${note}: docker itself builds`,
    },
  ];
}

const NAMED = {
  explicit: true,
  kind: undefined,
  tls: undefined,
  builder: undefined,
  note: undefined,
} as const;

function fromDocker({ host, tls }: DockerEndpoint, origin: string): Candidate {
  return { ...NAMED, origin, text: host, kind: "dockerd", tls: takesTls(host) ? tls : undefined };
}

function fromBuilder(chosen: ChosenBuilder): Candidate {
  if (chosen.kind === "docker") return fromDocker(chosen.docker, `builder ${chosen.name} (${chosen.from})`);
  const { builder, from } = chosen;
  const nodes = builder.nodes.map(({ name, endpoint }) =>
    endpoint === "" ? name : `${name} at ${endpoint}`,
  );
  return {
    ...NAMED,
    origin: visibleLine(`builder ${builder.name}, ${builder.driver} (${from})`),
    text: nodes.join(", "),
    builder,
  };
}

/** What a candidate names, harmless to print. */
export function namedText({ text }: Candidate): string {
  return visibleLine(shownHost(text));
}

function fromSocket(path: string): Candidate {
  return { ...NAMED, origin: path, text: `unix://${path}`, explicit: false };
}

/** Sockets of the usual installations, likely ones first. Podman's are there to be explained, it has no BuildKit. */
function usualSockets(env: Environment): readonly string[] {
  const home = homeOf(env);
  const runtime = env["XDG_RUNTIME_DIR"];
  const inRuntime = (path: string): readonly string[] =>
    runtime?.startsWith("/") === true ? [join(runtime, path)] : [];
  return [
    "/var/run/docker.sock",
    ...inRuntime("docker.sock"),
    join(home, ".docker/run/docker.sock"),
    join(home, ".docker/desktop/docker.sock"),
    join(home, ".orbstack/run/docker.sock"),
    join(home, ".colima/default/docker.sock"),
    join(home, ".colima/docker.sock"),
    join(home, ".lima/docker/sock/docker.sock"),
    join(home, ".rd/docker.sock"),
    "/run/buildkit/buildkitd.sock",
    ...inRuntime("buildkit/buildkitd.sock"),
    "/run/buildkit-default/buildkitd.sock",
    ...inRuntime("buildkit-default/buildkitd.sock"),
    "/run/podman/podman.sock",
    ...inRuntime("podman/podman.sock"),
  ];
}
