/**
 * Definitions in files, written by any program: marshalled `pb.Definition`, or JSON with one in base64. All is looked at
 * before an engine sees it, so what is wrong is told with its place.
 */
import { pb } from "#proto";
import { BktuiError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { wrongInputs, wrongWith } from "./definition-checks.ts";
import { type WireField, wireFields } from "./definition-wire.ts";
import { guessOf } from "./file-guess.ts";
import { digestOfOp } from "./llb.ts";
import { isDigest } from "./scalars.ts";

export interface DefinitionFile {
  /** Inputs first. */
  readonly definition: pb.Definition.$Shape;
  /** What JSON says of the image, as JSON. */
  readonly imageConfig: object | undefined;
  /** What is odd about it and stops no build. */
  readonly notes: readonly string[];
}

/** Searched for, not matched: V8's matcher runs out of its stack over texts of megabytes. */
const NOT_BASE64 = /[^A-Za-z0-9+/_\s=-]/;
const MOST_PADDING = 2;
/** Characters in front of a comment. */
const MOST_INDENT = 1000;

/**
 * @param name of the file, for messages
 * @throws {BktuiError} "bad-request" with the byte, line or operation at which something is wrong.
 */
export function parseDefinitionFile(bytes: Uint8Array, name: string): DefinitionFile {
  if (bytes.length === 0)
    throw new BktuiError("bad-request", `${name} is empty`, { hint: "did the program that writes it fail?" });
  try {
    return { ...parseDefinition(bytes, name), imageConfig: undefined };
  } catch (error) {
    // Text is never a definition by chance: its first byte names a field that there is not.
    const json = withoutComments(textOf(bytes) ?? "");
    if (json.trimStart().startsWith("{")) return ofJson(json, bytes, name);
    const guess = error instanceof BktuiError ? guessOf(bytes) : undefined;
    if (guess === undefined || !(error instanceof BktuiError)) throw error;
    throw new BktuiError(error.code, `${error.message}; ${guess.what}`, { cause: error, hint: guess.hint });
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function ofJson(json: string, bytes: Uint8Array, name: string): DefinitionFile {
  const read = parsedJson(json, bytes, name);
  const { definition, imageConfig } = Object(read) as { readonly [key: string]: unknown };
  if (typeof definition !== "string")
    throw new BktuiError("bad-request", `${name} is JSON without "definition", a text in base64`, {
      hint: hintOf(Object(read)),
    });
  const odd = oddAt(definition);
  if (odd !== undefined)
    throw new BktuiError("bad-request", `${name}: "definition" is no base64 at character ${odd + 1}`);
  const isObject = typeof imageConfig === "object" && imageConfig !== null && !Array.isArray(imageConfig);
  if (imageConfig !== undefined && imageConfig !== null && !isObject)
    throw new BktuiError("bad-request", `${name}: "imageConfig" is no object`);
  const decoded = Buffer.from(definition, "base64");
  if (decoded.length === 0) throw new BktuiError("bad-request", `${name}: "definition" is empty`);
  return {
    ...parseDefinition(decoded, `"definition" of ${name}`),
    imageConfig: isObject ? imageConfig : undefined,
  };
}

function parsedJson(json: string, bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    const skipped =
      Buffer.from(bytes)
        .toString("utf8")
        .replace(/^\ufeff/, "").length - json.length;
    const position = Number(/at position (\d+)/.exec(why ?? "")?.[1] ?? json.length) + skipped;
    const line = Buffer.from(bytes).toString("utf8").slice(0, position).split("\n").length;
    const isLines = /^\{[^\n]*"Op"[^\n]*\}\n/.test(json);
    throw new BktuiError("bad-request", `${name} begins like JSON and is none: line ${line} (${clip(why)})`, {
      cause: error,
      hint: isLines ? DUMPED : "JSON of a definition is one object: definition (base64) and imageConfig",
    });
  }
}

const DUMPED =
  "this is what buildctl debug dump-llb prints, for reading; give the definition that it was made from";

function hintOf(read: Readonly<Record<string, unknown>>): string {
  if ("Op" in read || "Digest" in read) return DUMPED;
  if ("steps" in read || "deploy" in read)
    return "a build plan is compiled first by its own tool; --source FILE shows it beside its definition";
  return "JSON of a definition is one object: definition (base64) and imageConfig";
}

function clip(text = ""): string {
  const shown = 120;
  return text.length <= shown ? text : `${text.slice(0, shown)}…`;
}

/** Undefined = it is base64. */
function oddAt(text: string): number | undefined {
  const padding = text.indexOf("=");
  const isEnd = padding < 0 || padding >= text.trimEnd().length - MOST_PADDING;
  return NOT_BASE64.exec(text)?.index ?? (isEnd ? undefined : padding);
}

/** Comments, e.g. `#syntax=`, in front of JSON. */
function withoutComments(text: string): string {
  let at = text.startsWith("\ufeff") ? 1 : 0;
  for (;;) {
    const start = at + (/\S/.exec(text.slice(at, at + MOST_INDENT))?.index ?? 0);
    if (text[start] !== "#") return text.slice(at);
    const end = text.indexOf("\n", start);
    if (end < 0) return "";
    at = end + 1;
  }
}

/** @throws {BktuiError} "bad-request". */
function parseDefinition(bytes: Uint8Array, name: string): Omit<DefinitionFile, "imageConfig"> {
  const fields = wireFields(bytes, name);
  const operations = fields.filter(({ field }) => field === OPERATIONS);
  if (operations.length === 0) throw bad(`${name} is no definition: it has no operations`);
  if (operations.length - 1 > limits.vertices)
    throw new BktuiError(
      "bad-request",
      `${name} has ${operations.length} operations; bktui steps through ${limits.vertices} at most`,
      { hint: "let its program write the part that is to be looked at" },
    );
  let definition: pb.Definition.$Shape;
  try {
    definition = pb.Definition.decode(bytes);
  } catch (error) {
    const broken = fields.find((field) => isBroken(bytes, field)) ?? operations[0];
    const what = `${name} is no definition: its ${WORDS.get(broken?.field ?? 0)} at byte ${broken?.at} cannot be read`;
    throw new BktuiError("bad-request", what, { cause: error });
  }
  const ordered = checkedOperations(definition, operations, name);
  return { definition: { ...plain(definition), def: ordered }, notes: notesOf(definition, name) };
}

const OPERATIONS = 1;
const WORDS: ReadonlyMap<number, string> = new Map([
  [OPERATIONS, "operation"],
  [2, "entry of metadata"],
  [3, "source map"],
]);

/** A decoded message has some of its fields on its prototype. */
function plain({ metadata, Source }: pb.Definition.$Shape): pb.Definition.$Shape {
  return { metadata: metadata ?? {}, Source: Source ?? null };
}

function isBroken(bytes: Uint8Array, { at, end }: WireField): boolean {
  try {
    pb.Definition.decode(bytes.subarray(at, end));
    return false;
  } catch {
    return true;
  }
}

/** Each one looked at, in an order in which inputs come first. */
function checkedOperations(
  { def, metadata }: pb.Definition.$Shape,
  fields: readonly WireField[],
  name: string,
): Uint8Array[] {
  const place = (index: number): string => `operation ${index + 1} of ${name}, at byte ${fields[index]?.at}`;
  const all = def ?? [];
  const byDigest = new Map<string, Operation>();
  for (const [index, bytes] of all.slice(0, -1).entries()) {
    const op = decoded(bytes, place(index));
    const wrong = wrongWith(op);
    if (wrong !== undefined) throw bad(`${place(index)}: ${wrong}`);
    const digest = digestOfOp(bytes);
    checkMetadata(metadata?.[digest], place(index));
    if (!byDigest.has(digest)) byDigest.set(digest, { index, bytes, inputs: digestsOf(op) });
  }
  const last = all.length - 1;
  const terminal = all[last] ?? new Uint8Array();
  checkTerminal(terminal, byDigest, place(last));
  for (const { index, inputs } of byDigest.values())
    for (const input of inputs)
      if (!byDigest.has(input)) throw bad(`${place(index)}: its input ${input} is missing`);
  return [...inOrder(byDigest), terminal];
}

interface Operation {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
}

function decoded(bytes: Uint8Array, place: string): ReturnType<typeof pb.Op.decode> {
  try {
    return pb.Op.decode(bytes);
  } catch (error) {
    throw new BktuiError("bad-request", `${place}: it cannot be read`, { cause: error });
  }
}

function checkMetadata(bytes: Uint8Array | undefined, place: string): void {
  try {
    pb.OpMetadata.decode(bytes ?? new Uint8Array());
  } catch (error) {
    throw new BktuiError("bad-request", `${place}: its metadata cannot be read`, { cause: error });
  }
}

function digestsOf({ inputs }: pb.Op.$Shape): readonly string[] {
  return (inputs ?? []).map(({ digest }) => digest ?? "");
}

function checkTerminal(bytes: Uint8Array, byDigest: ReadonlyMap<string, Operation>, place: string): void {
  const op = decoded(bytes, place);
  if (op.op !== undefined)
    throw new BktuiError(
      "bad-request",
      `${place}: it is of the kind ${op.op}, and the last one only names the result`,
      {
        hint: "the end of the definition may be missing",
      },
    );
  const wrong = wrongInputs(op.inputs ?? []);
  if (wrong !== undefined) throw bad(`${place}, which names the result: ${wrong}`);
  const missing = digestsOf(op).find((digest) => !byDigest.has(digest));
  if (missing !== undefined) throw bad(`${place}, which names the result: ${missing} is missing`);
}

/** There is no circle: an operation has the digests of its inputs in its bytes. */
function inOrder(byDigest: ReadonlyMap<string, Operation>): readonly Uint8Array[] {
  const done = new Set<string>();
  const ordered: Uint8Array[] = [];
  for (const first of byDigest.keys()) {
    const pending = [first];
    for (let digest = pending.at(-1); digest !== undefined; digest = pending.at(-1)) {
      const operation = byDigest.get(digest);
      const left = (operation?.inputs ?? []).filter((input) => !done.has(input));
      if (!done.has(digest) && left.length > 0) {
        // One operation may have more inputs than a call takes arguments.
        for (const input of left) pending.push(input);
        continue;
      }
      pending.pop();
      if (done.has(digest) || operation === undefined) continue;
      done.add(digest);
      ordered.push(operation.bytes);
    }
  }
  return ordered;
}

function notesOf({ def, metadata, Source }: pb.Definition.$Shape, name: string): readonly string[] {
  const known = new Set((def ?? []).map(digestOfOp) as string[]);
  const keys = Object.keys(metadata ?? {});
  const strange = keys.filter((key) => !known.has(key));
  const files = Source?.infos?.length ?? 0;
  const located = Object.entries(Source?.locations ?? {});
  const nowhere = located.filter(
    ([digest, { locations }]) =>
      !known.has(digest) || (locations ?? []).some(({ sourceIndex }) => !isIndex(sourceIndex ?? 0, files)),
  );
  return [
    ...(strange.length === 0
      ? []
      : [
          `${name}: ${strange.length} of ${keys.length} entries of metadata are of no operation${exampleOf(strange)}`,
        ]),
    ...(nowhere.length === 0
      ? []
      : [
          `${name}: ${nowhere.length} of ${located.length} places of its source map lead nowhere${exampleOf(nowhere.map(([digest]) => digest))}`,
        ]),
  ];
}

function isIndex(index: number, count: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < count;
}

function exampleOf([first = ""]: readonly string[]): string {
  return `, e.g. ${isDigest(first) ? first : JSON.stringify(clip(first))}`;
}

function bad(message: string): BktuiError {
  return new BktuiError("bad-request", message);
}
