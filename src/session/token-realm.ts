/** Which token server may get the user's password for a registry: the daemon names it, and could name any. */
import { BktuiError } from "../base/errors.ts";
import type { Environment } from "./docker-config.ts";
import { exchange } from "./registry-http.ts";

/** Second-level names under which others register theirs, where the last one is a country's. */
const SHARED = /^(ac|co|com|edu|gov|net|org)$/;

/**
 * The server must speak https (or both it and the registry are on this machine), and must be of the registry's own site;
 * else the registry itself is asked, from here, whom it names.
 * @throws {BktuiError} "engine"; the hint says how the engine gets the token by itself.
 */
export async function refuseForeignRealm(
  host: string,
  realm: URL,
  options: { readonly environment: Environment; readonly signal: AbortSignal },
): Promise<void> {
  const isLocal = isLoopback(nameOf(host)) && isLoopback(realm.hostname);
  if (realm.protocol !== "https:" && !isLocal) throw refusal(host, realm, "it does not speak https");
  if (isLocal || siteOf(realm.hostname) === siteOf(nameOf(host))) return;
  const named = await realmOf(host, options);
  if (named !== realm.origin)
    throw refusal(host, realm, "it belongs to another site, and the registry does not name it");
}

/** The origin that the registry names; undefined when it names none, or does not answer here. */
async function realmOf(
  host: string,
  options: { readonly environment: Environment; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const scheme = isLoopback(nameOf(host)) ? "http" : "https";
  const { challenge } = await exchange(new URL(`${scheme}://${host}/v2/`), options).catch(
    (error: unknown) => {
      if (error instanceof BktuiError && error.code === "engine") return { challenge: "" };
      throw error;
    },
  );
  const text = /^\s*Bearer\s.*?\brealm="([^"]*)"/i.exec(challenge)?.[1] ?? "";
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** Without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127(\.\d+){3}$/.test(name);
}

/** The part of a name that one owner has: "docker.io" of "registry-1.docker.io". Of an address, all of it. */
function siteOf(name: string): string {
  if (/^\[|^[\d.]+$/.test(name)) return name;
  const labels = name.split(".");
  const isShared = labels.at(-1)?.length === 2 && SHARED.test(labels.at(-2) ?? "");
  return labels.slice(isShared ? -3 : -2).join(".");
}

function refusal(host: string, realm: URL, why: string): BktuiError {
  return new BktuiError(
    "engine",
    `failed to fetch oauth token: the password for ${host} is not sent to ${realm.origin}: ${why}`,
    { hint: "BUILDKIT_NO_CLIENT_TOKEN=1 lets the engine fetch it, which gets the password then" },
  );
}
