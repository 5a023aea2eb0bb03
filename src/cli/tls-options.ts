/** TLS to the engine that `--addr` or BUILDKIT_HOST names, in buildctl's options. */
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Option } from "commander";
import { BktuiError } from "../base/errors.ts";
import { usageError } from "../console/bad-values.ts";
import type { EngineTls } from "../console/connect.ts";

/** As commander collects them. */
export interface TypedTls {
  readonly tlscacert?: string;
  readonly tlscert?: string;
  readonly tlskey?: string;
  readonly tlsservername?: string;
  readonly tlsdir?: string;
}

export function tlsOptions(): readonly Option[] {
  return [
    new Option("--tlscacert <file>", "certificate of the authority that the engine's must be signed by"),
    new Option("--tlscert <file>", "client certificate, for engines behind TLS"),
    new Option("--tlskey <file>", "its key"),
    new Option("--tlsservername <name>", "name in the engine's certificate (default: host of the address)"),
    new Option("--tlsdir <directory>", "directory with ca.pem, cert.pem and key.pem in place of these"),
  ];
}

/** Those of all options that are about TLS. */
export function typedTls({ tlscacert, tlscert, tlskey, tlsservername, tlsdir }: TypedTls): TypedTls {
  const all = { tlscacert, tlscert, tlskey, tlsservername, tlsdir };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** In a directory, either name, as Kubernetes' secrets have the second (buildctl 0.32). */
const NAMES = {
  ca: ["ca.pem", "ca.crt"],
  cert: ["cert.pem", "tls.crt"],
  key: ["key.pem", "tls.key"],
} as const;

/**
 * What was typed, as files; undefined when nothing was.
 * @param around.named whether an engine is named that the options are for
 * @throws {BktuiError} "usage" when options exclude each other or are for no engine, "io" when the directory lacks a file.
 */
export async function tlsFilesOf(
  typed: TypedTls,
  around: { readonly cwd: string; readonly named: boolean },
): Promise<EngineTls | undefined> {
  const { tlscacert, tlscert, tlskey, tlsservername, tlsdir } = typed;
  if ([tlscacert, tlscert, tlskey, tlsservername, tlsdir].every((value) => value === undefined))
    return undefined;
  if (!around.named) {
    throw usageError(
      "the --tls… options are for the engine that --addr or BUILDKIT_HOST names, and there is none",
      "name it: --addr tcp://HOST:PORT; docker's own variables are DOCKER_TLS_VERIFY and DOCKER_CERT_PATH",
    );
  }
  const at = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(around.cwd, path);
  if (tlsdir === undefined)
    return { ca: at(tlscacert), cert: at(tlscert), key: at(tlskey), serverName: tlsservername };
  if (tlscacert !== undefined || tlscert !== undefined || tlskey !== undefined)
    throw usageError(
      "--tlsdir and --tlscacert, --tlscert or --tlskey say the same twice",
      "leave one of them out",
    );
  const directory = resolve(around.cwd, tlsdir);
  // In turn, so that of several that are missing always the same is told.
  const ca = await oneOf(directory, NAMES.ca);
  const cert = await oneOf(directory, NAMES.cert);
  const key = await oneOf(directory, NAMES.key);
  return { ca, cert, key, serverName: tlsservername };
}

async function oneOf(directory: string, names: readonly string[]): Promise<string> {
  for (const path of names.map((name) => join(directory, name))) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new BktuiError("io", `--tlsdir ${directory} has neither ${names.join(" nor ")}`, {
    hint: "Name the files one by one: --tlscacert FILE --tlscert FILE --tlskey FILE.",
  });
}
