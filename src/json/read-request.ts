/** A line of standard input: a command as people type it, or an object with one. Pure. */
import { BktuiError } from "../base/errors.ts";

export interface JsonRequest {
  /** Comes back with the answer; undefined = none was given. */
  readonly id: string | number | undefined;
  readonly command: string;
}

/** More than anybody needs to tell answers apart. */
const MOST_ID_CHARACTERS = 200;

/** `break 12` or `{"id": 7, "command": "break 12"}`. Or what is wrong with it. */
export function readRequest(line: string): JsonRequest | RefusedRequest {
  const text = line.trim();
  if (!text.startsWith("{")) return { id: undefined, command: text };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(undefined, `no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { id, command } = value as { readonly id?: unknown; readonly command?: unknown };
  const known = (typeof id === "number" && Number.isFinite(id)) || typeof id === "string" ? id : undefined;
  if (id !== undefined && id !== null && known === undefined)
    return refused(undefined, "id is neither a string nor a number");
  if (typeof known === "string" && known.length > MOST_ID_CHARACTERS)
    return refused(undefined, `id has more than ${MOST_ID_CHARACTERS} characters`);
  if (typeof command !== "string") return refused(known, "command is missing, or is no string");
  if (/[\r\n]/.test(command)) return refused(known, "command has more than one line");
  return { id: known, command };
}

export interface RefusedRequest {
  readonly id: string | number | undefined;
  readonly error: BktuiError;
}

function refused(id: RefusedRequest["id"], message: string): RefusedRequest {
  const hint = 'a line is a command, or {"id": 1, "command": "break 12"}';
  return { id, error: new BktuiError("usage", message, { hint }) };
}
