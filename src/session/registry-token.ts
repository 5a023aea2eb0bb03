/** Fetches the token that a registry wants, so that the password itself stays on this machine. */
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { rootCertificates } from "node:tls";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { type Credentials, type Environment, isRecord } from "./docker-config.ts";

export interface TokenQuestion {
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
const ANSWER_MS = 30_000;
const MOST_BYTES = 1024 * 1024;
/** Of the server's own words. */
const MOST_WORDS = 200;
/** Servers that know only the older way answer the newer one with these (as buildx 0.37 has it). */
const OLDER_WAY: readonly number[] = [401, 404, 405];
/** Where systems keep the certificates that they trust, as Go looks for them. */
const SYSTEM_CERTIFICATES: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

interface Answer {
  readonly status: number;
  readonly text: string;
}

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
  const ask = async (how: Parameters<typeof exchange>[1]): Promise<Answer> =>
    await exchange(url, { ...how, certificates: await certificates(url, environment), signal });
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

function exchange(
  realm: URL,
  {
    form,
    query,
    credentials,
    certificates,
    signal,
  }: {
    readonly form?: URLSearchParams;
    readonly query?: URLSearchParams;
    readonly credentials?: Credentials;
    readonly certificates?: readonly string[] | undefined;
    readonly signal?: AbortSignal;
  },
): Promise<Answer> {
  const url = new URL(realm);
  for (const [name, value] of query ?? []) url.searchParams.append(name, value);
  const headers: Record<string, string> = { "user-agent": CLIENT };
  if (form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8";
  if (credentials !== undefined) {
    const pair = Buffer.from(`${credentials.username}:${credentials.secret}`).toString("base64");
    headers["authorization"] = `Basic ${pair}`;
  }
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: form === undefined ? "GET" : "POST",
      headers,
      // Not kept: a build asks once or twice, and an idle connection would hold the program.
      agent: false,
      timeout: ANSWER_MS,
      ...(certificates === undefined ? {} : { ca: [...certificates] }),
      ...(signal === undefined ? {} : { signal }),
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    sent.on("error", (error) => reject(unreached(realm, error, signal)));
    sent.on("response", (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on("data", (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > MOST_BYTES) sent.destroy(new Error("the answer is too long"));
        else pieces.push(piece);
      });
      response.on("error", (error) => reject(unreached(realm, error, signal)));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString("utf8") }),
      );
    });
    sent.end(form?.toString());
  });
}

/** What this system trusts besides what Node does; undefined for plain http. */
async function certificates(url: URL, environment: Environment): Promise<readonly string[] | undefined> {
  if (url.protocol !== "https:") return undefined;
  const named = environment["SSL_CERT_FILE"];
  for (const path of named === undefined || named === "" ? SYSTEM_CERTIFICATES : [named]) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return [...rootCertificates, text];
  }
  return undefined;
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

function unreached({ host }: URL, error: Error, signal: AbortSignal | undefined): BktuiError {
  if (signal?.aborted === true) return toBktuiError(signal.reason, "cancelled");
  return new BktuiError("engine", `failed to fetch oauth token: the token server ${host}: ${error.message}`, {
    cause: error,
    hint: "BUILDKIT_NO_CLIENT_TOKEN=1 lets the engine fetch it, which gets the password then",
  });
}
