/** Where an engine may listen: what the user named, the current docker context, the usual sockets. */
import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import type { EngineKind } from "../../transport/address.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A place where an engine may be. */
export interface Candidate {
  /** Who named it: "--addr", "BUILDKIT_HOST", "DOCKER_HOST", "docker context colima", or the socket's own path. */
  readonly origin: string;
  /** As written there, e.g. "unix:///var/run/docker.sock". */
  readonly text: string;
  /** Named by the user: when it fails, nothing else is taken in its place. */
  readonly explicit: boolean;
  /** What the naming promises; decides the port of tcp:// when none is written. */
  readonly kind: EngineKind | undefined;
  /** Says that the endpoint wants TLS. */
  readonly tls: boolean;
}

/**
 * Everything that names an engine, in the order in which it counts. Connects to nothing.
 * @throws {BktuiError} "usage" when the docker context in force does not exist, "io" when docker's files cannot be read.
 */
export async function listCandidates(options: {
  readonly addr: string | undefined;
  readonly env: Environment;
}): Promise<readonly Candidate[]> {
  const { addr, env } = options;
  const named: Candidate[] = [];
  const name = (origin: string, text: string | undefined, kind?: EngineKind): void => {
    if (text === undefined || text === "") return;
    const tls = kind === "dockerd" && (env["DOCKER_TLS_VERIFY"] ?? "") !== "";
    named.push({ origin, text, explicit: true, kind, tls });
  };
  name("--addr", addr);
  name("BUILDKIT_HOST", env["BUILDKIT_HOST"], "buildkitd");
  name("DOCKER_HOST", env["DOCKER_HOST"], "dockerd");
  // What counts more hides a broken context, as it does for docker.
  const context = named.length > 0 ? [] : await contextCandidates(env);
  return [...named, ...context, ...usualSockets(env).map(fromSocket)];
}

function fromSocket(path: string): Candidate {
  return { origin: path, text: `unix://${path}`, explicit: false, kind: undefined, tls: false };
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

/** The docker context in force, unless it is docker's own default. */
async function contextCandidates(env: Environment): Promise<readonly Candidate[]> {
  const directory = env["DOCKER_CONFIG"] ?? join(homeOf(env), ".docker");
  const fromVariable = env["DOCKER_CONTEXT"] ?? "";
  const name = fromVariable === "" ? await currentContext(join(directory, "config.json")) : fromVariable;
  if (name === undefined || name === "" || name === "default") return [];
  const id = createHash("sha256").update(name).digest("hex");
  const host = await contextHost(name, join(directory, "contexts/meta", id, "meta.json"));
  const tls = await exists(join(directory, "contexts/tls", id, "docker"));
  return [{ origin: `docker context ${name}`, text: host, explicit: true, kind: "dockerd", tls }];
}

async function currentContext(path: string): Promise<string | undefined> {
  const config = await readJson(path);
  const name = field(config, "currentContext");
  return typeof name === "string" ? name : undefined;
}

async function contextHost(name: string, path: string): Promise<string> {
  const host = field(field(field(await readJson(path), "Endpoints"), "docker"), "Host");
  if (typeof host === "string" && host !== "") return host;
  throw new BktuiError("usage", `the docker context "${name}" does not exist or names no docker endpoint`, {
    hint: "See docker context ls; docker context use default leaves it.",
  });
}

/** undefined when there is no such file. */
async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw unreadable(path, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The text of docker's configuration may hold credentials: neither it nor a parser's excerpt goes into the message. */
function unreadable(path: string, error: unknown): BktuiError {
  const isSyntax = error instanceof SyntaxError;
  const reason = isSyntax ? "it is not JSON" : error instanceof Error ? error.message : String(error);
  return new BktuiError("io", `cannot read ${path}: ${reason}`, isSyntax ? {} : { cause: error });
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const fields: Partial<Record<string, unknown>> = { ...value };
  return fields[name];
}

function homeOf(env: Environment): string {
  return env["HOME"] ?? homedir();
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // What cannot be looked at cannot be used either.
    return false;
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
