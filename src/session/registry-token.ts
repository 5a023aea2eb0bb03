/** Fetches the token that a registry wants, so that the password itself stays on this machine. */
import { BktuiError } from "../base/errors.ts";
import { type Credentials, type Environment, isRecord } from "./docker-config.ts";
import { type Answer, exchange } from "./registry-http.ts";
import { refuseForeignRealm } from "./token-realm.ts";

export interface TokenQuestion {
  /** The registry, as the daemon names it. */
  readonly host: string;
  /** URL that the registry names; untrusted. */
  readonly realm: string;
  readonly service: string;
  /** E.g. "repository:app:pull". */
  readonly scopes: readonly string[];
}

export interface RegistryToken {
  readonly token: string;
  /** Seconds; 0 = not told. */
  readonly expiresIn: number;
  /** Epoch seconds; 0 = not told. */
  readonly issuedAt: number;
}

/** As buildx calls itself. */
const CLIENT = "buildkit-client";
/** Of the server's own words. */
const MOST_WORDS = 200;
/** Servers that know only the older way answer the newer one with these (as buildx 0.37 has it). */
const OLDER_WAY: readonly number[] = [401, 404, 405];
/**
 * Asks as buildx 0.37 does: the password or identity token by POST, and where a server does not know that, by GET.
 * @throws {BktuiError} "engine" when the server refuses, says something else or nothing; never with what it was sent.
 */
export async function fetchRegistryToken(
  question: TokenQuestion,
  credentials: Credentials,
  { environment, signal }: { readonly environment: Environment; readonly signal: AbortSignal },
): Promise<RegistryToken> {
  const url = realmOf(question.realm);
  await refuseForeignRealm(question.host, url, { environment, signal });
  const ask = async (
    how: Pick<Parameters<typeof exchange>[1], "form" | "query" | "credentials">,
  ): Promise<Answer> => await exchange(url, { ...how, environment, signal });
  const posted = await ask({ form: formOf(question, credentials) });
  const isOlder = OLDER_WAY.includes(posted.status) && (posted.status !== 405 || credentials.username !== "");
  const answer = isOlder ? await ask({ query: queryOf(question), credentials }) : posted;
  if (answer.status !== 200) throw refused(url, answer);
  return tokenIn(url, answer.text);
}

function realmOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw new BktuiError("engine", `the registry names ${JSON.stringify(text)} as its token server`);
  return url;
}

function formOf({ service, scopes }: TokenQuestion, { username, secret }: Credentials): URLSearchParams {
  const form = new URLSearchParams({ client_id: CLIENT, service, scope: scopes.join(" ") });
  if (username === "") {
    form.set("grant_type", "refresh_token");
    form.set("refresh_token", secret);
  } else {
    form.set("grant_type", "password");
    form.set("username", username);
    form.set("password", secret);
  }
  return form;
}

function queryOf({ service, scopes }: TokenQuestion): URLSearchParams {
  const query = new URLSearchParams(service === "" ? {} : { service });
  for (const scope of scopes) query.append("scope", scope);
  return query;
}

function tokenIn({ host }: URL, text: string): RegistryToken {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Its words could be a token: they are not repeated.
    json = undefined;
  }
  const said = isRecord(json) ? json : {};
  const token = [said["access_token"], said["token"]].find((each) => typeof each === "string" && each !== "");
  if (typeof token !== "string")
    throw new BktuiError(
      "engine",
      `failed to fetch oauth token: the token server ${host} answered without a token`,
    );
  const { expires_in: expires, issued_at: issued } = said;
  const issuedMs = typeof issued === "string" ? Date.parse(issued) : Number.NaN;
  return {
    token,
    expiresIn: typeof expires === "number" && Number.isSafeInteger(expires) ? expires : 0,
    issuedAt: Number.isNaN(issuedMs) ? 0 : Math.floor(issuedMs / 1000),
  };
}

/** In BuildKit's words for the same, so that it is explained as that. */
function refused({ origin, pathname }: URL, { status, text }: Answer): BktuiError {
  const said = messageIn(text);
  return new BktuiError(
    "engine",
    `failed to fetch oauth token: unexpected status from ${origin}${pathname}: ${status}${said === "" ? "" : `: ${said}`}`,
  );
}

/** What the server says in the registries' own form of errors; "" for anything else. */
function messageIn(text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "";
  }
  if (!isRecord(json)) return "";
  const [first]: unknown[] = Array.isArray(json["errors"]) ? json["errors"] : [];
  const said = (isRecord(first) ? first["message"] : undefined) ?? json["details"] ?? json["message"];
  return typeof said === "string" ? said.slice(0, MOST_WORDS) : "";
}
