/** The texts that steps stand in, as the protocol names them, and where a line of theirs is in the program. Pure. */
import { createHash } from "node:crypto";
import { basename, isAbsolute, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { visibleLine, visibleSource } from "../../base/visible.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { ownDockerfile, sourceName, sourcePath } from "../../engine/build-sources.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import { linkedAt, ownText } from "../../graph/linked-parts.ts";
import type { LinkedPart, Program } from "../../graph/program.ts";
import type { SourceArgument } from "../requests/arguments.ts";
import type { ClientFacts } from "./client.ts";

/** Of a text that the client has to ask for. */
const OWN_REFERENCE = 1;

/** One text of a build. */
export interface Text {
  readonly source: DebugProtocol.Source;
  /** Undefined before the build is loaded. */
  readonly text: string | undefined;
  /** Lines of the program before its first one. */
  readonly before: number;
}

export interface SourcesOptions {
  readonly request: BuildRequest;
  readonly program: Program | undefined;
  readonly client: Pick<ClientFacts, "uris">;
  masked(text: string): string;
}

/** Of one loaded program, or of one that is not loaded yet. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #own: Text;
  readonly #linked: readonly { readonly part: LinkedPart; readonly text: Text }[];

  constructor(options: SourcesOptions) {
    this.#options = options;
    const { program } = options;
    this.#own = this.#ownText();
    this.#linked = (program?.linked ?? []).map((part, index) => ({
      part,
      text: linkedText(program?.text ?? "", part, OWN_REFERENCE + 1 + index),
    }));
  }

  get all(): readonly Text[] {
    return [this.#own, ...this.#linked.map(({ text }) => text)];
  }

  /** Where a line of the program stands. */
  at(line: Line): { readonly source: DebugProtocol.Source; readonly line: Line } {
    const { program } = this.#options;
    const part = program === undefined ? undefined : linkedAt(program, line);
    const text = this.#linked.find((each) => each.part === part)?.text ?? this.#own;
    return { source: text.source, line: lineOf(line - text.before) };
  }

  /** The text that a client means; undefined = none of this build. */
  find({ path, sourceReference, name }: SourceArgument): Text | undefined {
    if (typeof sourceReference === "number" && sourceReference > 0)
      return this.all.find(({ source }) => source.sourceReference === sourceReference);
    const wanted = plainPath(path ?? undefined);
    if (wanted === undefined)
      return this.all.find(({ source }) => source.path === undefined && source.name === name);
    const { request } = this.#options;
    const own = ownDockerfile(request) ?? sourcePath(request);
    return own !== undefined && samePath(wanted, own) ? this.#own : undefined;
  }

  /** Bounded by what the frontend reads; masked, and harmless with the lines that it has. */
  content(text: Text): string {
    return visibleSource(this.#options.masked(text.text ?? ""));
  }

  #ownText(): Text {
    const { request, program, client } = this.#options;
    const path = fileOf(request);
    const name = visibleLine(sourceName(request));
    const text = program === undefined ? undefined : ownText(program);
    const isFile = path !== undefined && (program === undefined || program.form !== "listing");
    if (!isFile) {
      const origin = program?.form === "listing" ? "made of the definition" : "not a file of this machine";
      return { source: { name, sourceReference: OWN_REFERENCE, origin }, text, before: 0 };
    }
    const checksums =
      text === undefined || program?.form !== "dockerfile"
        ? {}
        : { checksums: [{ algorithm: "SHA256" as const, checksum: sha256(text) }] };
    return {
      source: { name, path: client.uris ? pathToFileURL(path).href : path, ...checksums },
      text,
      before: 0,
    };
  }
}

type SourceChange = DebugProtocol.LoadedSourceEvent["body"];

/**
 * What a client that was told of the former texts has to be told of these: reading a build again says nothing about a text
 * that is the same.
 */
export function sourceChanges(former: readonly Text[], now: readonly Text[]): readonly SourceChange[] {
  const [before, after] = [byIdentity(former), byIdentity(now)];
  const gone = former.filter(({ source }) => !after.has(identityOf(source)));
  return [
    ...gone.map(({ source }): SourceChange => ({ reason: "removed", source })),
    ...now.flatMap(({ source, text }): SourceChange[] => {
      const known = before.get(identityOf(source));
      if (known === undefined) return [{ reason: "new", source }];
      const isSame = known.text === text && known.source.name === source.name;
      return isSame ? [] : [{ reason: "changed", source }];
    }),
  ];
}

function byIdentity(texts: readonly Text[]): ReadonlyMap<string | number, Text> {
  return new Map(texts.map((text) => [identityOf(text.source), text]));
}

/** What a client knows it by. */
function identityOf({ path, sourceReference = 0 }: DebugProtocol.Source): string | number {
  return path ?? sourceReference;
}

/** Its path as this process has it; undefined for what is none. */
function plainPath(path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  if (!/^file:/i.test(path)) return isAbsolute(path) ? normalize(path) : undefined;
  try {
    return normalize(fileURLToPath(path));
  } catch {
    return undefined;
  }
}

/** Editors send the path that they opened: on a volume that is the same in another case, it may differ in that. */
function samePath(a: string, b: string): boolean {
  const isCaseless = process.platform === "darwin" || process.platform === "win32";
  return isCaseless ? a.toLowerCase() === normalize(b).toLowerCase() : a === normalize(b);
}

function fileOf(request: BuildRequest): string | undefined {
  return ownDockerfile(request) ?? (request.source.kind === "dockerfile" ? undefined : sourcePath(request));
}

function linkedText(all: string, part: LinkedPart, sourceReference: number): Text {
  const lines = all.split("\n").slice(part.before, part.end);
  const name = visibleLine(join(part.target, basename(part.filename)));
  return {
    source: { name, sourceReference, origin: `Dockerfile of the target ${visibleLine(part.target)}` },
    text: `${lines.join("\n")}\n`,
    before: part.before,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
