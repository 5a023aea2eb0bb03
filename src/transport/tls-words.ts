/** What OpenSSL and Node say about TLS, in words that tell what to do. */
import { BktuiError } from "../base/errors.ts";
import { clipText, limits } from "../base/limits.ts";
import { visibleLine } from "../base/visible.ts";
import type { TlsFiles } from "./address.ts";

interface Explained {
  readonly why: string;
  readonly hint: string;
}

const OWN_CERTIFICATE =
  "Name the client certificate and key that its owner gave you: --tlscert, --tlskey, or DOCKER_CERT_PATH.";
const AUTHORITY = "Name the authority that signed it: --tlscacert FILE, or ca.pem in DOCKER_CERT_PATH.";

/** Codes of Node 20 with OpenSSL 3.0. The alerts are the engine's: of Go's TLS, checked on dockerd 28.5. */
const WORDS: ReadonlyMap<string, Explained> = new Map([
  [
    "CERT_HAS_EXPIRED",
    {
      why: "its certificate has expired",
      hint: "The engine needs a new certificate; also check this machine's clock.",
    },
  ],
  [
    "CERT_NOT_YET_VALID",
    { why: "its certificate is not valid yet", hint: "Check this machine's clock and the engine's." },
  ],
  ...[
    "SELF_SIGNED_CERT_IN_CHAIN",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "CERT_SIGNATURE_FAILURE",
  ].map(
    (code) =>
      [
        code,
        { why: "its certificate was signed by an authority that is not trusted", hint: AUTHORITY },
      ] as const,
  ),
  [
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    { why: "it asks for a client certificate, and there is none", hint: OWN_CERTIFICATE },
  ],
  [
    "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
    { why: "it refused the TLS handshake, probably for want of a client certificate", hint: OWN_CERTIFICATE },
  ],
  ...[
    "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
    "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR",
    "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED",
  ].map(
    (code) => [code, { why: "it does not accept the client certificate", hint: OWN_CERTIFICATE }] as const,
  ),
  [
    "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
    { why: "it says that the client certificate has expired", hint: OWN_CERTIFICATE },
  ],
  ...["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_HTTP_REQUEST"].map(
    (code) =>
      [
        code,
        {
          why: "it does not speak TLS on this port",
          hint: "Name the port of TLS, or leave the --tls… options (DOCKER_TLS_VERIFY) out.",
        },
      ] as const,
  ),
]);

/** Undefined for what is no matter of TLS. */
export function explainTls(cause: unknown): Explained | undefined {
  const code = codeOf(cause);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" && cause instanceof Error) return wrongName(cause);
  return WORDS.get(code);
}

/** Names of a certificate are text from outside. */
function wrongName(cause: Error): Explained {
  const reason = "reason" in cause && typeof cause.reason === "string" ? cause.reason : cause.message;
  const [, expected] = /Host: (.*?)\. is not/.exec(reason) ?? [];
  const names = [...reason.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].flatMap(([, name]) => name ?? []);
  const whose = names.length === 0 ? "names no host" : `is for ${names.join(", ")}`;
  const why = `its certificate ${whose}${expected === undefined ? "" : `, not for ${expected}`}`;
  return {
    why: visibleLine(clipText(why, limits.nameCharacters)),
    hint: `Use one of its names in the address, or say that it is meant: --tlsservername ${visibleLine(names[0] ?? "NAME")}.`,
  };
}

/** Files that were read and that OpenSSL cannot use. */
export function tlsFileError(files: TlsFiles, cause: unknown): BktuiError {
  const { why, hint } = explainFiles(files, cause);
  return new BktuiError("io", why, { cause, hint });
}

function explainFiles({ cert, key }: TlsFiles, cause: unknown): Explained {
  switch (codeOf(cause)) {
    case "ERR_OSSL_X509_KEY_VALUES_MISMATCH":
      return {
        why: `the client key ${key} does not belong to the certificate ${cert}`,
        hint: OWN_CERTIFICATE,
      };
    case "ERR_OSSL_BAD_DECRYPT":
    case "ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED":
    case "ERR_MISSING_PASSPHRASE":
      return {
        why: `the client key ${key} is protected by a passphrase`,
        hint: `bktui cannot ask for it; docker cannot either. A key without one: openssl pkey -in ${key} -out KEY`,
      };
    case "ERR_OSSL_PEM_NO_START_LINE":
      return {
        why: `there is no certificate in ${cert}`,
        hint: "It must be a PEM file (-----BEGIN CERTIFICATE-----).",
      };
    case "ERR_OSSL_UNSUPPORTED":
      return {
        why: `there is no key in ${key}`,
        hint: "It must be a PEM file (-----BEGIN PRIVATE KEY-----).",
      };
    default:
      return {
        why: `the client certificate ${cert} and key ${key} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: OWN_CERTIFICATE,
      };
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
