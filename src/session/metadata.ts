/** gRPC metadata and status texts as HTTP/2 headers. */
import { limits } from "../base/limits.ts";
import type { CallMetadata } from "./attachable.ts";

const ENCODED_SUFFIX = "-encoded";

/**
 * Reads HTTP/2 headers as gRPC metadata, keeping repeated keys apart.
 *
 * `rawHeaders` is Node's flat list [name, value, name, value, ...]. Node's joined header object must not be used: a
 * pattern may contain ", ". Node decodes values as latin1, while BuildKit 0.8 sends raw UTF-8; from 0.12 on values of a
 * key K are query-escaped when `K-encoded: 1` is there (checked on the BuildKit of Docker 20.10 and 28.5).
 */
export function readMetadata(rawHeaders: readonly string[]): CallMetadata {
  const metadata = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const key = rawHeaders[at] ?? "";
    if (key.startsWith(":")) continue;
    const value = Buffer.from(rawHeaders[at + 1] ?? "", "latin1").toString("utf8");
    const values = metadata.get(key);
    if (values === undefined) metadata.set(key, [value]);
    else values.push(value);
  }
  for (const [key, values] of metadata) {
    if (metadata.get(`${key}${ENCODED_SUFFIX}`)?.[0] !== "1") continue;
    metadata.set(key, values.map(queryUnescape));
  }
  return metadata;
}

function queryUnescape(text: string): string {
  const bytes = text.replaceAll("+", " ").replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  // Escaped text is pure ASCII, so every char is one byte of the UTF-8 that was escaped.
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/**
 * A status text as `grpc-message` wants it: UTF-8, percent-encoded outside printable ASCII. Blanks at the ends are
 * dropped, since receivers strip them and may then lose the whole text. Cut: Go's header limit is megabytes, but an error
 * text that long helps nobody.
 */
export function encodeStatusMessage(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text.trim(), "utf8").subarray(0, limits.statusMessageBytes)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
