/** Contexts of a build as they are typed: text -> domain values. Pure. */
import { resolve } from "node:path";
import type { NamedContext } from "../engine/build-sources.ts";
import { usageError } from "./bad-values.ts";
import type { Surroundings } from "./build-options.ts";

/** `user@host:path`, as ssh and git write it. */
const SCP_STYLE = /^[\w-]+@[A-Za-z0-9.-]+:/;
const SCHEME = /^([A-Za-z0-9]+):\/\//;
const OCI_LAYOUT = "oci-layout://";

/**
 * Whether a context is one that the engine fetches: http(s), or git in the ways that BuildKit knows (checked against buildx
 * 0.37). `github.com/…` may be a directory too; that one goes first, as in docker.
 */
export function isRemote(text: string): boolean {
  if (/^\.{1,2}\//.test(text)) return false;
  if (text.startsWith("github.com/")) return true;
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  return scheme === undefined ? SCP_STYLE.test(text) : ["http", "https", "git", "ssh"].includes(scheme);
}

/** Whether it is a repository that is reached over ssh: such a build is given the ssh agent unasked, as buildx does. */
export function isOverSsh(text: string): boolean {
  return /^ssh:\/\//i.test(text) || (!SCHEME.test(text) && SCP_STYLE.test(text));
}

/**
 * `--build-context NAME=DIRECTORY`, or `NAME=` with `docker-image://REFERENCE`, `oci-layout://DIRECTORY[:TAG][@DIGEST]`,
 * `target:NAME` or a URL. The last one of a name counts.
 * @throws {BktuiError} "usage".
 */
export function parseBuildContexts(
  values: readonly string[],
  surroundings: Pick<Surroundings, "cwd">,
): readonly NamedContext[] {
  const contexts = new Map<string, NamedContext>();
  for (const text of values) {
    // As in docker, so that a variable of a script may be empty.
    if (text === "") continue;
    const context = parseBuildContext(text, surroundings);
    contexts.set(context.name, context);
  }
  return [...contexts.values()];
}

function parseBuildContext(text: string, { cwd }: Pick<Surroundings, "cwd">): NamedContext {
  const at = text.indexOf("=");
  if (at < 0)
    throw usageError(
      `--build-context ${text}: not NAME=VALUE`,
      "write for example --build-context shared=../shared",
    );
  const name = familiarName(text.slice(0, at));
  const value = text.slice(at + 1);
  if (value === "") throw usageError(`--build-context ${text}: the value is missing`);
  if (/^(docker-image:\/\/|target:)/.test(value) || isRemote(value))
    return { name, from: { kind: "reference", text: value } };
  if (value.startsWith(OCI_LAYOUT))
    return { name, from: { kind: "oci-layout", ...splitLayout(value.slice(OCI_LAYOUT.length), cwd) } };
  return { name, from: { kind: "directory", path: resolve(cwd, value) } };
}

/**
 * The name as frontends look for it: short, without the tag `latest`.
 * @throws {BktuiError} "usage" when it could not be the name of an image.
 */
function familiarName(text: string): string {
  const part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
  const host = "(?:[A-Za-z0-9.-]*[.][A-Za-z0-9.-]*|localhost|[A-Za-z0-9.-]+(?=:\\d))(?::\\d+)?/";
  const tag = "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?";
  const grammar = new RegExp(`^(?:${host})?${part}(?:/${part})*${tag}$`);
  if (!grammar.test(text))
    throw usageError(
      `--build-context ${text}: invalid context name`,
      "names are written as those of images and stages: lower case letters, digits, and . _ - / between them",
    );
  return text
    .replace(/^(?:index\.)?docker\.io\//, "")
    .replace(/^library\/(?=[^/]+$)/, "")
    .replace(/:latest$/, "");
}

/** A tag stands behind the last colon, a digest behind it and an @; a path may have both characters too. */
function splitLayout(
  text: string,
  cwd: string,
): { readonly path: string; readonly tag: string | undefined; readonly digest: string | undefined } {
  const [, beforeDigest = text, digest] =
    /^(.*)@([a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Fa-f0-9]{32,})$/s.exec(text) ?? [];
  const [, path = beforeDigest, tag] = /^(.*):([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/s.exec(beforeDigest) ?? [];
  return { path: resolve(cwd, path), tag, digest };
}
