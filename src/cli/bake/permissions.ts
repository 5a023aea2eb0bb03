/**
 * What a bake file may reach on this machine: a file that somebody else wrote gets files outside of the directory that bake
 * runs in, the ssh agent and privileges of steps only when the command line allows it. By buildx's rules (0.37).
 */
import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { goBoolean } from "../../base/go-boolean.ts";
import { quote } from "../../base/quote.ts";
import { badValue } from "../../console/bad-values.ts";
import { isRemote } from "../../console/build-contexts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { BakeTarget } from "./read-plan.ts";

interface Asking extends Surroundings {
  readonly name: string;
  readonly target: BakeTarget;
  /** What `--allow` names. */
  readonly allowed: readonly string[];
}

const SWITCH = "BUILDX_BAKE_ENTITLEMENTS_FS";

/**
 * @param options what the target alone says
 * @throws {BktuiError} "bad-request" with the options that would allow it.
 */
export async function mustBeAllowed(options: DebugOptions, asking: Asking): Promise<void> {
  const { name, env } = asking;
  const withFiles = goBoolean(env[SWITCH] ?? "") ?? true;
  const missing = [
    ...privileges(options, asking),
    ...(withFiles ? [...sshAgent(asking), ...(await files(options, asking))] : []),
  ];
  if (missing.length === 0) return;
  throw badValue(
    `target ${name} asks for what was not allowed: ${missing.join(", ")}`,
    `if you trust the bake file, add ${missing.map((each) => quote(`--allow=${each}`)).join(" ")}`,
  );
}

function privileges({ build }: DebugOptions, { target, allowed }: Asking): readonly string[] {
  const { entitlements } = target;
  const wanted = Array.isArray(entitlements) ? entitlements.map(String) : [];
  const deletes = build.outputs?.some(
    ({ type, attributes }) => type === "local" && attributes["mode"] === "delete",
  );
  return [...wanted, ...(deletes === true ? ["buildx.local.delete"] : [])].filter(
    (each) => !allowed.includes(each) && !(each.startsWith("device=") && allowed.includes("device")),
  );
}

function sshAgent({ target: { ssh }, allowed }: Asking): readonly string[] {
  const usesAgent = (entry: unknown): boolean =>
    typeof entry === "object" && entry !== null && !("paths" in entry && Array.isArray(entry.paths));
  return Array.isArray(ssh) && ssh.some(usesAgent) && !allowed.includes("ssh") ? ["ssh"] : [];
}

async function files(options: DebugOptions, asking: Asking): Promise<readonly string[]> {
  const [read, written] = await Promise.all([
    outside("fs.read", readPaths(options), asking),
    outside("fs.write", writtenPaths(options), asking),
  ]);
  return [...read, ...written];
}

function readPaths({ path, file, build }: DebugOptions): readonly string[] {
  const isFetched = isRemote(path.text);
  const isHere = file !== undefined && file.text !== "-" && (!isFetched || isAbsolute(file.text));
  return [
    ...(isFetched ? [] : [path.path]),
    ...(isHere ? [file.path] : []),
    ...build.contexts.flatMap(({ from }) => (from.kind === "reference" ? [] : [from.path])),
    ...build.secrets.flatMap(({ from }) => (from.kind === "file" ? [from.path] : (from.beside ?? []))),
    ...build.ssh.flatMap(({ paths }) => paths),
    ...build.cacheFrom.flatMap(({ type, attributes: { src } }) => (type === "local" ? (src ?? []) : [])),
  ];
}

function writtenPaths({ build }: DebugOptions): readonly string[] {
  return [
    ...(build.outputs ?? []).flatMap(({ dest }) => (dest === undefined || dest === "-" ? [] : [dest])),
    ...build.cacheTo.flatMap(({ type, attributes: { dest } }) => (type === "local" ? (dest ?? []) : [])),
  ];
}

/** As options that would allow them. */
async function outside(
  kind: "fs.read" | "fs.write",
  paths: readonly string[],
  { allowed, cwd, env }: Asking,
): Promise<readonly string[]> {
  const places = allowed.flatMap((each) =>
    ["fs", kind].flatMap((key) => (each.startsWith(`${key}=`) ? [each.slice(key.length + 1)] : [])),
  );
  if (places.includes("*")) return [];
  const roots = await Promise.all([cwd, ...places.map((place) => resolve(cwd, place))].map(real));
  const agent = env["SSH_AUTH_SOCK"];
  const missing = new Set<string>();
  for (const path of paths) {
    // The agent is asked for by itself.
    if (path === agent) continue;
    const where = await real(path);
    if (!roots.some((root) => isWithin(where, root))) missing.add(shown(where, roots[0] ?? cwd));
  }
  return [...missing].sort().map((path) => `${kind}=${path}`);
}

/** Links resolved, as far as there is something; a path that is to be made lies in what there is. */
async function real(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await real(parent), basename(path));
  }
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

/** As buildx shows it: relative when it is one directory up at most. */
function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith(`..${sep}..`) ? path : near;
}
