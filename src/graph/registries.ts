/** Which registries a Dockerfile names: only these are told the user's credentials. And where it names an image. */
import { readInstructions, splitLines } from "./dockerfile-text.ts";
import type { Line } from "./graph.ts";

const DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"] as const;

/**
 * Registry hosts (`host[:port]`) of every image that the text refers to in FROM, `--from=`, `from=` of a mount and the
 * syntax directive, with ARG defaults and build arguments put in. Docker Hub comes under all its names, since an image
 * without a host is its. A stage name looks like an image of Docker Hub; that costs nothing but a name.
 */
export function registryHosts(
  text: string,
  buildArgs: Readonly<Record<string, string>>,
): ReadonlySet<string> {
  const variables = argDefaults(text, buildArgs);
  const hosts = new Set<string>();
  for (const reference of references(text)) {
    const host = hostOf(expand(reference, variables));
    if (host === undefined) for (const name of DOCKER_HUB) hosts.add(name);
    else hosts.add(host);
    if (host !== undefined && isDockerHub(host)) for (const name of DOCKER_HUB) hosts.add(name);
  }
  return hosts;
}

/**
 * The first instruction that refers to an image or a stage by this text, as it is once variables are put in; undefined
 * when none does.
 */
export function lineOfReference(
  text: string,
  reference: string,
  buildArgs: Readonly<Record<string, string>>,
): { readonly start: Line; readonly end: Line } | undefined {
  const variables = argDefaults(text, buildArgs);
  const lines = splitLines(text);
  return readInstructions(text).find(({ start, end }) => {
    const own = lines.slice(start - 1, end).join("\n");
    return references(own).some((each) => expand(each.replace(/["']/g, ""), variables) === reference);
  });
}

function isDockerHub(host: string): boolean {
  return DOCKER_HUB.some((name) => name === host);
}

function references(text: string): string[] {
  const found: string[] = [];
  const patterns = [
    /^\s*(?:ONBUILD\s+)?FROM\s+(?:--\S+\s+)*(\S+)/gim,
    /--from=(\S+)/gi,
    /[,=]from=([^,\s]+)/gi,
    /^#\s*syntax\s*=\s*(\S+)/gim,
  ];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) if (match[1] !== undefined) found.push(match[1]);
  }
  return found;
}

/** Defaults of ARG and ENV anywhere in the text, and build arguments over them. */
export function argDefaults(
  text: string,
  buildArgs: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const match of text.matchAll(/^\s*(?:ARG|ENV)\s+([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|(\S*))/gim)) {
    const [, name, double, single, bare] = match;
    if (name !== undefined) variables.set(name, double ?? single ?? bare ?? "");
  }
  for (const [name, value] of Object.entries(buildArgs)) variables.set(name, value);
  return variables;
}

/** Values may name other variables; a few rounds are enough for every real file, and end for a circular one. */
export function expand(reference: string, variables: ReadonlyMap<string, string>): string {
  let text = reference;
  for (let round = 0; round < 5 && text.includes("$"); round++) {
    text = text.replace(/\$(?:\{(\w+)(?::?[-+]([^}]*))?\}|(\w+))/g, (_, braced, otherwise, plain) => {
      const value = variables.get(String(braced ?? plain));
      return value === undefined || value === "" ? String(otherwise ?? "") : value;
    });
  }
  return text;
}

/** The first part of a reference is a host when it has a dot or a port, or is localhost. */
function hostOf(reference: string): string | undefined {
  const slash = reference.indexOf("/");
  const first = slash < 0 ? "" : reference.slice(0, slash);
  return /[.:]/.test(first) || first === "localhost" ? first : undefined;
}
