/** One question to a registry or its token server. Redirects are not followed: who was asked is who answers. */
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { rootCertificates } from "node:tls";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import type { Credentials, Environment } from "./docker-config.ts";

/** As buildx calls itself. */
const CLIENT = "buildkit-client";
const ANSWER_MS = 30_000;
const MOST_BYTES = 1024 * 1024;
/** Where systems keep the certificates that they trust, as Go looks for them. */
const SYSTEM_CERTIFICATES: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** `WWW-Authenticate`; "" when there is none. Untrusted. */
  readonly challenge: string;
}

/**
 * POST with a form, else GET. Answers whatever the status is.
 * @throws {BktuiError} "engine" when nobody answers, "cancelled"; never with what was sent.
 */
export async function exchange(
  realm: URL,
  {
    form,
    query,
    credentials,
    environment,
    signal,
  }: {
    readonly form?: URLSearchParams;
    readonly query?: URLSearchParams;
    readonly credentials?: Credentials;
    readonly environment: Environment;
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  const ca = await certificates(realm, environment);
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
      signal,
      ...(ca === undefined ? {} : { ca: [...ca] }),
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
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(pieces).toString("utf8"),
          challenge: response.headers["www-authenticate"] ?? "",
        }),
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

function unreached({ host }: URL, error: Error, signal: AbortSignal): BktuiError {
  if (signal.aborted) return toBktuiError(signal.reason, "cancelled");
  return new BktuiError("engine", `failed to fetch oauth token: the token server ${host}: ${error.message}`, {
    cause: error,
    hint: "BUILDKIT_NO_CLIENT_TOKEN=1 lets the engine fetch it, which gets the password then",
  });
}
