/** What of the URLs of a request must not be shown: the engine names the steps that fetch them after the whole URL. */
import type { BuildRequest } from "../build-request.ts";
import type { BuildSource } from "../build-sources.ts";

/** GitHub's way to say that the user's name is the token. */
const TOKEN_IS_USER = /^(|x-oauth-basic)$/;

/** Passwords, and tokens in the place of a user's name, as they are written in the URLs. */
export function urlSecrets({ source, contexts, frontendOptions = {} }: BuildRequest): readonly string[] {
  const urls = [
    ...urlsOf(source),
    ...Object.values(frontendOptions),
    ...contexts.flatMap(({ from }) => (from.kind === "reference" ? [from.text] : [])),
  ];
  return urls.flatMap(secretsIn).filter((secret) => secret !== "");
}

function urlsOf(source: BuildSource): readonly string[] {
  // Any option of a frontend may be the URL of a context.
  if (source.kind !== "dockerfile") return source.kind === "frontend" ? Object.values(source.options) : [];
  const { context, dockerfile } = source;
  return [
    ...(typeof context !== "string" && context.kind === "url" ? [context.url] : []),
    ...(typeof dockerfile !== "string" && dockerfile.kind === "url" ? [dockerfile.url] : []),
  ];
}

function secretsIn(url: string): readonly string[] {
  const [, scheme = "", user = "", password] = /^([a-z]+):\/\/([^/@:\s]*)(?::([^/@\s]*))?@/i.exec(url) ?? [];
  if (password !== undefined) return TOKEN_IS_USER.test(password) ? [user] : [password];
  return /^https?$/i.test(scheme) ? [user] : [];
}
