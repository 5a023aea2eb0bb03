/** Paths as bytes, for file names that are no valid UTF-8. */
import { isUtf8 } from "node:buffer";

declare const bytePathBrand: unique symbol;

/**
 * A file path or link target as the file system has it: each char is one byte (latin1), so that names that are no valid
 * UTF-8 survive, and comparing strings compares bytes. Never for display.
 */
export type BytePath = string & { readonly [bytePathBrand]: true };

export function fromBytes(bytes: Uint8Array): BytePath {
  return brand(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"));
}

export function fromText(text: string): BytePath {
  return isAscii(text) ? brand(text) : fromBytes(Buffer.from(text, "utf8"));
}

/** For Node's file functions. */
export function toBytes(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

/** For patterns and messages; bytes that are no UTF-8 become U+FFFD. */
export function toText(path: BytePath): string {
  return isAscii(path) ? path : Buffer.from(path, "latin1").toString("utf8");
}

/** Whether the name can be shown, and be part of a protobuf string. */
export function isUtf8Path(path: BytePath): boolean {
  return isAscii(path) || isUtf8(Buffer.from(path, "latin1"));
}

/** `directory` may be "" (the root of a walk). */
export function joinBytes(directory: BytePath, name: BytePath): BytePath {
  return directory === "" ? name : brand(`${directory}/${name}`);
}

/** The part between two positions, as `slice` of a string. */
export function sliceBytes(path: BytePath, from: number, to?: number): BytePath {
  return brand(path.slice(from, to));
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > 0x7f) return false;
  }
  return true;
}

function brand(latin1: string): BytePath {
  // The only place where a plain string becomes a BytePath; every caller has made it from bytes, ASCII or another one.
  return latin1 as BytePath;
}
